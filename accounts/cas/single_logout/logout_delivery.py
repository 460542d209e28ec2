"""Telling platforms which sessions ended: one lane for each platform, a sweep of a few seconds.

A platform that is slow or hangs takes up its own calls and no other's. After some timeouts in a row
it is left alone for minutes (`logout_lanes`): its logouts wait in their rows, untried. A sweep
begins no call after its time, so that the next one always starts soon.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from accounts.cas.models import LogoutDelivery, LogoutLane, LogoutStatus
from accounts.cas.single_logout import sessions_to_end
from accounts.cas.single_logout.circuit_breaker import is_open_circuit, note_answer, note_timeout
from accounts.cas.single_logout.sessions_to_end import NO_ANSWER, LogoutResult

_log = logging.getLogger(__name__)
LEASE: Final = timedelta(seconds=60)
LANE_WIDTH: Final = 4  # calls at once to one platform, of one sweep
GIVE_UP_BATCH: Final = 500
_SETTLED: Final = (
    "answer", "leased_until", "status", "settled_at", "session_index", "next_at", "url",
)  # fmt: skip


def deliver_due_logouts(
    now_fn: Callable[[], datetime], clock: Callable[[], float] = time.monotonic
) -> dict[str, int]:
    """Tells what is due and writes down how it went. `clock`: seconds, for the sweep's own time.

    Lasts at most CAS_LOGOUT_SWEEP seconds and the time of one call: what has not answered a second
    after its time (a name server that hangs) is written down as a timeout and no longer waited for.
    """
    counts = {"received": 0, "failed": 0, "given_up": _give_up_overdue(now_fn())}
    until = clock() + settings.CAS_LOGOUT_SWEEP
    lanes = _list_open_lanes(now_fn())
    if not lanes:
        return counts
    running: dict[Future[LogoutResult], LogoutDelivery] = {}
    pool = ThreadPoolExecutor(max_workers=LANE_WIDTH * len(lanes))
    try:
        while True:
            if clock() < until:
                for row in _claim_due(lanes, running, now_fn()):
                    call = pool.submit(
                        sessions_to_end.send_logout, row.url, row.session_index, now_fn()
                    )
                    running[call] = row
            if not running:
                return counts
            patience = settings.CAS_LOGOUT_TIMEOUT + 1
            done, _ = wait(running, timeout=patience, return_when=FIRST_COMPLETED)
            for call in done or list(running):
                row, told = running.pop(call), call.result() if call.done() else NO_ANSWER
                counts["received" if told.received else "failed"] += 1
                _settle_delivery(row, told, now_fn())
                if told.stalled:
                    if note_timeout(row.platform_id, now_fn()):
                        lanes.pop(row.platform_id, None)
                else:
                    note_answer(row.platform_id)
                    if row.platform_id in lanes:
                        lanes[row.platform_id] = LANE_WIDTH
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _select_due(now: datetime) -> QuerySet[LogoutDelivery]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    return LogoutDelivery.objects.filter(free, status=LogoutStatus.QUEUED, next_at__lte=now)


def _list_open_lanes(now: datetime) -> dict[int, int]:
    """Platform → calls at once, where something is due; without those that are left alone now."""
    waiting = set(_select_due(now).order_by().values_list("platform_id", flat=True).distinct())
    lanes = dict.fromkeys(sorted(waiting), LANE_WIDTH)
    for lane in LogoutLane.objects.filter(pk__in=waiting, timeouts__gt=0):
        if lane.paused_until and lane.paused_until > now:
            del lanes[lane.pk]
        elif is_open_circuit(lane.timeouts):
            lanes[lane.pk] = 1  # a trial
    return lanes


def _claim_due(
    lanes: dict[int, int], running: dict[Future[LogoutResult], LogoutDelivery], now: datetime
) -> list[LogoutDelivery]:
    """Due rows for whatever room the lanes have. A lane with nothing due is taken out."""
    used = Counter(row.platform_id for row in running.values())
    claimed = []
    for platform_id, width in list(lanes.items()):
        room = width - used[platform_id]
        if room <= 0:
            continue
        rows = _lease_rows(_select_due(now).filter(platform_id=platform_id), room, now)
        if not rows:
            del lanes[platform_id]
        claimed += rows
    return claimed


def _lease_rows(due: QuerySet[LogoutDelivery], size: int, now: datetime) -> list[LogoutDelivery]:
    if not due.exists():  # read before: a transaction on SQLite keeps other writers waiting
        return []
    with transaction.atomic():
        due = due.order_by("next_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        rows = list(due[:size])
        LogoutDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            leased_until=now + LEASE, attempts=F("attempts") + 1
        )
    for row in rows:
        row.attempts += 1
    return rows


def _settle_delivery(row: LogoutDelivery, told: LogoutResult, now: datetime) -> None:
    delays = settings.CAS_LOGOUT_DELAYS
    row.answer, row.leased_until = told.answer[:120], None
    if told.received or told.final or row.attempts > len(delays):
        _close_delivery(row, LogoutStatus.DONE if told.received else LogoutStatus.FAILED, now)
    else:
        row.next_at = now + timedelta(seconds=delays[row.attempts - 1])
    written = {name: getattr(row, name) for name in _SETTLED}
    # Not once the lease ran out and another worker took the row: what it found out stands.
    mine = LogoutDelivery.objects.filter(pk=row.pk, attempts=row.attempts)
    mine.filter(status=LogoutStatus.QUEUED).update(**written)


def _close_delivery(row: LogoutDelivery, status: LogoutStatus, now: datetime) -> None:
    row.status = status
    # What the address carried may tell of the person, who may be gone: no log needs it.
    row.settled_at, row.session_index, row.url = now, "", row.url.partition("?")[0]
    if status == LogoutStatus.FAILED:
        _log.warning("logout …%s of %s given up: %s", row.tail, row.url, row.answer)


def _give_up_overdue(now: datetime) -> int:
    """A platform that has not answered for a day is told no more of what waits since then: its own
    sessions are over as well, and a ticket's clear value is not kept for ever (O15).
    """
    silent = LogoutLane.objects.filter(timeouts__gte=settings.CAS_LOGOUT_TIMEOUTS)
    overdue = _select_due(now).filter(
        queued_at__lte=now - settings.CAS_LOGOUT_GIVE_UP, platform__in=silent.values("pk")
    )
    if not overdue.exists():
        return 0
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            overdue = overdue.select_for_update(skip_locked=True, of=("self",))
        rows = list(overdue.order_by("pk")[:GIVE_UP_BATCH])
        for row in rows:
            row.answer = row.answer or NO_ANSWER.answer
            _close_delivery(row, LogoutStatus.FAILED, now)
        LogoutDelivery.objects.bulk_update(
            rows, ["status", "settled_at", "session_index", "url", "answer"]
        )
    return len(rows)
