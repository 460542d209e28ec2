"""Ways to find requests, as their author sees them."""

from uuid import UUID

from django.db.models import Case, OuterRef, QuerySet, Value, When

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.querysets import MGESTION_COMPANY, MGESTION_TRAINING
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


def requests_in_brief(user: User) -> QuerySet[Request]:
    """The same, with what a link to each needs: no other table is read."""
    return (
        Request.objects.filter(user=user)
        .only("reference", "company_name", "status", "may_resubmit")
        .order_by("-submitted_at", "-reference")
    )


def open_requests(user: User) -> QuerySet[Request]:
    return own_requests(user).filter(status__in=OPEN_STATUSES)


def open_on_platform(user: User, code: OuterRef) -> QuerySet[Request]:
    """For a subquery: the open requests of `user` for the M-Gestion platform of that code (D38)."""
    platform = Case(
        When(kind=EstablishmentKind.ENTREPRISE, then=Value(MGESTION_COMPANY)),
        default=Value(MGESTION_TRAINING),
    )
    rows = Request.objects.filter(user=user, status__in=OPEN_STATUSES)
    return rows.alias(code=platform).filter(code=code).order_by("-submitted_at", "-reference")


def applicant_events(request: Request) -> QuerySet[RequestEvent]:
    """The lines of history that the applicant may read, newest first."""
    return RequestEvent.objects.filter(request=request, act__in=APPLICANT_ACTS).order_by(
        "-at", "-id"
    )


def with_details(request_id: UUID) -> Request | None:
    """One request for a letter, with its owner."""
    return Request.objects.select_related("user", *_SHOWN).filter(pk=request_id).first()
