"""Killed, doubled and cut runs on PostgreSQL: afterwards each account is where one undisturbed run
puts it, and no mail is doubled.
"""

import signal
from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from accounts.leaving import account_departures
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.run import execute_run
from lifecycle.enums import CaseOutcome, CaseState, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import LedgerEntry, LifecycleCase
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from tests.effort import examples
from tests.factories.habilitations import make_user
from tests.lifecycle.children import Children
from tests.lifecycle.people import put_case, sleeper
from tests.lifecycle.world import at, log_in, sweep
from tests.servers.processes import wait_until
from tests.together import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
NOW = at("2026-06-10 10:00")
LONG_AGO = at("2024-01-10")


# --- accounts in each state --------------------------------------------------------------------


def idle() -> User:
    return sleeper(clock_from=LONG_AGO)


def notified() -> User:
    user = idle()
    put_case(user, CaseState.NOTIFIED, LONG_AGO, due_at=NOW - timedelta(days=1))
    return user


def announced() -> User:
    since, due = NOW - timedelta(days=17), NOW - timedelta(days=1)
    user = make_user(
        Status.DEACTIVATED_INACTIVE, clock_from=LONG_AGO, status_since=since, revivable_until=due
    )
    put_case(user, CaseState.ANNOUNCED, LONG_AGO, due_at=due, deactivated_at=since)
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


def where(users: list[User]) -> list[tuple[object, ...]]:
    """Of each: status, cases, ledger lines, mails; everything that may differ."""
    ids, public_ids = [user.pk for user in users], [user.public_id for user in users]
    statuses = dict(User.objects.filter(pk__in=ids).values_list("pk", "status"))
    references = {entries.get_reference(public_id): public_id for public_id in public_ids}
    cases, lines, mails = defaultdict(list), defaultdict(list), defaultdict(list)
    for pk, *state in LifecycleCase.objects.filter(user__in=ids).values_list(
        "user", "state", "outcome"
    ):
        cases[pk].append(tuple(state))
    for reference, line in LedgerEntry.objects.values_list("reference", "line"):
        lines[references.get(reference)].append(line)
    for person, kind in Mail.objects.values_list("person", "kind"):
        mails[person].append(kind)
    return [
        (
            statuses.get(user.pk, "deleted"),
            cases[user.pk],
            sorted(Counter(lines[user.public_id]).items()),
            mails[user.public_id],
        )
        for user in users
    ]


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
    found = where([user for _, user in crowd])
    assert found == [UNDISTURBED[name] for name, _ in crowd]
    mails = Counter(Mail.objects.values_list("kind", "subject_id", "cycle"))
    assert not [key for key, number in mails.items() if number > 1]


# --- the faults --------------------------------------------------------------------------------


@pytest.mark.req("L6", "R102")
def test_a_run_killed_or_cut_at_any_statement_is_finished_by_the_next(children: Children) -> None:
    """New accounts before each fault, so that every run has all steps before it."""
    crowd = people(1)
    assert children.finish() == 0
    check(crowd)
    statements = int(children.read_lines("runs")[0].split()[1])
    for place in range(3, statements, statements // examples(5, 20)):
        crowd += people(1)
        assert children.finish("kill", place) == -signal.SIGKILL
    for place in range(5, statements, statements // 2):
        crowd += people(1)
        # It may also have found the database again, and gone on by itself.
        assert children.finish("cut", place) in (0, 1)
    assert children.finish() == 0
    check(crowd)


@pytest.mark.req("L6")
def test_three_workers_at_once_do_each_step_once(children: Children) -> None:
    crowd = people(4)
    stop = children.folder / "stop"
    stop.touch()
    runs = [children.run("wait", 1, batch=3) for _ in range(3)]
    wait_until(lambda: children.began() == 3, *runs)
    stop.unlink()
    assert [run.process.wait() for run in runs] == [0, 0, 0]
    assert any(int(line.split()[0]) for line in children.read_lines("runs"))
    sweep(NOW)
    check(crowd)


# --- a login at the same moment ----------------------------------------------------------------


@pytest.mark.req("L6", "D21")
@pytest.mark.parametrize("attempt", range(3))
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
@pytest.mark.parametrize("attempt", range(3))
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
    victim = announced()
    crowd = [*people(1), ("announced", victim)]
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
