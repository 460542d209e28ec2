"""Rates and failures, counted in rows: no Redis in the way of a login.

Both counters are one UPSERT written for both engines: the ORM's own (`bulk_create`) can only set a
value, and an increment in two statements lets parallel requests through. Taking an event back
stands in each login: the ORM needs ten times longer to write it than the database to run it.
"""

import functools
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.entry.models import FailureCounter
from accounts.people.addresses import fold_address
from mgestion.back_off import back_off

_COUNT_EVENT = (
    'INSERT INTO "entry_ratecounter" ("key", "window", "count") VALUES (%s, %s, 1) '
    'ON CONFLICT ("key", "window") DO UPDATE SET "count" = "entry_ratecounter"."count" + 1 '
    'RETURNING "count"'
)
_TAKE_BACK_EVENT = (
    'UPDATE "entry_ratecounter" SET "count" = "count" - 1 '
    'WHERE "key" = %s AND "window" = %s AND "count" > 0'
)


def count_event(key: str, rate: tuple[int, timedelta], *, now: datetime) -> int:
    """Count one event of `key`. Seconds until the next window when there are too many, else 0.

    `rate`: how many per fixed window. Times are aware, in UTC.
    """
    most, period = rate
    window = _get_window_start(period, now)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_EVENT, [key, connection.ops.adapt_datetimefield_value(window)])
        (count,) = cursor.fetchone()
    left = (window + period - now).total_seconds()
    return 0 if count <= most else max(1, int(left))


def uncount_event(key: str, rate: tuple[int, timedelta], *, now: datetime) -> None:
    """Takes one event back, that `count_event` counted with the same `now`: it was no failure.

    One event for one success, and never a reset: who mixes successes of their own into failures
    keeps every failure. Counting first, then taking back, leaves no gap for parallel guesses.
    """
    window = connection.ops.adapt_datetimefield_value(_get_window_start(rate[1], now))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK_EVENT, [key, window])


def _get_window_start(period: timedelta, now: datetime) -> datetime:
    seconds = int(period.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


# --- failures in a row, by account and kind of device ---------------------------------------


def hash_address_with_all_keys(address: str) -> list[str]:
    """What counters and device cookies know an address by, today's key first: keyed hashes, whether
    the account exists or not. Those of old keys are what a rotation left behind.
    """
    message = f"entry:{fold_address(address)}".encode()
    return [
        hmac.new(key.encode(), message, hashlib.sha256).hexdigest()[:40]
        for key in settings.HASH_KEYS
    ]


def hash_address(address: str) -> str:
    return hash_address_with_all_keys(address)[0]


def get_counter_key(address: str, device: str) -> str:
    """The counter of an attempt: the known device's own, or the one shared by everyone else."""
    return (
        f"{hash_address(address)}:known:{device}" if device else f"{hash_address(address)}:others"
    )


def get_delay_after(failures: int) -> timedelta:
    """How long the counter refuses after its n-th failure in a row: 1, 2, 4, 8, 15 minutes.
    Pure.
    """
    beyond = failures - settings.LOGIN_FREE_FAILURES
    if beyond <= 0:
        return timedelta(0)
    return back_off(beyond, first=settings.LOGIN_FIRST_DELAY, longest=settings.LOGIN_MAX_DELAY)


def describe_wait(seconds: int) -> str:
    """« attendez 3 minutes avant de réessayer. »: minutes rounded up, one at least."""
    minutes = max(1, -(-seconds // 60))
    return f"attendez {minutes}\u00a0minute{'s' if minutes > 1 else ''} avant de réessayer."


@dataclass(frozen=True)
class LoginAttempt:
    """The answer to « may this password be tried? ». `wait`: seconds left; `locked`: only a mail
    opens it.
    """

    allowed: bool
    failures: int = 0
    wait: int = 0
    locked: bool = False

    @property
    def last(self) -> bool:
        """Whether failing this one locks the counter."""
        return self.allowed and self.failures >= settings.LOGIN_MAX_FAILURES


_TABLE = '"entry_failurecounter"'


@functools.cache  # the settings are the process's
def _reserve_sql(most: int) -> str:
    # Settings only (integers and our own placeholders) enter the text; values go as parameters.
    steps = range(2, most + 1)
    cases = " ".join(f"WHEN {int(step)} THEN %s" for step in steps)
    return (
        f'INSERT INTO {_TABLE} ("key", "failures", "last_failure_at", "open_until") '  # noqa: S608 - the name of our table
        "VALUES (%s, 1, %s, %s) "
        f'ON CONFLICT ("key") DO UPDATE SET "failures" = {_TABLE}."failures" + 1, '
        f'"last_failure_at" = excluded."last_failure_at", '
        f'"open_until" = CASE {_TABLE}."failures" + 1 {cases} END '
        f'WHERE {_TABLE}."failures" < %s AND '
        f'({_TABLE}."open_until" IS NULL OR {_TABLE}."open_until" <= excluded."last_failure_at") '
        'RETURNING "failures"'
    )


def reserve_attempt(key: str, *, now: datetime) -> LoginAttempt:
    """Count a failure before the password is looked at; a success takes it back (`clear_counter`).

    Counting first closes the race of many guesses at once: the statement that counts is the one
    that refuses, so an eleventh guess in a row is never compared, however parallel.
    """

    def opens(failures: int) -> object:
        return connection.ops.adapt_datetimefield_value(now + get_delay_after(failures))

    steps = range(2, settings.LOGIN_MAX_FAILURES + 1)
    parameters: list[Any] = [
        key,
        connection.ops.adapt_datetimefield_value(now),
        opens(1),
        *(opens(step) for step in steps),
        settings.LOGIN_MAX_FAILURES,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_reserve_sql(settings.LOGIN_MAX_FAILURES), parameters)
        row = cursor.fetchone()
    if row is not None:
        return LoginAttempt(allowed=True, failures=row[0])
    counter = FailureCounter.objects.filter(pk=key).first()
    if counter is None:  # cleared between the two statements
        return LoginAttempt(allowed=False, wait=1)
    if counter.failures >= settings.LOGIN_MAX_FAILURES:
        return LoginAttempt(allowed=False, failures=counter.failures, locked=True)
    wait = (counter.open_until - now).total_seconds() if counter.open_until else 1
    return LoginAttempt(allowed=False, failures=counter.failures, wait=max(1, round(wait)))


FACTOR_SUFFIX = ":factor"


def get_factor_key(address: str) -> str:
    """The counter of wrong second factors: one for the account, whatever the device."""
    return f"{hash_address(address)}{FACTOR_SUFFIX}"


def clear_counter(key: str) -> None:
    """The right password was given, or a mail opened this counter."""
    # Not the ORM's: it opens a transaction for what is one statement, twice in a login's way.
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM {_TABLE} WHERE "key" = %s', [key])  # noqa: S608 - the name of our table


def clear_address_counters(address: str) -> None:
    """A password was made from a mailed link: its counters restart. That of the second factor
    does not: whoever reads the mailbox would guess on.
    """
    counters = FailureCounter.objects.filter(key__startswith=f"{hash_address(address)}:")
    counters.exclude(pk=get_factor_key(address)).delete()
