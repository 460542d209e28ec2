"""Killed, doubled and cut runs on PostgreSQL: afterwards each account is where one undisturbed run
puts it, and no mail is doubled.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from accounts.leaving import account_departures
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.run import execute_run
from lifecycle.enums import CaseCause, CaseOutcome, CaseState, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import LedgerEntry, LifecycleCase
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from mgestion.text.dates import end_of_paris_day, paris_date
from tests.factories.habilitations import make_user
from tests.lifecycle.world import at, log_in, sweep
from tests.servers.processes import LineProcess
from tests.together import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
NOW = at("2026-06-10 10:00")
LONG_AGO = at("2024-01-10")
Worker = Callable[..., LineProcess]


# --- accounts in each state --------------------------------------------------------------------


def idle() -> User:
    return make_user(clock_from=LONG_AGO, created_at=LONG_AGO, status_since=LONG_AGO)


def _case(user: User, state: str, **more: object) -> LifecycleCase:
    anchor = paris_date(user.clock_from)
    return LifecycleCase.objects.create(
        user=user,
        cause=CaseCause.INACTIVITY,
        state=state,
        anchor=anchor,
        anchor_ends=end_of_paris_day(anchor),
        opened_at=LONG_AGO,
        due_at=NOW - timedelta(days=1),
        **more,
    )


def notified() -> User:
    user = idle()
    _case(user, CaseState.NOTIFIED)
    return user


def announced() -> User:
    since = NOW - timedelta(days=17)
    user = make_user(
        Status.DEACTIVATED_INACTIVE,
        clock_from=LONG_AGO,
        status_since=since,
        revivable_until=NOW - timedelta(days=1),
    )
    _case(user, CaseState.ANNOUNCED, deactivated_at=since)
    return user


def returned() -> User:
    user = notified()
    User.objects.filter(pk=user.pk).update(clock_from=NOW - timedelta(days=3))
    return user


def dismissed() -> User:
    user = make_user()
    account_departures.deactivate_account(user, actor=Actor.system("test"), reason="left", now=NOW)
    return user


def unfinished() -> User:
    old = NOW - timedelta(days=40)
    return make_user(Status.PENDING, created_at=old, clock_from=old)


KINDS = (idle, notified, announced, returned, dismissed, unfinished)


def where(user: User) -> tuple[object, ...]:
    """Everything that may differ: status, cases, ledger lines, mails."""
    now = User.objects.filter(pk=user.pk).first()
    return (
        now.status if now else "deleted",
        sorted(LifecycleCase.objects.filter(user=user.pk).values_list("state", "outcome")),
        sorted(Counter(line.line for line in entries.list_account_entries(user.public_id)).items()),
        sorted(Mail.objects.filter(person=user.public_id).values_list("kind", flat=True)),
    )


UNDISTURBED = {
    "idle": (
        "active",
        [(CaseState.NOTICE_QUEUED, "")],
        [(LedgerLine.NOTICE_QUEUED, 1)],
        ["lifecycle.inactivity_notice"],
    ),
    "notified": (
        "deactivated_inactive",
        [(CaseState.DEACTIVATED, "")],
        [(LedgerLine.DEACTIVATED, 1)],
        ["lifecycle.inactivity_deactivated"],
    ),
    "announced": ("deleted", [], [(LedgerLine.DELETED, 1)], []),
    "returned": ("active", [(CaseState.CLOSED, CaseOutcome.ACTIVITY)], [(LedgerLine.ENDED, 1)], []),
    "dismissed": (
        "deactivated_by_admin",
        [(CaseState.DEACTIVATED, "")],
        [(LedgerLine.DEACTIVATED, 1)],
        ["accounts.admin_deactivated"],
    ),
    "unfinished": ("deleted", [], [(LedgerLine.DELETED, 1)], []),
}


def people(number: int) -> list[tuple[str, User]]:
    return [(kind.__name__, kind()) for _ in range(number) for kind in KINDS]


def check(crowd: list[tuple[str, User]]) -> None:
    for name, user in crowd:
        assert where(user) == UNDISTURBED[name], name
    mails = Counter(Mail.objects.values_list("kind", "subject_id", "cycle"))
    assert not [key for key, number in mails.items() if number > 1]


def run_in_a_process(database: str, folder: Path, *how: str) -> LineProcess:
    """tests/lifecycle/worker.py on `database`, ready to be told to run."""
    process = LineProcess(
        *("tests.lifecycle.worker", NOW.isoformat(), *how),
        environment={
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATABASE_URL": database,
            "DATA_DIR": str(folder),
        },
        log=folder / f"worker-{uuid4()}.log",
    )
    assert process.read_line() == "ready"
    return process


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    running: list[LineProcess] = []
    name = str(connection.settings_dict["NAME"])
    address, _, options = os.environ["DATABASE_URL"].partition("?")
    database = f"{address.rpartition('/')[0]}/{name}?{options}"

    def start(*how: str) -> LineProcess:
        running.append(run_in_a_process(database, tmp_path, *how))
        return running[-1]

    yield start
    for process in running:
        process.kill()


# --- the faults --------------------------------------------------------------------------------


def test_an_undisturbed_run_is_what_the_table_says() -> None:
    crowd = people(2)
    sweep(NOW)
    check(crowd)


def serve_run(process: LineProcess, how: str = "", at: int = 0) -> tuple[int, str]:
    """Asks a worker that serves for one run: the run's exit status, and what it said."""
    process.write_line(f"{how} {at}" if how else "")
    said = ""
    while len(words := process.read_line().split()) == 2:
        said = words[1]
    return int(words[0]), said


