"""Querysets of requests, as their author sees them."""

from typing import Final
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request, RequestEvent, RequestQuerySet
from registrations.requests.review.review_rules import APPLICANT_ACTS

_SHOWN = ("platform", "delegation", "dga", "department", "branch", "profile", "refusal_reason")


def select_own_requests(user: User) -> RequestQuerySet:
    """The requests of `user`, newest first, with the related rows that a page or a mail shows."""
    return (
        Request.objects.filter(user=user)
        .select_related(*_SHOWN)
        .order_by("-submitted_at", "-reference")
    )


_SUMMARY: Final = (
    *("reference", "company_name", "status", "may_resubmit", "platform"),
    *("siret", "kind", "department", "phone"),
)


def select_request_summaries(user: User) -> QuerySet[Request]:
    """The requests of `user`, newest first, with only the columns that a link needs."""
    return (
        select_earlier_requests(user)
        .select_related("platform")
        .only(*_SUMMARY, "platform__code", "platform__name")
    )


def select_earlier_requests(user: User) -> QuerySet[Request]:
    """The requests of `user`, newest first, with only the columns that the start of a new form
    needs.
    """
    return Request.objects.filter(user=user).only(*_SUMMARY).order_by("-submitted_at", "-reference")


def select_open_requests(user: User) -> QuerySet[Request]:
    return select_own_requests(user).open()


def annotate_awaited(requests: QuerySet[Request]) -> QuerySet[Request]:
    """Annotate `awaited_until`, the deadline of the open asking or None, and `access_suspended`,
    whether the access that the request opened is suspended.
    """
    asking = Asking.objects.open().filter(request=OuterRef("pk"))
    suspended = Access.objects.suspended().filter(
        user=OuterRef("user"),
        establishment=OuterRef("establishment"),
        platform=OuterRef("platform"),
    )
    return requests.annotate(
        awaited_until=Subquery(asking.values("deadline_at")[:1]),
        access_suspended=Case(
            When(Q(status=RequestStatus.APPROVED), then=Exists(suspended)), default=Value(False)
        ),
    )


def select_requests_behind_access(user: User, access: Access) -> QuerySet[Request]:
    """The approved requests of `user` for the platform and the establishment of `access`, latest
    first: one of them opened it.
    """
    rows = Request.objects.filter(
        user=user,
        status=RequestStatus.APPROVED,
        platform=access.platform_id,
        establishment=access.establishment_id,
    )
    return rows.order_by("-decided_at", "-reference")


def select_applicant_events(request: Request) -> QuerySet[RequestEvent]:
    """The events that the applicant may read, newest first."""
    return RequestEvent.objects.filter(request=request, act__in=APPLICANT_ACTS).order_by(
        "-at", "-id"
    )


def find_request_with_details(request_id: UUID) -> Request | None:
    """A request with its author and the related rows that a mail shows."""
    return Request.objects.select_related("user", *_SHOWN).filter(pk=request_id).first()
