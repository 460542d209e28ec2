"""Killed, doubled and cut runs on PostgreSQL: afterwards each account is where one undisturbed run
puts it, and no mail is doubled.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from accounts import standing, standing_acts
from accounts.enums import Status
from accounts.models import User
from lifecycle import ledger
from lifecycle.enums import CaseState, Cause, Line, Outcome
from lifecycle.flows.run import run
from lifecycle.models import LedgerEntry, LifecycleCase
from mgestion.dates import end_of_paris_day, paris_date
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_user
from tests.lifecycle.world import at, log_in, sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
ROOT = Path(__file__).resolve().parents[2]
NOW = at("2026-06-10 10:00")
LONG_AGO = at("2024-01-10")
Worker = Callable[..., "subprocess.Popen[str]"]


# --- accounts in each state --------------------------------------------------------------------


def idle() -> User:
    return make_user(clock_from=LONG_AGO, created_at=LONG_AGO, status_since=LONG_AGO)


def _case(user: User, state: str, **more: object) -> LifecycleCase:
    anchor = paris_date(user.clock_from)
    return LifecycleCase.objects.create(
        user=user,
        cause=Cause.INACTIVITY,
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
    standing_acts.deactivate(user, actor=Actor.system("test"), reason="left", now=NOW)
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
        sorted(Counter(line.line for line in ledger.lines_of(user.public_id)).items()),
        sorted(Mail.objects.filter(person=user.public_id).values_list("kind", flat=True)),
    )


UNDISTURBED = {
    "idle": (
        "active",
        [(CaseState.NOTICE_QUEUED, "")],
        [(Line.NOTICE_QUEUED, 1)],
        ["lifecycle.inactivity_notice"],
    ),
    "notified": (
        "deactivated_inactive",
        [(CaseState.DEACTIVATED, "")],
        [(Line.DEACTIVATED, 1)],
        ["lifecycle.inactivity_deactivated"],
    ),
    "announced": ("deleted", [], [(Line.DELETED, 1)], []),
    "returned": ("active", [(CaseState.CLOSED, Outcome.ACTIVITY)], [(Line.ENDED, 1)], []),
    "dismissed": (
        "deactivated_by_admin",
        [(CaseState.DEACTIVATED, "")],
        [(Line.DEACTIVATED, 1)],
        ["accounts.admin_deactivated"],
    ),
    "unfinished": ("deleted", [], [(Line.DELETED, 1)], []),
}


def people(number: int) -> list[tuple[str, User]]:
    return [(kind.__name__, kind()) for _ in range(number) for kind in KINDS]


def check(crowd: list[tuple[str, User]]) -> None:
    for name, user in crowd:
        assert where(user) == UNDISTURBED[name], name
    mails = Counter(Mail.objects.values_list("kind", "subject_id", "cycle"))
    assert not [key for key, number in mails.items() if number > 1]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    running: list[subprocess.Popen[str]] = []
    name = str(connection.settings_dict["NAME"])
    address, _, options = os.environ["DATABASE_URL"].partition("?")

    def start(*how: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.lifecycle.worker", NOW.isoformat(), *how],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={
                **os.environ,
                "MGESTION_MODE": "embedded",
                "MGESTION_TESTING": "1",
                "DATABASE_URL": f"{address.rpartition('/')[0]}/{name}?{options}",
                "DATA_DIR": str(tmp_path),
            },
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate("\n", timeout=60)
    return out


# --- the faults --------------------------------------------------------------------------------


def test_an_undisturbed_run_is_what_the_table_says() -> None:
    crowd = people(2)
    sweep(NOW)
    check(crowd)


class Server:
    """A worker that serves: a run a line, each in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, how: str = "", at: int = 0) -> tuple[int, str]:
        """The run's exit status, and what it said."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{how} {at}\n" if how else "\n")
        self._process.stdin.flush()
        said = ""
        while len(words := self._process.stdout.readline().split()) == 2:
            said = words[1]
        return int(words[0]), said


@pytest.mark.req("L6", "R102")
def test_a_run_killed_at_any_statement_is_finished_by_the_next(worker: Worker) -> None:
    """New accounts before each kill, so that every run has all steps before it."""
    server = Server(worker("serve"))
    crowd = people(1)
    status, statements = server.run()
    assert status == 0
    check(crowd)
    for place in range(3, int(statements), max(1, int(statements) // 16)):
        crowd += people(1)
        assert server.run("kill", place) == (-signal.SIGKILL, "")
    assert server.run()[0] == 0
    check(crowd)


def test_a_run_whose_database_goes_away_is_finished_by_the_next(worker: Worker) -> None:
    server = Server(worker("serve"))
    crowd = people(1)
    statements = int(server.run()[1])
    for place in range(5, statements, statements // 5):
        crowd += people(1)
        # It may also have found the database again, and gone on by itself.
        assert server.run("cut", place)[0] in (0, 1)
    assert server.run()[0] == 0
    check(crowd)


@pytest.mark.req("L6")
def test_three_workers_at_once_do_each_step_once(worker: Worker) -> None:
    crowd = people(120)
    processes = [worker() for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    touched = [int(finish_quietly(process).split()[0]) for process in processes]
    assert sum(1 for number in touched if number) >= 1
    sweep(NOW)
    check(crowd)


def finish_quietly(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    return out


# --- a login at the same moment ----------------------------------------------------------------


def race(*sides: Callable[[], object]) -> None:
    """Both sides from one barrier, each on a connection of its own."""
    barrier = threading.Barrier(len(sides))
    troubles: list[BaseException] = []

    def side(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(60)
            act()
        except BaseException as trouble:  # noqa: BLE001  # handed to the test
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=side, args=(act,)) for act in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert not troubles, troubles


@pytest.mark.req("L6", "D21")
@pytest.mark.parametrize("attempt", range(6))
def test_a_login_and_the_deactivation_have_one_winner(attempt: int) -> None:
    user = notified()
    race(lambda: log_in(user.pk, NOW), lambda: run(NOW, trigger="test", any_hour=True))
    sweep(NOW)
    user.refresh_from_db()
    case = LifecycleCase.objects.get(user=user)
    if user.status == Status.ACTIVE:
        assert (case.state, case.outcome) == (CaseState.CLOSED, Outcome.ACTIVITY)
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
            standing.revive_by_login(user, actor=Actor.person(user), now=NOW - timedelta(seconds=1))
            revived.append(True)
        except (Refused, User.DoesNotExist):
            revived.append(False)

    race(login, lambda: run(NOW, trigger="test", any_hour=True))
    sweep(NOW)
    deleted = LedgerEntry.objects.filter(line=Line.DELETED).count()
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
    from accounts import erasure

    real = erasure.erase

    def erase(user_ids, **more):  # type: ignore[no-untyped-def]
        if victim.pk in user_ids:
            raise ValueError("jeanne.martin@garage-exemple.example.org")
        return real(user_ids, **more)

    monkeypatch.setattr(erasure, "erase", erase)
    done = sweep(NOW)
    assert done is not None
    assert done.outcome == "partial"
    assert done.failures == [
        {"step": "delete", "reference": ledger.reference(victim.public_id), "error": "ValueError"}
    ]
    check([(name, user) for name, user in crowd if user.pk != victim.pk])
    assert User.objects.get(pk=victim.pk).status == Status.DEACTIVATED_INACTIVE
    monkeypatch.undo()
    sweep(NOW)
    check(crowd)
