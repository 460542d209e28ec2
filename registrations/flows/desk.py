"""The desk's own moves: who handles a request, and which délégation."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.models import Delegation
from accounts.habilitations.permissions import may_configure, staff_of
from accounts.models import User
from mgestion.errors import Refused, WrongState
from registrations.enums import Act
from registrations.flows import history
from registrations.flows.guards import ensure_allowed, ensure_reviewer, locked
from registrations.flows.submit import tell_delegation
from registrations.models import Request


@transaction.atomic
def take(request_id: UUID, *, actor_user: User, now: datetime, over: bool = False) -> Request:
    """Make it mine. Held by a colleague: refused, unless taken `over` knowingly.

    The version stays: a decision page open elsewhere still shows what is decided.
    """
    request = _held(request_id, Act.TAKEN, actor_user)
    if request.assignee_id == actor_user.pk:
        return request
    if request.assignee is not None and not over:
        raise WrongState(
            "taken",
            f"La demande {request.reference} est déjà prise en charge par {request.assignee}.",
        )
    request.assignee = actor_user
    request.save(update_fields=["assignee"])
    history.write(request, Act.TAKEN, by=actor_user, by_staff=True, now=now)
    return request


@transaction.atomic
def release(request_id: UUID, *, actor_user: User, now: datetime) -> Request:
    """Back in the queue, by the one who holds it or by the national administrator."""
    request = _held(request_id, Act.RELEASED, actor_user)
    if request.assignee is None:
        return request
    if request.assignee_id != actor_user.pk and not may_configure(staff_of(actor_user)):
        raise WrongState(
            "not_yours",
            f"La demande {request.reference} est prise en charge par {request.assignee}\u00a0: "
            "cette personne seule la remet en file.",
        )
    request.assignee = None
    request.save(update_fields=["assignee"])
    history.write(request, Act.RELEASED, by=actor_user, by_staff=True, now=now)
    return request


@transaction.atomic
def reroute(
    request_id: UUID, *, delegation: Delegation, actor_user: User, now: datetime
) -> Request:
    """Hand it to another délégation: the way out of the unrouted queue (R49). The clock goes on."""
    request = _held(request_id, Act.REROUTED, actor_user)
    if request.delegation_id == delegation.pk:
        raise Refused("same_delegation", f"La demande est déjà traitée par {delegation}.")
    request.delegation = delegation
    request.assignee = None
    request.version += 1
    request.save(update_fields=["delegation", "assignee", "version"])
    history.write(
        request,
        Act.REROUTED,
        by=actor_user,
        by_staff=True,
        now=now,
        text=f"Votre demande est désormais traitée par {delegation.name}.",
    )
    tell_delegation(request, now=now)
    return request


def _held(request_id: UUID, act: Act, actor_user: User) -> Request:
    request = locked(request_id)
    ensure_reviewer(request, actor_user)
    ensure_allowed(request, act, for_staff=True)
    return request
