"""Where a request stands in the list that the agent opened it from: what comes before and after it,
and the way back. The list is its query string, as Django's admin carries it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.search.lookups import is_uuid

QUEUE_URL_NAME: Final = "admin:registrations_request_changelist"
LIST_PARAMETER: Final = "_changelist_filters"
NEXT_PARAMETER: Final = "suivante"
COUNT_LIMIT: Final = 1000  # rows that are counted at most
_LONGEST: Final = 2000


class ListedRequestAdmin(admin.ModelAdmin[Request]):
    """The admin of the requests, as the decision page knows it."""

    def select_readable(self, http: HttpRequest) -> QuerySet[Request]:
        """The requests that the agent may open: their scope, and those on which their opinion is
        awaited.
        """
        raise NotImplementedError

    def select_listed(self, http: HttpRequest, query: str) -> QuerySet[Request]:
        """The requests of the agent's list, in its order."""
        raise NotImplementedError

    def render_page(
        self, http: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> TemplateResponse:
        """A page of `registrations/request/`, in the frame of the administration."""
        frame = {**self.admin_site.each_context(http), "opts": self.opts}
        template = f"admin/registrations/request/{template}.html"
        return TemplateResponse(http, template, {**frame, **context}, status=status)


def read_list_query(http: HttpRequest) -> str:
    """The query string of the list; empty for the list without filters."""
    return http.GET.get(LIST_PARAMETER, "")[:_LONGEST]


def build_queue_url(query: str) -> str:
    queue = reverse(QUEUE_URL_NAME)
    return f"{queue}?{query}" if query else queue


def build_place_query(query: str, following: Request | None = None) -> str:
    """What an address of the decision page needs to walk the list on. `following`: the request that
    comes next although this one has moved in the list since.
    """
    said = {LIST_PARAMETER: query} if query else {}
    if following is not None:
        said[NEXT_PARAMETER] = str(following.pk)
    return f"?{urlencode(said)}" if said else ""


@dataclass(frozen=True, slots=True)
class ListPlace:
    """`number` of `total`: None where the list is too long to be counted, or no longer has it."""

    list_query: str
    previous: Request | None
    following: Request | None
    next_to_do: Request | None
    number: int | None
    total: int | None

    @property
    def query(self) -> str:
        return build_place_query(self.list_query)

    @property
    def queue_url(self) -> str:
        return build_queue_url(self.list_query)


def find_list_place(model_admin: ListedRequestAdmin, http: HttpRequest, item: Request) -> ListPlace:
    query = read_list_query(http)
    rows = model_admin.select_listed(http, query)
    order = [str(field) for field in rows.query.order_by]
    values = _read_position(item, order)
    before, after = _select_before(order, values), _select_after(order, values)
    backwards = [field[1:] if field.startswith("-") else f"-{field}" for field in order]
    plain = rows.select_related(None).only("reference", "status")
    number, total = _count_place(rows, item, before)
    previous = None if number == 1 else plain.filter(before).order_by(*backwards).first()
    following = _find_told_next(plain, http, item)
    if following is None and (number is None or number != total):
        following = plain.filter(after).first()
    return ListPlace(
        list_query=query,
        previous=previous,
        following=following,
        next_to_do=_find_next_to_do(plain, item, following, after),
        number=number,
        total=total,
    )


def _find_told_next(rows: QuerySet[Request], http: HttpRequest, item: Request) -> Request | None:
    """The one that the last act named, while the list still has it."""
    key = http.GET.get(NEXT_PARAMETER, "")
    return rows.filter(pk=key).exclude(pk=item.pk).first() if is_uuid(key) else None


def _find_next_to_do(
    rows: QuerySet[Request], item: Request, following: Request | None, after: Q
) -> Request | None:
    """The next one that waits for a decision, and not for its author."""
    if following is None or following.status == RequestStatus.SUBMITTED:
        return following
    return rows.filter(after, status=RequestStatus.SUBMITTED).exclude(pk=item.pk).first()


def _count_place(
    rows: QuerySet[Request], item: Request, before: Q
) -> tuple[int | None, int | None]:
    listed = rows.select_related(None).values("pk")[: COUNT_LIMIT + 1]
    found = Request.objects.filter(pk__in=listed).aggregate(
        total=Count("pk"),
        before=Count("pk", filter=before),
        here=Count("pk", filter=Q(pk=item.pk)),
    )
    if found["total"] > COUNT_LIMIT:
        return None, None
    return (found["before"] + 1 if found["here"] else None), found["total"]


# --- before and after, by the values that the list is sorted by -----------------------------------


def _read_position(item: Request, order: Sequence[str]) -> dict[str, Any]:
    """A request that is decided keeps the place that it had while it waited."""
    values = {name: getattr(item, name) for name in (field.lstrip("-") for field in order)}
    if "status" in values and not item.is_open:
        values["status"] = RequestStatus.SUBMITTED
    return values


def _select_before(order: Sequence[str], values: Mapping[str, Any]) -> Q:
    return _select_beyond(order, values, descending="gt", ascending="lt")


def _select_after(order: Sequence[str], values: Mapping[str, Any]) -> Q:
    return _select_beyond(order, values, descending="lt", ascending="gt")


def _select_beyond(
    order: Sequence[str], values: Mapping[str, Any], *, descending: str, ascending: str
) -> Q:
    """The first field bounds the whole, so that its index starts there."""
    found, same, bound = Q(), Q(), Q()
    for field in order:
        name = field.lstrip("-")
        way = descending if field.startswith("-") else ascending
        found |= same & Q(**{f"{name}__{way}": values[name]})
        same &= Q(**{name: values[name]})
        bound = bound or Q(**{f"{name}__{way}e": values[name]})
    return bound & found
