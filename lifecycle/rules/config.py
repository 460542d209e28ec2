"""The settings of this room, typed. Read at each call, so that a test or a restart changes them."""

from datetime import datetime

from django.conf import settings

from lifecycle.rules.policy import LifecycleRules
from mgestion.text.dates import PARIS


def get_rules() -> LifecycleRules:
    return LifecycleRules(**settings.LIFECYCLE_RULES)


def is_enabled() -> bool:
    """The kill switch of the environment (LIFECYCLE_ENABLED); the other one is a hold on all."""
    return bool(settings.LIFECYCLE_ENABLED)


def get_office_days() -> tuple[int, ...]:
    """Weekdays on which steps that send a mail are done; Monday is 0."""
    days: tuple[int, ...] = tuple(settings.LIFECYCLE_OFFICE_DAYS)
    return days


def is_office_hour(now: datetime) -> bool:
    """Whether a step that sends a mail may be done at `now` (Paris time)."""
    local = now.astimezone(PARIS)
    first, last = settings.LIFECYCLE_OFFICE_HOURS
    return local.weekday() in get_office_days() and first <= local.hour < last


def get_cap() -> int:
    """The most accounts that one run touches in one kind of step."""
    return int(settings.LIFECYCLE_CAP)


def get_batch_size() -> int:
    return int(settings.LIFECYCLE_BATCH)


def get_breaker_limit(accounts: int) -> int:
    """The most accounts that may be due at once before a run stops by itself."""
    share: float = settings.LIFECYCLE_BREAKER_SHARE
    return max(get_breaker_floor(), int(accounts * share))


def get_breaker_floor() -> int:
    """Up to here a run is never stopped: on a small portal every account is a large share."""
    return int(settings.LIFECYCLE_BREAKER_FLOOR)
