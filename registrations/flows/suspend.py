"""An access is suspended on its platform, and given back (R110, D45). A human act, always."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.enums import Status
from accounts.habilitations.flows import end_access, grant
from accounts.habilitations.models import Access
from accounts.habilitations.querysets import mgestion_platform
from accounts.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import queue
from registrations.enums import Act
from registrations.flows import history
from registrations.flows.guards import ensure_allowed, ensure_reviewer, locked
from registrations.models import AccessSuspension, Request

SUSPENDED: Final = "registrations.access_suspended"
RESTORED: Final = "registrations.access_restored"


def held_access(request: Request) -> Access | None:
    """The open access of the person that this request was about."""
    if request.establishment_id is None:
        return None
    return (
        Access.objects.select_related("platform", "establishment", "user")
        .filter(
            user_id=request.user_id,
            platform__code=mgestion_platform(request.kind),
            establishment_id=request.establishment_id,
            ended_at__isnull=True,
        )
        .first()
    )


def suspension_of(request: Request) -> AccessSuspension | None:
    """The one that stands."""
    rows = AccessSuspension.objects.select_related("access__platform", "access__establishment")
    return rows.filter(request=request, lifted_at__isnull=True).first()


@transaction.atomic
def suspend_access(
    request_id: UUID, *, reason: str, actor_user: User, now: datetime
) -> AccessSuspension:
    """Close the access at once; the account and its other accesses stay. `reason` is mailed."""
    request = _held(request_id, Act.ACCESS_SUSPENDED, actor_user)
    reason = reason.strip()
    if not reason:
        raise Refused("reason_needed", "Dites pourquoi\u00a0: la personne reçoit ce texte.")
    access = held_access(request)
    if access is None:
        raise WrongState("no_access", "Cet accès n’est plus ouvert\u00a0: rien n’est à suspendre.")
    end_access(access.pk, actor=Actor.staff(actor_user), reason="suspended", now=now)
    made = AccessSuspension.objects.create(
        request=request,
        access=access,
        reason=reason,
        suspended_at=now,
        suspended_by=actor_user.public_id,
    )
    text = f"{access.platform.name}\u00a0: {reason}"
    _written(request, Act.ACCESS_SUSPENDED, SUSPENDED, made, text, actor_user, now)
    return made


@transaction.atomic
def restore_access(request_id: UUID, *, actor_user: User, now: datetime) -> AccessSuspension:
    """Give the access back with the role and the dashboard that it had."""
    request = _held(request_id, Act.ACCESS_RESTORED, actor_user)
    made = suspension_of(request)
    if made is None:
        raise WrongState("not_suspended", "Cet accès n’est pas suspendu.")
    if held_access(request) is not None:
        raise WrongState(
            "access_open",
            "La personne a de nouveau cet accès, par un autre acte\u00a0: rien n’est à rétablir.",
        )
    if request.user.status != Status.ACTIVE:
        raise Refused("account_not_active", "Le compte de cette personne n’est pas actif.")
    access = made.access
    grant(
        user=request.user,
        platform_code=access.platform.code,
        role=access.role,
        establishment=access.establishment,
        dashboard=access.dashboard,
        actor=Actor.staff(actor_user),
        reason=f"Suspension levée, demande {request.reference}",
        now=now,
    )
    made.lifted_at, made.lifted_by = now, actor_user.public_id
    made.save(update_fields=["lifted_at", "lifted_by"])
    text = access.platform.name
    _written(request, Act.ACCESS_RESTORED, RESTORED, made, text, actor_user, now)
    return made


def forget_suspension(request: Request, actor_user: User, now: datetime) -> None:
    """The decision that gave the access is taken back: there is nothing left to give back."""
    AccessSuspension.objects.filter(request=request, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=actor_user.public_id
    )


def _held(request_id: UUID, act: Act, actor_user: User) -> Request:
    request = locked(request_id)
    ensure_reviewer(request, actor_user)
    ensure_allowed(request, act, for_staff=True)
    return request


def _written(
    request: Request,
    act: Act,
    letter: str,
    made: AccessSuspension,
    text: str,
    actor_user: User,
    now: datetime,
) -> None:
    request.version += 1
    request.save(update_fields=["version"])
    history.write(request, act, by=actor_user, by_staff=True, now=now, text=text)
    queue(
        letter,
        subject=request.pk,
        cycle=f"suspension-{made.pk}",
        person=request.user.public_id,
        data={"suspension": made.pk},
        now=now,
    )
