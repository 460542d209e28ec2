"""A person gives up one access, or all those for one establishment, with what they still ask for
there. The account stays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses.flows import end_access
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import select_administrators
from accounts.habilitations.enums import EndReason
from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import queue_mail
from registrations.accesses.my_accesses import (
    find_held_establishment,
    select_held_accesses,
    select_withdrawn_requests,
)
from registrations.documents.flows import close_moot_askings
from registrations.enrolment.amend_flows import cancel_request

LEFT_MAIL: Final = "registrations.access_left"
COLLEAGUE_LEFT_MAIL: Final = "registrations.colleague_left"
DEPARTURE_MAIL: Final = "registrations.departure"


@transaction.atomic
def leave_platform(user: User, public_id: UUID, *, now: datetime) -> Access:
    """End one's own access `public_id`, a suspended one for good. The platform is told by
    its feed and by single logout. Raises WrongState when it is over already.
    """
    person = _lock_person(user)
    mine = select_held_accesses(person).filter(public_id=public_id)
    found = mine.first()
    if found is not None:
        _withdraw_requests(person, [found], now)
    access = mine.select_for_update(of=("self",)).first()
    if access is None:
        raise WrongState("no_access", "Cet accès est déjà terminé\u00a0: rien n’est à quitter.")
    _leave_accesses(person, [access], EndReason.ASKED, now)
    return access


@transaction.atomic
def leave_establishment(user: User, key: str, *, now: datetime) -> Sequence[Access]:
    """End all one's own accesses for an establishment, on every platform. Raises
    WrongState.
    """
    person = _lock_person(user)
    held = find_held_establishment(person, key)
    if held is not None:
        _withdraw_requests(person, held.accesses, now, everywhere=True)
    mine = [access.pk for access in held.accesses] if held else []
    rows = select_held_accesses(person).filter(pk__in=mine).order_by("pk")
    # Locked: what an agent ends at the same moment is left out, and keeps nothing else open.
    accesses = list(rows.select_for_update(of=("self",)))
    if not accesses:
        raise WrongState(
            "no_access", "Vous n’avez plus d’accès pour cet établissement\u00a0: rien n’a changé."
        )
    _leave_accesses(person, accesses, EndReason.LEFT, now)
    return accesses


def _withdraw_requests(
    person: User, accesses: Sequence[Access], now: datetime, *, everywhere: bool = False
) -> None:
    """Before the accesses are locked, as a decision on a request does."""
    for request in select_withdrawn_requests(person, accesses, everywhere=everywhere):
        cancel_request(request.pk, person, now)


def _lock_person(user: User) -> User:
    """The account first, as the other acts on accesses do."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _leave_accesses(
    person: User, accesses: Sequence[Access], reason: EndReason, now: datetime
) -> None:
    actor = Actor.person(person)
    # Ending an access locks its platform's row: always in this order, against deadlocks.
    for access in sorted(accesses, key=lambda row: (row.platform_id, row.pk)):
        end_access(access.pk, actor=actor, reason=reason, now=now)
    close_moot_askings(now, person)
    place = accesses[0].establishment
    said: dict[str, str | int] = {
        "access": accesses[0].pk,  # by which an erasure finds the mails that name the person
        "accesses": ",".join(str(access.pk) for access in accesses),
    }
    cycle = f"leave-{accesses[0].pk}-{len(accesses)}"
    queue_mail(LEFT_MAIL, person=person.public_id, cycle=cycle, data=said, now=now)
    for administrator in select_administrators(place).exclude(pk=person.pk):
        queue_mail(
            COLLEAGUE_LEFT_MAIL, person=administrator.public_id, cycle=cycle, data=said, now=now
        )
    queue_mail(DEPARTURE_MAIL, person=person.public_id, cycle=cycle, data=said, now=now)
