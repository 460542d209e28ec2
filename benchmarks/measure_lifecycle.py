"""The lifecycle among a million accounts: nothing due, notices, deletions, memory.

Sizes come from BENCH_ACCOUNTS (1,000,000) and BENCH_DUE (10,000), rounds from BENCH_ROUNDS (5).
Needs PostgreSQL: the measure starts one of its own. The floor is the same effect in hand-written
SQL, in the same database, its foreign keys checked as ours are by the commit. Every round begins on
vacuumed tables, and its figures stand beside the median: a wide spread says that the machine was
busy.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from statistics import median

from benchmarks import serving
from benchmarks.verdicts import judge, size

ACCOUNTS = size("BENCH_ACCOUNTS", 1_000_000, 2_000)
DUE = size("BENCH_DUE", 10_000, 200)
ROUNDS = size("BENCH_ROUNDS", 5, 2)
_TABLES = (
    "accounts_user",
    "lifecycle_lifecyclecase",
    "lifecycle_ledgerentry",
    "outbox_mail",
    "journal_entry",
)


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


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

    settings.LIFECYCLE_CAP = settings.LIFECYCLE_BREAKER_FLOOR = 100 * DUE
    settings.LIFECYCLE_OFFICE_DAYS, settings.LIFECYCLE_OFFICE_HOURS = tuple(range(7)), (0, 24)
    from tests.lifecycle.world import at

    now = at("2026-06-10 10:00")
    yield from _nothing_due(now)
    yield from _notices(now)
    first_peak = _peak()
    yield judge("memory after that", first_peak, 100, " MB")
    spent = [_deletions(now) for _ in range(ROUNDS)]
    yield _judge_each(f"{DUE:,} deletions", spent, DUE, 1.5)
    spent_once, floor = _one_round(now, 10 * DUE)
    more = f"pure SQL {_each([floor], 10 * DUE)}; ratio {spent_once / floor:.1f}"
    yield _judge_each(f"{10 * DUE:,} notices", [spent_once], 10 * DUE, 0.5, more)
    yield judge("memory after that", _peak(), 100, " MB")
    yield judge("memory after that / before", _peak() / first_peak, 1.1)


def _nothing_due(now: datetime) -> Iterable[str]:
    from lifecycle.engine.run import execute_run as sweep
    from tests.lifecycle.crowd import insert_people

    yield f"the machine: one indexed count takes {_yardstick() * 1000:.2f} ms (0.06 for the goals)"
    for people in (ACCOUNTS // 100, ACCOUNTS):
        insert_people(0 if people < ACCOUNTS else ACCOUNTS // 100, people, since=now)
        _tidy()
        sweep(now, trigger="bench")
        times = [_sql_time(lambda: sweep(now, trigger="bench")) for _ in range(7)]
        yield judge(
            f"nothing due among {people:,}, SQL",
            median(t for t, _ in times) * 1000,
            5,
            " ms",
            more=f"{times[0][1]} statements",
        )


def _yardstick() -> float:
    """Seconds of the least that a sweep can ask: how fast the machine is on this day."""
    from django.db import connection

    def count() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_user WHERE id < 0")
            cursor.fetchone()

    return median(_timed(count) for _ in range(300))


def _notices(now: datetime) -> Iterable[str]:
    rounds = [_one_round(now, DUE) for _ in range(ROUNDS)]
    ratio = median(spent / floor for spent, floor in rounds)
    more = f"pure SQL {_each([floor for _, floor in rounds], DUE)}; ratio {ratio:.1f}"
    yield _judge_each(f"{DUE:,} notices", [spent for spent, _ in rounds], DUE, 0.5, more)


def _one_round(now: datetime, number: int) -> tuple[float, float]:
    """Seconds of `number` notices, ours and in SQL; nobody of them is left."""
    from lifecycle.engine.run import execute_run as sweep
    from lifecycle.enums import Step
    from lifecycle.models import LifecycleCase
    from tests.lifecycle.crowd import insert_people
    from tests.lifecycle.world import at

    insert_people(10 * ACCOUNTS, number, since=at("2024-03-01"))
    _tidy()
    floor = _timed(lambda: _notices_in_sql(now))
    _tidy()
    spent = _timed(lambda: sweep(now, trigger="bench", steps=[Step.NOTICE]))
    if LifecycleCase.objects.count() != number:
        raise RuntimeError("The sweep did not warn everybody: its figure would say nothing.")
    _forget(now)
    return spent, floor


def _deletions(now: datetime) -> float:
    """Seconds of DUE deletions."""
    from accounts.people.models import User
    from lifecycle.engine.run import execute_run as sweep
    from lifecycle.enums import CaseState, Step
    from tests.lifecycle.crowd import insert_cases, insert_people

    leaving = "deactivated_inactive"
    insert_people(10 * ACCOUNTS, DUE, since=now - timedelta(days=17), status=leaving)
    insert_cases(CaseState.ANNOUNCED, leaving, due=now - timedelta(days=1), now=now)
    _tidy()
    spent = _timed(lambda: sweep(now, trigger="bench", steps=[Step.DELETE]))
    if User.objects.filter(status=leaving).exists():
        raise RuntimeError("The sweep did not delete everybody: its figure would say nothing.")
    return spent


def _judge_each(what: str, seconds: list[float], number: int, goal: float, more: str = "") -> str:
    each = median(seconds) / number * 1000
    spread = f"rounds {_each(seconds, number)}"
    return judge(f"{what}, each", each, goal, " ms", more="; ".join(filter(None, (spread, more))))


def _each(seconds: list[float], number: int) -> str:
    """The median for one of `number`, and the extremes of the rounds."""
    each = sorted(spent / number * 1000 for spent in seconds)
    spread = f" ({each[0]:.3f} to {each[-1]:.3f})" if len(each) > 1 else ""
    return f"{median(each):.3f}{spread}"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


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
            'created_at, next_at, attempts, priority, message_id, "to", subject, text, html, '
            "last_error) SELECT m, 'lifecycle.inactivity_notice', c, '', 'k:' || c, public_id, "
            "'{}', 'queued', %s, %s, 0, 1, '<' || m || '@x>', '', '', '', '', '' FROM due",
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
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would check
        transaction.set_rollback(True)


def _forget(now: datetime) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE lifecycle_lifecyclecase, outbox_mail")
        cursor.execute(
            "DELETE FROM accounts_user WHERE clock_from < %s", [now - timedelta(days=700)]
        )


def _tidy() -> None:
    """Each round begins alike: no dead rows, fresh statistics, nothing left to write."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")


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
