"""The lock and the checks that every change of a request starts with."""

from datetime import datetime
from uuid import UUID

from accounts.habilitations.staff.permissions import get_staff, may_decide, may_see_request
from accounts.people.account_states import check_sign_in
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.text.dates import french_moment
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_rules import is_act_allowed

_ENDED = {
    RequestStatus.APPROVED: "acceptée",
    RequestStatus.REFUSED: "refusée",
    RequestStatus.CANCELLED: "annulée",
}


def lock_request(request_id: UUID) -> Request:
    """Lock the request's author, then the request, until the end of the transaction.

    Every flow locks in this order, `submit_request` included, so that none deadlocks.
    """
    rows = Request.objects.filter(pk=request_id)
    owners = User.objects.select_for_update(no_key=True)
    owner = owners.filter(pk__in=rows.values_list("user_id")).first()
    locked = rows.select_for_update(of=("self",)).select_related(
        *("platform", "profile", "branch", "department", "delegation", "dga")
    )
    request = locked.first() if owner is not None else None
    if owner is None or request is None:  # erased, perhaps since the first look
        raise Refused("unknown_request", "Cette demande n’existe pas ou plus.")
    request.user = owner  # the locked row, with its current status
    return request


def lock_for_agent(
    request_id: UUID, act: RequestAct, actor_user: User, version: int | None = None
) -> Request:
    """Lock the request for an act of an agent who may decide it, in a state that allows the act.
    `version`: the one that they have read, for an act that a stale page must not do.
    """
    request = lock_request(request_id)
    ensure_reviewer(request, actor_user)
    ensure_allowed(request, act, for_staff=True)
    if version is not None:
        ensure_version(request, version)
    return request


def describe_request_state(request: Request, *, for_staff: bool) -> str:
    """The current state of `request` as a French sentence: since when and, for staff, by whom."""
    word = _ENDED.get(RequestStatus(request.status))
    if word is None:
        return f"La demande {request.reference} est {request.get_status_display()}."
    events = RequestEvent.objects.filter(request=request, act=request.status)
    event = events.order_by("-at", "-id").first()
    sentence = f"La demande {request.reference} est déjà {word}"
    if event is None:
        return f"{sentence}."
    # An agent, or the administrator of the establishment whose invitation decided.
    decider = event.actor if event.actor != request.user.public_id else None
    by = _format_agent_name(decider) if for_staff else ""
    return f"{sentence}{by}, le {french_moment(event.at)}."


def _format_agent_name(public_id: UUID | None) -> str:
    person = User.objects.filter(public_id=public_id).first() if public_id else None
    return f" par {person}" if person else ""


def find_unshown_message(request: Request, shown: int | None) -> datetime | None:
    """When an agent first wrote after the message of this number, among what the applicant has not
    read. None when they were shown everything, as those are who ask without a page.
    """
    if shown is None or request.person_unread_since is None:
        return None
    unread = request.messages.filter(written_by__isnull=False, pk__gt=shown)
    unread = unread.filter(sent_at__gte=request.person_unread_since)
    found: datetime | None = unread.order_by("sent_at").values_list("sent_at", flat=True).first()
    return found


def ensure_author(request: Request, user: User) -> None:
    """Refuse anybody but the author of the locked request, and an account that is not active."""
    if request.user_id != user.pk:
        raise Refused("unknown_request", "Cette demande n’existe pas ou plus.")
    if request.user.status != Status.ACTIVE:
        raise Refused("account_not_active", "Votre compte n’est pas actif.")


def ensure_allowed(request: Request, act: RequestAct, *, for_staff: bool) -> None:
    if not is_act_allowed(act, request.status):
        raise WrongState("wrong_state", describe_request_state(request, for_staff=for_staff))


def ensure_version(request: Request, version: int) -> None:
    """Refuse a decision made on a stale page: the request has changed since it was opened."""
    if request.version != version:
        raise WrongState(
            "stale",
            f"La demande {request.reference} a changé depuis l’ouverture de cette page. "
            "Relisez-la avant de décider.",
        )


def ensure_reachable(request: Request, now: datetime) -> None:
    """Refuse to write to, or to wait for, a person who can no longer log in: they would be told of
    what they cannot read, and the clock would stand for an answer that cannot come.
    """
    if not check_sign_in(request.user, now).allowed:
        raise Refused(
            "unreachable",
            f"Le compte de cette personne est {request.user.get_status_display()}\u00a0: elle ne "
            "peut ni lire ce message ni y répondre. Joignez-la par téléphone, ou décidez sans "
            "attendre.",
        )


def ensure_reviewer(request: Request, actor_user: User) -> None:
    """Refuse an agent who may not decide, is out of scope, or is the author of the request."""
    staff = get_staff(actor_user)
    if not may_decide(staff):
        raise Refused("not_allowed", "Votre rôle ne permet pas d’agir sur les demandes.")
    if not may_see_request(staff, delegation_id=request.delegation_id, dga_id=request.dga_id):
        raise Refused("out_of_scope", "Cette demande n’est pas dans votre périmètre.")
    if request.user_id == actor_user.pk:
        raise Refused("own_request", "Vous ne pouvez pas agir sur votre propre demande.")
