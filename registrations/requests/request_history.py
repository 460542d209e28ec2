"""One act, one line of history and one line of the journal."""

from datetime import datetime
from typing import Any

from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from registrations.acts import RegistrationAct
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent


def write_request_event(
    request: Request,
    act: RequestAct,
    *,
    by: User | None,
    by_staff: bool = False,
    now: datetime,
    text: str = "",
    internal_note: str = "",
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> RequestEvent:
    """`by`: None for the portal itself, on its own account. `text` is for the applicant;
    `internal_note` for the desk; `reason` a code for the journal, which holds no personal value
    outside the erasable `detail` (D29)."""
    event = RequestEvent.objects.create(
        request=request,
        at=now,
        act=act,
        actor=by.public_id if by else None,
        by_staff=by_staff,
        text=text,
        internal_note=internal_note,
    )
    write_journal_entry(
        RegistrationAct(f"request.{act}"),
        actor=_build_actor(by, by_staff),
        object_type="request",
        object_id=str(request.pk),
        person=request.user.public_id,
        reason=reason,
        detail=detail,
        now=now,
    )
    return event


def _build_actor(by: User | None, by_staff: bool) -> Actor:
    if by is None:
        return Actor.system("registrations")
    return Actor.staff(by) if by_staff else Actor.person(by)
