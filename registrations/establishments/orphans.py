"""Notifies the délégation of establishments that lost their last administrator; staff decide.

Nobody is promoted automatically. Losses are computed from the accesses and the journal. One mail is
sent per loss, and only if somebody with an access remains.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import select_establishments_without_administrator
from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.people.enums import Status
from mgestion.journal.models import Entry
from mgestion.outbox.flows import queue_mail

NO_ADMINISTRATOR_MAIL: Final = "registrations.no_administrator"
_NAMESPACE: Final = UUID("6f0f6d5e-3f0b-4c39-9d0c-0c6f3f6b2a51")  # of the mails' subject ids
_LOOK_BACK: Final = timedelta(days=7)  # a job that failed for days still finds every loss
_LIMIT: Final = 500


def notify_lost_administrators(now: datetime) -> dict[str, int]:
    """Queue the mail of each loss of the last days. Idempotent."""
    lost = _find_losses(now - _LOOK_BACK)
    places = select_establishments_without_administrator().filter(pk__in=list(lost))[:_LIMIT]
    for place in places:
        _queue_loss_mail(place, lost[place.pk], now)
    return {"told": len(places)}


@transaction.atomic
def _queue_loss_mail(place: Establishment, at: datetime, now: datetime) -> None:
    queue_mail(
        NO_ADMINISTRATOR_MAIL,
        subject=uuid5(_NAMESPACE, str(place.pk)),
        cycle=f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}",
        data={"establishment": place.pk},
        now=now,
    )


def _find_losses(since: datetime) -> dict[int, datetime]:
    """When each establishment last lost an administrator, by the establishment's id: access ended,
    account no longer active, or role changed.
    """
    found: dict[int, datetime] = {}

    def keep(place: int, at: datetime) -> None:
        found[place] = max(at, found.get(place, at))

    gone = Access.objects.filter(role__in=ADMINISTRATOR_ROLES).filter(
        Q(ended_at__gte=since) | (Q(user__status_since__gte=since) & ~Q(user__status=Status.ACTIVE))
    )
    rows = gone.values_list("establishment_id", "ended_at", "user__status_since")
    for place, ended_at, status_since in rows:
        keep(place, ended_at or status_since)
    changed = Entry.objects.filter(
        act=HabilitationAct.ACCESS_ROLE_CHANGED,
        at__gte=since,
        detail__data__before__in=[role.value for role in ADMINISTRATOR_ROLES],
    ).values_list("object_id", "at")
    moments = {int(access_id): at for access_id, at in changed}
    for pk, place in Access.objects.filter(pk__in=moments).values_list("pk", "establishment_id"):
        keep(place, moments[pk])
    return found