@pytest.mark.req("L6", "R102")
def test_a_run_killed_at_any_statement_is_finished_by_the_next(worker: Worker) -> None:
    """New accounts before each kill, so that every run has all steps before it."""
    server = worker("serve")
    crowd = people(1)
    status, statements = serve_run(server)
    assert status == 0
    check(crowd)
    for place in range(3, int(statements), max(1, int(statements) // 16)):
        crowd += people(1)
        assert serve_run(server, "kill", place) == (-signal.SIGKILL, "")
    assert serve_run(server)[0] == 0
    check(crowd)


def test_a_run_whose_database_goes_away_is_finished_by_the_next(worker: Worker) -> None:
    server = worker("serve")
    crowd = people(1)
    statements = int(serve_run(server)[1])
    for place in range(5, statements, statements // 5):
        crowd += people(1)
        # It may also have found the database again, and gone on by itself.
        assert serve_run(server, "cut", place)[0] in (0, 1)
    assert serve_run(server)[0] == 0
    check(crowd)


@pytest.mark.req("L6")
def test_three_workers_at_once_do_each_step_once(worker: Worker) -> None:
    crowd = people(30)
    processes = [worker() for _ in range(3)]
    for process in processes:
        process.write_line()
    touched = [int(process.finish().split()[0]) for process in processes]
    assert sum(1 for number in touched if number) >= 1
    sweep(NOW)
    check(crowd)


# --- a login at the same moment ----------------------------------------------------------------


@pytest.mark.req("L6", "D21")
@pytest.mark.parametrize("attempt", range(6))
def test_a_login_and_the_deactivation_have_one_winner(attempt: int) -> None:
    user = notified()
    run_together(
        lambda: log_in(user.pk, NOW), lambda: execute_run(NOW, trigger="test", any_hour=True)
    )
    sweep(NOW)
    user.refresh_from_db()
    case = LifecycleCase.objects.get(user=user)
    if user.status == Status.ACTIVE:
        assert (case.state, case.outcome) == (CaseState.CLOSED, CaseOutcome.ACTIVITY)
        assert not Mail.objects.filter(kind="lifecycle.inactivity_deactivated").exists()
    else:
        assert user.status == Status.DEACTIVATED_INACTIVE
        assert case.state == CaseState.DEACTIVATED
        assert user.clock_from == LONG_AGO


@pytest.mark.req("L4", "D21")
@pytest.mark.parametrize("attempt", range(6))
def test_a_login_and_the_deletion_have_one_winner(attempt: int) -> None:
    """The login is a second before midnight, the run at midnight; they meet in the database."""
    user = announced()
    User.objects.filter(pk=user.pk).update(revivable_until=NOW)
    revived: list[bool] = []

    def login() -> None:
        try:
            account_states.revive_by_login(
                user, actor=Actor.person(user), now=NOW - timedelta(seconds=1)
            )
            revived.append(True)
        except (Refused, User.DoesNotExist):
            revived.append(False)

    run_together(login, lambda: execute_run(NOW, trigger="test", any_hour=True))
    sweep(NOW)
    deleted = LedgerEntry.objects.filter(line=LedgerLine.DELETED).count()
    if revived == [True]:
        assert User.objects.get(pk=user.pk).status == Status.ACTIVE
        assert deleted == 0
    else:
        assert not User.objects.filter(pk=user.pk).exists()
        assert deleted == 1
        assert not LifecycleCase.objects.exists()


def test_one_failing_account_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = people(3)
    victim = next(user for name, user in crowd if name == "announced")
    from accounts.leaving import account_erasure

    real = account_erasure.erase_accounts

    def erase(user_ids, **more):  # type: ignore[no-untyped-def]
        if victim.pk in user_ids:
            raise ValueError("jeanne.martin@garage-exemple.example.org")
        return real(user_ids, **more)

    monkeypatch.setattr(account_erasure, "erase_accounts", erase)
    done = sweep(NOW)
    assert done is not None
    assert done.outcome == "partial"
    assert done.failures == [
        {
            "step": "delete",
            "reference": entries.get_reference(victim.public_id),
            "error": "ValueError",
        }
    ]
    check([(name, user) for name, user in crowd if user.pk != victim.pk])
    assert User.objects.get(pk=victim.pk).status == Status.DEACTIVATED_INACTIVE
    monkeypatch.undo()
    sweep(NOW)
    check(crowd)
