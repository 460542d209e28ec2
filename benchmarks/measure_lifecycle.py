"""The lifecycle among a million accounts: nothing due, notices, deletions, memory.

Sizes come from BENCH_ACCOUNTS (1,000,000) and BENCH_DUE (10,000). Needs PostgreSQL: the measure
starts one of its own. The floor is the same effect in hand-written SQL, in the same database.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "1000000"))
DUE = int(os.environ.get("BENCH_DUE", "10000"))


def run() -> Iterable[str]:
    """Starts a database, then measures in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.with_servers", sys.executable, "-m", __name__],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        # The project's own settings: the tests' shuffle rows.
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mgestion.settings",
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATA_DIR": tempfile.mkdtemp(prefix="mgbench-"),
        },
    )
    yield from (line for line in done.stdout.splitlines() if line.startswith("·"))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _sql_time(act: Callable[[], object]) -> tuple[float, int]:
    """Seconds spent in the database, and the number of statements."""
    from django.db import connection

    spent: list[float] = []

    def clock(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - began)

    with connection.execute_wrapper(clock):
        act()
    return sum(spent), len(spent)


def measure() -> Iterable[str]:
    """In the process that has the database."""
    from django.conf import settings

    settings.LIFECYCLE_CAP = settings.LIFECYCLE_BREAKER_FLOOR = 10 * DUE
    settings.LIFECYCLE_OFFICE_DAYS, settings.LIFECYCLE_OFFICE_HOURS = tuple(range(7)), (0, 24)
    from lifecycle.enums import CaseState, Step
    from lifecycle.flows.run import run as sweep
    from tests.lifecycle.crowd import analyze, insert_cases, insert_people
    from tests.lifecycle.world import at

    now = at("2026-06-10 10:00")
    for size in (ACCOUNTS // 100, ACCOUNTS):
        insert_people(0 if size < ACCOUNTS else ACCOUNTS // 100, size, since=now)
        analyze()
        sweep(now, trigger="bench")
        times = [_sql_time(lambda: sweep(now, trigger="bench")) for _ in range(7)]
        yield (
            f"nothing due among {size:,}: {median(t for t, _ in times) * 1000:.1f} ms of SQL "
            f"in {times[0][1]} statements (goal: under 5 ms, flat)"
        )
    first = 10 * ACCOUNTS
    insert_people(first, DUE, since=at("2024-03-01"))
    analyze()
    floor = _timed(lambda: _notices_in_sql(now))
    spent = _timed(lambda: sweep(now, trigger="bench", steps=[Step.NOTICE]))
    yield _line("notices", spent, floor)
    _forget(now)
    since = now - timedelta(days=17)
    insert_people(first + DUE, DUE, since=since, status="deactivated_inactive")
    insert_cases(CaseState.ANNOUNCED, "deactivated_inactive", due=now - timedelta(days=1), now=now)
    analyze()
    spent = _timed(lambda: sweep(now, trigger="bench", steps=[Step.DELETE]))
    yield f"{DUE:,} deletions: {spent / DUE * 1000:.2f} ms a person (goal: 1)"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yield f"memory at the end of all this: {peak} MB (goal: 100, flat)"


def _line(what: str, spent: float, floor: float) -> str:
    return (
        f"{DUE:,} {what}: {spent / DUE * 1000:.3f} ms a person (goal: 0.1); "
        f"pure SQL {floor / DUE * 1000:.3f}; ratio {spent / floor:.1f}"
    )


def _notices_in_sql(now: datetime) -> None:
    """State, ledger line and mail row by three statements, then taken back."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE due ON COMMIT DROP AS SELECT id, public_id, gen_random_uuid() AS c, "
            "gen_random_uuid() AS m FROM accounts_user WHERE status = 'active' "
            "AND clock_from < %s",
            [now - timedelta(days=731)],
        )
        cursor.execute(
            "INSERT INTO outbox_mail (id, kind, subject_id, cycle, key, person, data, status, "
            'created_at, next_at, attempts, message_id, "to", subject, text, html, last_error) '
            "SELECT m, 'lifecycle.inactivity_notice', c, '', 'k:' || c, public_id, '{}', 'queued', "
            "%s, %s, 0, '<' || m || '@x>', '', '', '', '', '' FROM due",
            [now, now],
        )
        cursor.execute(
            "INSERT INTO lifecycle_lifecyclecase (id, user_id, cause, state, anchor, anchor_ends, "
            "opened_at, mail_id, mails, outcome) SELECT c, id, 'inactivity', 'notice_queued', "
            "date '2024-03-01', %s, %s, m, 1, '' FROM due",
            [now, now],
        )
        cursor.execute(
            "INSERT INTO lifecycle_ledgerentry (at, reference, line, cause, reason, case_id, "
            "mail_id, actor) SELECT %s, md5(public_id::text), 'notice_queued', 'inactivity', '', "
            "c, m, '' FROM due",
            [now],
        )
        transaction.set_rollback(True)


def _forget(now: datetime) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET clock_from = %s WHERE clock_from < %s",
            [now, now - timedelta(days=700)],
        )
        cursor.execute("DELETE FROM lifecycle_lifecyclecase")


if __name__ == "__main__":
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    old = setup_databases(0, interactive=False)
    try:
        for line in measure():
            sys.stdout.write(f"· {line}\n")
            sys.stdout.flush()
    finally:
        teardown_databases(old, 0)
