"""The clock of this process beside that of the database, which all machines of the portal see.

Due times, leases and deadlines are written by one machine and compared by another one: they are as
right as the clocks agree.
"""

import logging
import time
from typing import Final

from django.conf import settings
from django.db import connection

_log = logging.getLogger(__name__)
_KEPT: Final = 10.0  # seconds for which a measure serves: the mail worker works every other second


class WrongClock(Exception):
    """The clock of this machine is too far from the database's for work that goes by the time."""


class _LastMeasure:
    skew = 0.0
    at: float | None = None  # of the monotonic clock


def measure_clock_skew() -> float:
    """Seconds by which the database is ahead of this process; below 0 when it is behind. What the
    question itself took is no skew. 0 on SQLite, which has the clock of its process.
    """
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        after = time.time()
    return compute_skew(before, theirs, after)


def compute_skew(before: float, theirs: float, after: float) -> float:
    """`theirs`: what the other clock said between `before` and `after` of ours."""
    return min(theirs - before, 0.0) + max(theirs - after, 0.0)


def ensure_right_clock() -> None:
    """Raises WrongClock beyond CLOCK_TOLERANCE: a worker ahead of the others would take mails that
    they are sending, or end an account before its last day is over.
    """
    most = settings.CLOCK_TOLERANCE.total_seconds()
    now = time.monotonic()
    is_old = _LastMeasure.at is None or not 0 <= now - _LastMeasure.at < _KEPT
    if is_old:
        _LastMeasure.skew, _LastMeasure.at = measure_clock_skew(), now
    if abs(_LastMeasure.skew) > most:
        words = (
            f"this machine's clock is {-_LastMeasure.skew:+.0f} s from the database's; "
            f"more than {most:g} s are not trusted (CLOCK_TOLERANCE)"
        )
        if is_old:  # not for each task
            _log.error("No job is done: %s", words)
        raise WrongClock(words)
