"""A hold that comes between the claim of a notice and its writing still counts (D27)."""

from typing import Any

import pytest

from accounts.people.models import User
from lifecycle.engine import steps
from lifecycle.engine.brakes import holds
from lifecycle.enums import CaseState, HoldReason
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from tests.lifecycle.people import sleeper
from tests.lifecycle.world import Server, at, deliver, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NOW = at("2026-06-10 10:00")


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
    actor = Actor.system("test")
    holds.place_hold(None, reason=HoldReason.STAFF, actor=actor, now=NOW)
    deliver(NOW)
    sweep(at("2026-06-10 11:00"))  # asks for the mail again only once nothing is held
    deliver(at("2026-06-10 11:00"))
    assert not Server.accepted
    assert LifecycleCase.objects.get().mails == 1
    later = at("2026-06-12 10:00")
    holds.release_hold(None, actor=actor, now=later)
    deliver(later)
    sweep(later)
    case = LifecycleCase.objects.get(user=user)
    assert (case.state, str(case.notice_last_day)) == (CaseState.NOTIFIED, "2026-06-27")
    assert len(Server.accepted) == 1
