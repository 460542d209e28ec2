"""The queue's list: bounded in what it counts and sorts, so that it costs the same at any size."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.people.models import User
from registrations.desk.decision.list_place import COUNT_LIMIT, build_place_query
from registrations.desk.decision.panels.blocked_people import find_blocked_among
from registrations.desk.queue.changes import build_list_stamp
from registrations.desk.queue.filters import (
    TO_DO,
    QueueFilter,
    RelatedRequestsFilter,
    StatusFilter,
)
from registrations.desk.queue.reference_tables import get_reference_tables
from registrations.desk.queue.rows import (
    ROW_COLUMNS,
    ROW_RELATIONS,
    FoldedColumns,
    QueueRow,
    build_rows,
    fold_columns,
)
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_clock import get_page_time


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
    def _seen(self) -> tuple[int, int]:
        """How many, and how many of them wait for their author."""
        rows = cast("QuerySet[Request]", self.object_list).order_by()
        found = rows.values("status")[: self.LIMIT + 1].aggregate(
            number=Count("status"),
            waiting=Count("status", filter=Q(status=RequestStatus.AWAITING_DOCUMENT)),
        )
        return found["number"], found["waiting"]

    @cached_property
    def count(self) -> int:
        return min(self._seen[0], self.LIMIT)

    def validate_number(self, number: Any) -> int:
        """The last page for one that is no longer there: an act on its rows has emptied it."""
        return super().validate_number(min(int(number), self.num_pages))

    @property
    def more(self) -> bool:
        return self._seen[0] > self.LIMIT

    @property
    def stamp(self) -> str:
        return build_list_stamp(*self._seen)


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
        self.queryset = _select_row(whole)
        super().get_results(request)
        self.page_num = min(self.page_num, self.paginator.num_pages)
        self.queryset = whole
        shown = self.result_list = self._shown()  # or Django asks for them again, to count them
        get_reference_tables(request).attach_to(shown)
        self.rows = build_rows(
            shown,
            user=cast(User, request.user),
            blocked=find_blocked_among(shown),
            place=build_place_query(request.GET.urlencode()),
            now=get_page_time(request),
        )

    def _shown(self) -> list[Request]:
        """The rows of this page. What a search finds is found by its keys first: with the joins of
        a row beside those of the words, PostgreSQL no longer looks for the best order.
        """
        found = cast("QuerySet[Request]", self.result_list)
        if not self.query:
            return list(found)
        keys = list(found.values_list("pk", flat=True))
        rows = _select_row(self.root_queryset).in_bulk(keys)
        return [rows[key] for key in keys if key in rows]

    @cached_property
    def shown(self) -> FoldedColumns:
        return fold_columns(self.rows)

    @property
    def active_filters(self) -> list[tuple[str, str]]:
        """What the address asks for, in words; the status is always one of them."""
        return [
            (str(spec.title), label)
            for spec in self.filter_specs
            if isinstance(spec, QueueFilter | RelatedRequestsFilter)
            and (label := spec.chosen_label)
        ]

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


def _select_row(rows: "QuerySet[Request]") -> "QuerySet[Request]":
    return rows.select_related(None).select_related(*ROW_RELATIONS).only(*ROW_COLUMNS)


class ListedRequests(QueueList):
    """The condition and the order of a list, for the pages of its requests: no row is read."""

    def get_results(self, request: HttpRequest) -> None:
        self.rows = []
