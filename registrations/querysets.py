"""Ways to find requests, as their author sees them."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from registrations.enums import OPEN_STATUSES
from registrations.models import Request, RequestEvent
from registrations.rules import APPLICANT_ACTS

_SHOWN = ("delegation", "dga", "department", "branch", "profile", "refusal_reason")


def own_requests(user: User) -> QuerySet[Request]:
    """The requests of `user`, newest first, with what a page or a letter shows of them."""
    return (
        Request.objects.filter(user=user)
        .select_related(*_SHOWN)
        .order_by("-submitted_at", "-reference")
    )


def open_requests(user: User) -> QuerySet[Request]:
    return own_requests(user).filter(status__in=OPEN_STATUSES)


def applicant_events(request: Request) -> QuerySet[RequestEvent]:
    """The lines of history that the applicant may read, newest first."""
    return RequestEvent.objects.filter(request=request, act__in=APPLICANT_ACTS).order_by(
        "-at", "-id"
    )


def with_details(request_id: UUID) -> Request | None:
    """One request for a letter, with its owner."""
    return Request.objects.select_related("user", *_SHOWN).filter(pk=request_id).first()
