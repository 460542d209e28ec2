"""Deactivation and reactivation of colleagues by an Administrateur."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses.flows import end_access
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.leaving import account_departures
from accounts.people.enums import DeactivationReason
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import queue_mail
from mgestion.templatetags.portal import siret
from registrations.establishments.colleagues import find_colleague, find_people_active_elsewhere

ACCESS_ENDED_MAIL = "registrations.access_ended"
# The reasons that an establishment can know; breach and security are for OPCO staff.
DEACTIVATION_REASONS = (
    DeactivationReason.LEFT,
    DeactivationReason.DUPLICATE,
    DeactivationReason.NOT_ENTITLED,
    DeactivationReason.OTHER,
)
NOT_YOUR_COLLEAGUE = (
    "Ce compte n’est plus dans un établissement que vous administrez\u00a0: rien n’a été changé."
)


@transaction.atomic
def deactivate_colleague(
    viewer: User, establishment_key: str, public_id: UUID, *, reason: str, now: datetime
) -> bool:
    """Deactivate the account or, if the person has an access elsewhere, only end the accesses here.
    Returns whether the account was deactivated. Raises Refused, WrongState.
    """
    if reason not in DEACTIVATION_REASONS:
        raise Refused("reason", "Choisissez un motif.")
    place, mine, person = lock_colleague(viewer, establishment_key, public_id)
    actor = Actor.person(viewer)
    if person.pk == viewer.pk:
        raise Refused("oneself", "Vous ne pouvez pas faire cela sur votre propre compte.")
    if not find_people_active_elsewhere([person.pk], mine):
        where = f"{place.name} (SIRET\u00a0{siret(place.siret)})"
        account_departures.deactivate_account(
            person, actor=actor, reason=reason, where=where, now=now
        )
        return True
    _end_local_accesses(person, place, actor, reason, now)
    return False


@transaction.atomic
def reactivate_colleague(
    viewer: User, establishment_key: str, public_id: UUID, *, now: datetime
) -> User:
    """Undo a deactivation by an administrator, until day 15 inclusive (R90). Raises Refused,
    WrongState.
    """
    _, mine, person = lock_colleague(viewer, establishment_key, public_id)
    if find_people_active_elsewhere([person.pk], mine):
        raise Refused(
            "elsewhere",
            "Cette personne a aussi un accès dans un autre établissement\u00a0: "
            "OPCO Mobilités seul peut réactiver son compte.",
        )
    return account_departures.reactivate_account(person, actor=Actor.person(viewer), now=now)


def lock_colleague(
    viewer: User, establishment_key: str, public_id: UUID
) -> tuple[Establishment, list[Establishment], User]:
    """Lock both accounts, in the order of their keys, then check the rights again: of two
    administrators who deactivate each other at once, the second is refused. So is an act on the
    account of an agent.
    """
    both = User.objects.filter(public_id__in=(viewer.public_id, public_id)).order_by("pk")
    locked = {user.public_id: user for user in both.select_for_update()}
    me = locked.get(viewer.public_id)
    found = find_colleague(me, establishment_key, public_id) if me else None
    if found is None:
        raise Refused("not_yours", NOT_YOUR_COLLEAGUE)
    person = found[2]
    if person != me and (person.is_staff or person.is_superuser):
        raise Refused("staff_account", "Le compte d’un agent OPCO se gère chez OPCO Mobilités.")
    return found


def _end_local_accesses(
    person: User, place: Establishment, actor: Actor, reason: str, now: datetime
) -> None:
    open_here = Access.objects.open().filter(user=person, establishment=place)
    # Ending an access locks its platform's row: same order as an erasure and a closure, to avoid
    # deadlocks.
    ids = list(open_here.order_by("platform_id", "pk").values_list("pk", flat=True))
    for access_id in ids:
        end_access(access_id, actor=actor, reason=reason, now=now)
    queue_mail(
        ACCESS_ENDED_MAIL,
        person=person.public_id,
        cycle=f"access-{ids[0]}",
        data={"access": ids[0]},
        now=now,
    )
