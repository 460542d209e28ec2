"""Writes an act on a request to its history and to the journal."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.text.dates import french_date
from registrations.requests.enums import RegistrationAct, RequestAct
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_rules import Unread, compute_unread

if TYPE_CHECKING:
    from registrations.invitations.models import Invitation


def write_request_event(
    request: Request,
    act: RequestAct,
    *,
    by: User | None = None,
    agent: User | None = None,
    now: datetime,
    text: str = "",
    internal_note: str = "",
    reason: str = "",
    detail: dict[str, Any] | None = None,
    unshown: datetime | None = None,
) -> RequestEvent:
    """Write one event and one journal entry, by an `agent`, by somebody else or by the system. The
    applicant may read `text`; `internal_note` is for staff; `reason` is a code. In the journal only
    `detail` may hold personal values, because it can be erased. `unshown`: of `compute_unread`.
    """
    who = agent or by
    event = RequestEvent.objects.create(
        request=request,
        at=now,
        act=act,
        actor=who.public_id if who else None,
        by_staff=agent is not None,
        text=text,
        internal_note=internal_note,
    )
    write_journal_entry(
        RegistrationAct(f"request.{act}"),
        actor=Actor.staff(agent) if agent else _build_actor(by),
        object_type="request",
        object_id=str(request.pk),
        person=request.user.public_id,
        reason=reason,
        detail=detail,
        now=now,
    )
    _track_unread(request, act, now, unshown)
    return event


def write_invited_event(request: Request, invitation: "Invitation", now: datetime) -> None:
    """An invitation is the evidence of `request` from now on."""
    write_request_event(
        request,
        RequestAct.INVITED,
        by=invitation.invited_by,
        now=now,
        text=f"Invitation de l’administrateur de l’établissement, du "
        f"{french_date(invitation.sent_at)}\u00a0: rôle {invitation.get_role_display()}.",
    )


def _track_unread(
    request: Request, act: RequestAct, now: datetime, unshown: datetime | None
) -> None:
    """Keep on the locked `request` what waits to be read; a statement only where that changes."""
    before = Unread(request.desk_unread_since, request.person_unread_since)
    after = compute_unread(before, act, is_open=request.is_open, now=now, unshown=unshown)
    if after != before:
        request.desk_unread_since, request.person_unread_since = after.desk, after.person
        request.save(update_fields=["desk_unread_since", "person_unread_since"])


def _build_actor(by: User | None) -> Actor:
    return Actor.person(by) if by else Actor.system("registrations")
