"""Suspends and restores the access that a request opened. Always decided by an agent.

`habilitations` changes the access; this module writes the request's history and queues its mail.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses import flows as habilitations
from accounts.habilitations.accesses.models import Access, AccessQuerySet
from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from registrations.requests.enums import RequestAct
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_for_agent
from registrations.requests.request_history import write_request_event

ACCESS_SUSPENDED_MAIL: Final = "registrations.access_suspended"
ACCESS_RESTORED_MAIL: Final = "registrations.access_restored"


def find_held_access(request: Request) -> Access | None:
    """The open access that this request opened, or None."""
    return _select_request_accesses(request).open().first()


def find_suspended_access(request: Request) -> Access | None:
    """The access that this request opened, while it is suspended, or None."""
    return _select_request_accesses(request).suspended().first()


def find_moved_access(request: Request) -> Access | None:
    """Where the access that this request opened is now, once an agent has moved it to another
    establishment; None when it was not moved. It may have ended there.
    """
    left = _select_request_accesses(request).ended().filter(moved_to__isnull=False)
    access = left.order_by("-ended_at").first()
    rows = Access.objects.select_related("platform", "establishment", "moved_from")
    found = None
    while access is not None:
        access = rows.filter(moved_from=access).first()
        found = access or found
    return found


@transaction.atomic
def suspend_access(request_id: UUID, *, reason: str, actor_user: User, now: datetime) -> Access:
    """Suspend this access only; the account and its other accesses stay. `reason` is mailed."""
    request = lock_for_agent(request_id, RequestAct.ACCESS_SUSPENDED, actor_user)
    access = find_held_access(request)
    if access is None:
        raise WrongState("no_access", "Cet accès n’est plus ouvert\u00a0: rien n’est à suspendre.")
    access = habilitations.suspend_access(
        access.pk, reason=reason, actor=Actor.staff(actor_user), now=now, tell=False
    )
    text = f"{access.platform.name}\u00a0: {access.suspension_reason}"
    _record_suspension_act(
        request, RequestAct.ACCESS_SUSPENDED, ACCESS_SUSPENDED_MAIL, text, actor_user, now
    )
    return access


@transaction.atomic
def restore_access(request_id: UUID, *, actor_user: User, now: datetime) -> Access:
    """Restore the access with the role and the dashboard that it had."""
    request = lock_for_agent(request_id, RequestAct.ACCESS_RESTORED, actor_user)
    access = find_suspended_access(request)
    if access is None:
        raise WrongState("not_suspended", "Cet accès n’est pas suspendu.")
    access = habilitations.restore_access(
        access.pk, actor=Actor.staff(actor_user), now=now, tell=False
    )
    text = access.platform.name
    _record_suspension_act(
        request, RequestAct.ACCESS_RESTORED, ACCESS_RESTORED_MAIL, text, actor_user, now
    )
    return access


def _select_request_accesses(request: Request) -> AccessQuerySet:
    if request.establishment_id is None:
        return Access.objects.none()
    return Access.objects.select_related("platform", "establishment", "user").filter(
        user_id=request.user_id,
        platform_id=request.platform_id,
        establishment_id=request.establishment_id,
    )


def _record_suspension_act(
    request: Request,
    act: RequestAct,
    mail_kind: str,
    text: str,
    actor_user: User,
    now: datetime,
) -> None:
    request.save_as_new_version()
    write_request_event(request, act, agent=actor_user, now=now, text=text)
    queue_request_mail(mail_kind, request, f"{now:%Y%m%dT%H%M%S%f}", now)
