"""Holds beside one another, days given back once, and what races with a hold (D27, D51)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine import steps
from lifecycle.engine.brakes import holds
from lifecycle.enums import CaseState, HoldReason, LedgerLine
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_user
from tests.lifecycle.people import announced, dead_notice, notified, sleeper
from tests.lifecycle.shell.test_command import lifecycle
from tests.lifecycle.world import Server, at, deliver, status_of, sweep, tick

pytestmark = [pytest.mark.django_db, pytest.mark.both]
ACTOR = Actor.system("test")
NOW = at("2026-06-10 10:00")


def last_day(user: User) -> str:
    return str(LifecycleCase.objects.get(user=user, closed_at=None).notice_last_day)


@pytest.mark.req("D51")
@pytest.mark.parametrize(
    ("own", "everybody", "ends"),
    [
        # Own hold, and that of everybody: from and to, in March 2026; the last day at the end.
        ((14, 20), (16, 18), "2026-04-01"),  # inside: 6 days in all
        ((16, 18), (14, 20), "2026-04-01"),
        ((14, 18), (16, 20), "2026-04-01"),  # crossing
        ((16, 20), (14, 18), "2026-04-01"),
        ((14, 16), (16, 18), "2026-03-30"),  # one after the other: 2 and 2
        ((14, 20), (14, 20), "2026-04-01"),  # the same days
    ],
)
def test_days_that_two_holds_share_are_given_back_once(
    own: tuple[int, int], everybody: tuple[int, int], ends: str
) -> None:
    user, other = notified(), sleeper()
    acts: list[tuple[int, int, Callable[[datetime], object]]] = [
        (own[0], 0, lambda now: holds.place_hold(user, reason="legal", actor=ACTOR, now=now)),
        (
            everybody[0],
            1,
            lambda now: holds.place_hold(None, reason="outage", actor=ACTOR, now=now),
        ),
        (own[1], 2, lambda now: holds.release_hold(user, actor=ACTOR, now=now)),
        (everybody[1], 3, lambda now: holds.release_hold(None, actor=ACTOR, now=now)),
    ]
    for day, _, act in sorted(acts, key=lambda one: one[:2]):
        act(at(f"2026-03-{day}"))
    assert last_day(user) == ends
    assert not LifecycleCase.objects.filter(user=other).exists()


@pytest.mark.req("D27", "D51")
def test_a_mail_that_never_arrived_waits_for_the_last_of_two_holds() -> None:
    user = dead_notice()
    assert "e-mail impossible à remettre" in lifecycle("explain", str(user.public_id))[0]
    Server.mode = "up"
    holds.place_hold(None, reason="outage", actor=ACTOR, now=at("2026-03-16"))
    holds.release_hold(None, actor=ACTOR, now=at("2026-03-17"))  # his own goes on
    tick(at("2026-03-17 13:00"))
    assert Mail.objects.count() == 1
    assert not LedgerEntry.objects.filter(line=LedgerLine.REQUEUED).exists()
    holds.place_hold(None, reason="outage", actor=ACTOR, now=at("2026-03-18"))
    holds.release_hold(user, actor=ACTOR, now=at("2026-03-19"))  # that of everybody goes on
    assert Mail.objects.count() == 1
    holds.release_hold(None, actor=ACTOR, now=at("2026-03-20"))
    tick(at("2026-03-20 13:00"))
    assert len(Server.accepted) == 1
    tick(at("2026-03-20 14:00"))
    assert last_day(user) == "2026-04-04"


def test_a_hold_on_an_account_that_has_just_gone_is_refused() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).delete()
    with pytest.raises(WrongState) as refusal, transaction.atomic():
        holds.place_hold(user, reason="staff", actor=ACTOR, now=at("2026-03-20"))
    assert refusal.value.code == "deleted"
    with pytest.raises(WrongState):
        holds.release_hold(user, actor=ACTOR, now=at("2026-03-20"))


@pytest.mark.parametrize("everybody", [True, False])
def test_a_second_hold_is_refused_and_leaves_the_first(everybody: bool) -> None:
    user = None if everybody else make_user()
    holds.place_hold(user, reason="staff", actor=ACTOR, now=at("2026-03-20"))
    with pytest.raises(WrongState) as refusal:
        holds.place_hold(user, reason="legal", actor=ACTOR, now=at("2026-03-21"))
    assert refusal.value.code == "held"
    assert Hold.objects.get().reason == "staff"
    holds.release_hold(user, actor=ACTOR, now=at("2026-03-22"))
    with pytest.raises(WrongState):
        holds.release_hold(user, actor=ACTOR, now=at("2026-03-22"))


@pytest.mark.req("D51", "L4")
def test_extending_while_on_hold_gives_both_and_the_way_back_stays_open() -> None:
    user = announced()  # for 11 April
    holds.place_hold(user, reason="legal", actor=ACTOR, now=at("2026-04-10"))
    holds.extend_deadlines(4, reason="outage", actor=ACTOR, now=at("2026-04-12"))
    tick(at("2026-04-18"))
    user.refresh_from_db()
    assert (user.status, user.revivable_until) == (Status.DEACTIVATED_INACTIVE, None)
    holds.release_hold(user, actor=ACTOR, now=at("2026-04-20"))
    user.refresh_from_db()
    assert user.revivable_until == at("2026-04-26 00:00")  # 11 + 4 + 10 days
    tick(at("2026-04-25 23:59"))
    assert status_of(user.pk) == "deactivated_inactive"
    tick(at("2026-04-26 00:00"))
    assert status_of(user.pk) == "deleted"


# --- between the claim of a notice and its writing ------------------------------------------------


def hold_meanwhile(monkeypatch: pytest.MonkeyPatch, user: User | None) -> None:
    real = vars(steps)["queue_first_mails"]

    def queue_first(*arguments: Any, **more: Any) -> Any:
        Hold.objects.get_or_create(
            user=user,
            everything=user is None,
            defaults={"reason": HoldReason.values[0], "placed_at": NOW},
        )
        return real(*arguments, **more)

    monkeypatch.setattr(steps, "queue_first_mails", queue_first)


def test_an_account_held_meanwhile_is_not_warned_and_the_others_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, other = sleeper(), sleeper()
    hold_meanwhile(monkeypatch, held)
    sweep(NOW)
    assert LifecycleCase.objects.get().user == other
    assert Mail.objects.get().person == other.public_id
    assert LedgerEntry.objects.count() == 1


def test_a_stop_of_everything_meanwhile_warns_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper()
    hold_meanwhile(monkeypatch, None)
    sweep(NOW)
    assert not LifecycleCase.objects.exists()
    assert not Mail.objects.exists()
    assert not LedgerEntry.objects.exists()


@pytest.mark.req("D51")
def test_a_stop_of_everything_keeps_the_notices_that_wait_and_its_end_sends_them() -> None:
    user = sleeper()
    sweep(NOW)  # queued, not sent yet
    holds.place_hold(None, reason=HoldReason.STAFF, actor=ACTOR, now=NOW)
    deliver(NOW)
    sweep(at("2026-06-10 11:00"))  # asks for the mail again only once nothing is held
    deliver(at("2026-06-10 11:00"))
    assert not Server.accepted
    assert LifecycleCase.objects.get().mails == 1
    later = at("2026-06-12 10:00")
    holds.release_hold(None, actor=ACTOR, now=later)
    deliver(later)
    sweep(later)
    case = LifecycleCase.objects.get(user=user)
    assert (case.state, str(case.notice_last_day)) == (CaseState.NOTIFIED, "2026-06-27")
    assert len(Server.accepted) == 1
