"""The settings of the lifecycle, typed. Read at each call, so that tests can override them."""

from datetime import datetime

from django.conf import settings

from lifecycle.rules.policy import LifecycleRules
from mgestion.text.dates import PARIS


def get_rules() -> LifecycleRules:
    return LifecycleRules(**settings.LIFECYCLE_RULES)


def is_enabled() -> bool:
    """The kill switch LIFECYCLE_ENABLED; the other one is a hold on all accounts."""
    return bool(settings.LIFECYCLE_ENABLED)


def get_office_days() -> tuple[int, ...]:
    """Weekdays on which steps that send a mail run; Monday is 0."""
    days: tuple[int, ...] = tuple(settings.LIFECYCLE_OFFICE_DAYS)
    return days


def is_office_hour(now: datetime) -> bool:
    """Whether a step that sends a mail may run at `now` (aware; hours are Paris time)."""
    local = now.astimezone(PARIS)
    first, last = settings.LIFECYCLE_OFFICE_HOURS
    return local.weekday() in get_office_days() and first <= local.hour < last


def get_cap() -> int:
    """The maximum number of accounts that one run touches in one kind of step."""
    return int(settings.LIFECYCLE_CAP)


def get_batch_size() -> int:
    return int(settings.LIFECYCLE_BATCH)


def get_breaker_limit(accounts: int) -> int:
    """The maximum number of accounts due at once; beyond it, a run stops by itself."""
    share: float = settings.LIFECYCLE_BREAKER_SHARE
    return max(get_breaker_floor(), int(accounts * share))


def get_breaker_floor() -> int:
    """The lowest limit of the breaker: on a small portal one account is a large share."""
    return int(settings.LIFECYCLE_BREAKER_FLOOR)
