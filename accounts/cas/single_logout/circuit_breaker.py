"""The circuit breaker of single logout: a platform that lets the time run out again and again is
left alone for some minutes, then tried with one call.

The state is a row, so that every worker process heeds what one of them found out.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.cas.models import LogoutLane
from mgestion.back_off import back_off


def is_open_circuit(timeouts: int) -> bool:
    """Whether so many timeouts in a row stop the calls, but for one trial at a time."""
    most: int = settings.CAS_LOGOUT_TIMEOUTS
    return timeouts >= most


def get_pause_after(timeouts: int) -> timedelta:
    """How long a platform is left alone after its n-th timeout in a row. Pure.

    Nothing below the limit, then 1 minute, doubled by each trial that fails, at most 10 minutes.
    """
    if not is_open_circuit(timeouts):
        return timedelta(0)
    first, longest = settings.CAS_LOGOUT_PAUSE, settings.CAS_LOGOUT_LONGEST_PAUSE
    return back_off(timeouts - settings.CAS_LOGOUT_TIMEOUTS + 1, first=first, longest=longest)


@transaction.atomic
def note_timeout(platform_id: int, now: datetime) -> bool:
    """Counts one timeout; whether the platform is left alone from now on.

    While it is paused already, a call that was under way says nothing new and counts for nothing.
    """
    LogoutLane.objects.bulk_create([LogoutLane(platform_id=platform_id)], ignore_conflicts=True)
    lane = LogoutLane.objects.select_for_update().get(pk=platform_id)
    if lane.paused_until and lane.paused_until > now:
        return True
    lane.timeouts += 1
    lane.last_timeout_at = now
    pause = get_pause_after(lane.timeouts)
    lane.paused_until = now + pause if pause else None
    lane.save(update_fields=["timeouts", "last_timeout_at", "paused_until"])
    return bool(pause)


def note_answer(platform_id: int) -> None:
    """The platform answered in time, whatever it said: calls go on as usual."""
    LogoutLane.objects.filter(pk=platform_id, timeouts__gt=0).update(timeouts=0, paused_until=None)
