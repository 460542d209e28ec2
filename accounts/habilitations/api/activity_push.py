"""Activity told by a platform: idempotent, item by item, only forward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.habilitations.accesses.activity import counts_as_activity, raise_last_activity
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.models import Platform
from accounts.people import account_states
from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor

MOST: Final = 500
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
# Older than any account. Year 1 has no date in Paris, nor in every database.
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEARD_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PushedActivity:
    """Who was there, and when. Exactly one of `subject` and `email`."""

    at: datetime
    subject: UUID | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """What became of an item: an HTTP status, and a code for programs."""

    status: int
    code: str


RECORDED: Final = PushOutcome(200, "recorded")
UNCHANGED: Final = PushOutcome(200, "unchanged")
REVIVED: Final = PushOutcome(200, "revived")
FUTURE: Final = PushOutcome(422, "future_date")
ANCIENT: Final = PushOutcome(422, "ancient_date")
UNKNOWN: Final = PushOutcome(404, "unknown_person")
NOT_ACTIVE: Final = PushOutcome(409, "account_not_active")


def record_pushed_activities(
    platform: Platform, items: Sequence[PushedActivity], *, now: datetime
) -> list[PushOutcome]:
    """One outcome for each item, in their order. An unknown person and somebody who has no access
    to this platform are one answer. Three statements find everybody, whatever the number.

    `platform.activity_pushed_at` becomes `now` (aware) with the first item about somebody known:
    a call that names nobody whom we know brings no facts, and the platform stays silent.
    """
    people = _find_people(platform, items)
    return [_record_item(platform, people.get(_get_person_key(item)), item, now) for item in items]


def _get_person_key(item: PushedActivity) -> str:
    return str(item.subject) if item.subject else fold_address(item.email)


def _find_people(platform: Platform, items: Sequence[PushedActivity]) -> dict[str, User]:
    subjects = [item.subject for item in items if item.subject]
    addresses = [fold_address(item.email) for item in items if not item.subject]
    mine = Access.objects.open().filter(platform=platform).values("user_id")
    users = User.objects.filter(pk__in=mine)
    found = {str(user.public_id): user for user in users.filter(public_id__in=subjects)}
    found |= {user.email_key: user for user in users.filter(email_key__in=addresses)}
    return found


def _record_item(
    platform: Platform, user: User | None, item: PushedActivity, now: datetime
) -> PushOutcome:
    if item.at > now + _CLOCKS_DIFFER:
        return FUTURE
    if item.at < _EARLIEST:
        return ANCIENT
    if user is None:
        return UNKNOWN
    return _record_heard_activity(platform, user, min(item.at, now), now)


@transaction.atomic
def _record_heard_activity(
    platform: Platform, user: User, at: datetime, now: datetime
) -> PushOutcome:
    outcome = _record_activity(platform, user, at, now)
    _note_heard(platform, now)
    return outcome


def _note_heard(platform: Platform, now: datetime) -> None:
    """Only forward, and at most one write a minute: the calls of a platform share its row. The
    first one after a silence is noted apart: the lifecycle waits a little more.
    """
    since, last = now - _HEARD_EVERY, platform.activity_pushed_at
    if last is not None and last > since:
        return
    older = Q(activity_pushed_at__isnull=True) | Q(activity_pushed_at__lte=since)
    heard = {"activity_pushed_at": now}
    if last is None or last <= now - settings.LIFECYCLE_SILENCE:
        heard["activity_heard_again_at"] = now
    Platform.objects.filter(older, pk=platform.pk).update(**heard)
    platform.activity_pushed_at = now


def _record_activity(platform: Platform, user: User, at: datetime, now: datetime) -> PushOutcome:
    if user.status != Status.ACTIVE:
        late = counts_as_activity(user.pk, platform) and account_states.revive_by_activity(
            user, at=at, actor=Actor.platform(platform.code), now=now
        )
        if not late:
            return NOT_ACTIVE
        raise_last_activity(user.pk, platform.pk, at)
        return REVIVED
    moved = raise_last_activity(user.pk, platform.pk, at)
    if counts_as_activity(user.pk, platform):
        moved = account_states.note_activity(user.pk, now=at) or moved
    return RECORDED if moved else UNCHANGED
