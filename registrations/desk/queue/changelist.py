"""The queue's list: bounded in what it counts and sorts, so that it costs the same at any size."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.people.enums import Status
from registrations.desk.decision.blocked_people import get_blocked_user_ids
from registrations.desk.decision.list_place import COUNT_LIMIT, build_place_query
from registrations.desk.queue.filters import TO_DO, StatusFilter
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.review_clock import DueLabel, describe_due_time, get_page_time
from registrations.requests.review_hints import ReviewHint, split_hint_codes

# What a row of the table reads, and no more: half of the time of fifty rows is in their columns.
_COLUMNS: Final = (
    "reference",
    "last_name",
    "first_name",
    "company_name",
    "siret",
    "kind",
    "status",
    "submitted_at",
    "decided_at",
    "due_at",
    "paused_at",
    "signals",
    "invitation",
    "user__email",
    "user__status",
    "platform__code",
    "platform__name",
    "department__code",
    "department__name",
    "department__in_territory",
    "branch__label",
    "delegation__name",
    "dga__name",
    "assignee__email",
    "assignee__last_name",
    "assignee__first_name",
)


class QueueOrder(NamedTuple):
    fields: tuple[str, ...]
    words: str


# Sorts that an index serves. The due time is indexed for open requests only: closed ones have none.
# Among open ones « -status » puts those that wait for their author after all that can be done.
QUEUE_ORDERS: Final = {
    "echeance": QueueOrder(
        ("-status", "due_at"),
        "la plus urgente d’abord, celles en pause à la fin",
    ),
    "-echeance": QueueOrder(("status", "-due_at"), "la moins urgente d’abord"),
    "recue": QueueOrder(("submitted_at",), "la plus ancienne d’abord"),
    "-recue": QueueOrder(("-submitted_at",), "la plus récente d’abord"),
}


class BoundedPaginator(Paginator[Request]):
    """Counts at most `LIMIT` rows: nobody reads further, one narrows the search instead."""

    LIMIT = COUNT_LIMIT

    @cached_property
    def _seen(self) -> int:
        rows = cast("QuerySet[Request]", self.object_list)
        return rows.order_by().values("status")[: self.LIMIT + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._seen, self.LIMIT)

    @property
    def more(self) -> bool:
        return self._seen > self.LIMIT


@dataclass(frozen=True, slots=True)
class QueueRow:
    request: Request
    address: str
    platform: str
    due: DueLabel | None
    mine: bool
    signals: list[ReviewHint]


def list_signals(item: Request, blocked: Collection[int]) -> list[ReviewHint]:
    """What the signals column says of an open request; a closed one has none to heed."""
    if not item.is_open:
        return []
    raised: set[str] = set(split_hint_codes(item.signals))
    if item.user.status != Status.ACTIVE:
        raised.add(ReviewHint.ACCOUNT)
    if item.user_id in blocked:
        raised.add(ReviewHint.BLOCKED)
    if not item.department.in_territory:
        raised.add(ReviewHint.TERRITORY)
    if item.delegation_id is None:
        raised.add(ReviewHint.UNROUTED)
    return [signal for signal in ReviewHint if signal.value in raised]


@dataclass(frozen=True, slots=True)
class SortHeading:
    """A column's heading that sorts: where it leads, and how the list is sorted by it now."""

    url: str
    aria: str


class QueueList(ChangeList):
    rows: list[QueueRow]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "Demandes d’accès"

    def get_results(self, request: HttpRequest) -> None:
        whole = self.queryset  # the export reads more of each row
        self.queryset = whole.only(*_COLUMNS)
        super().get_results(request)
        self.queryset = whole
        now = get_page_time(request)
        shown = self._shown()
        blocked = get_blocked_user_ids(request)
        place = build_place_query(request.GET.urlencode())
        self.rows = [
            QueueRow(
                item,
                reverse("admin:registrations_request_change", args=[item.pk]) + place,
                get_request_label(item.platform),
                describe_due_time(item, now),
                item.assignee_id == request.user.pk,
                list_signals(item, blocked),
            )
            for item in shown
        ]

    def _shown(self) -> list[Request]:
        """The rows of this page. What a search finds is found by its keys first: with the joins of
        a row beside those of the words, PostgreSQL no longer looks for the best order.
        """
        found = cast("QuerySet[Request]", self.result_list)
        if not self.query:
            return list(found)
        keys = list(found.values_list("pk", flat=True))
        rows = self.apply_select_related(self.root_queryset).only(*_COLUMNS).in_bulk(keys)
        return [rows[key] for key in keys if key in rows]

    @property
    def several_platforms(self) -> bool:
        """Whether the column of the platforms tells something: it folds where all rows agree."""
        return len({row.platform for row in self.rows}) > 1

    @property
    def only_platform(self) -> str:
        """The platform of all rows of the page, when it is one."""
        return self.rows[0].platform if self.rows and not self.several_platforms else ""

    @property
    def open_only(self) -> bool:
        specs = self.filter_specs
        return any(isinstance(spec, StatusFilter) and spec.chosen == TO_DO for spec in specs)

    @property
    def sorted_by(self) -> str:
        """The chosen sort, else what to do next: the most urgent, or the newest once closed."""
        chosen = str(self.params.get(ORDER_VAR, ""))
        if not self.open_only and chosen.endswith("echeance"):
            chosen = ""
        return chosen if chosen in QUEUE_ORDERS else ("echeance" if self.open_only else "-recue")

    def get_ordering(self, request: HttpRequest, queryset: "QuerySet[Any]") -> list[Any]:
        return [*QUEUE_ORDERS[self.sorted_by].fields, "pk"]

    @property
    def order_words(self) -> str:
        return QUEUE_ORDERS[self.sorted_by].words

    @property
    def sort_due(self) -> SortHeading | None:
        return self._sort("echeance") if self.open_only else None

    @property
    def sort_received(self) -> SortHeading:
        return self._sort("recue")

    def _sort(self, name: str) -> SortHeading:
        now = self.sorted_by
        aria = {name: "ascending", f"-{name}": "descending"}.get(now, "none")
        target = f"-{name}" if now == name else name
        return SortHeading(self.get_query_string({ORDER_VAR: target}, [PAGE_VAR]), aria)

    @property
    def pages(self) -> list[tuple[int | None, str]]:
        """Page numbers with their address; None where some are left out."""
        if not self.multi_page:
            return []
        numbers = self.paginator.get_elided_page_range(self.page_num, on_each_side=1, on_ends=1)
        return [
            (number, self.get_query_string({PAGE_VAR: number}))
            if isinstance(number, int)
            else (None, "")
            for number in numbers
        ]


class ListedRequests(QueueList):
    """The condition and the order of a list, for the pages of its requests: no row is read."""

    def get_results(self, request: HttpRequest) -> None:
        self.rows = []
