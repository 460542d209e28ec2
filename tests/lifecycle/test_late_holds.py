"""A hold that comes between the claim of a notice and its writing still counts (D27)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from lifecycle.enums import HoldReason
from lifecycle.flows import steps
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_user
from tests.lifecycle.world import at, sweep

pytestmark = pytest.mark.django_db
NOW = at("2026-06-10 10:00")
LONG_AGO = at("2024-01-10")


def idle() -> User:
    return make_user(clock_from=LONG_AGO, created_at=LONG_AGO, status_since=LONG_AGO)


def hold_meanwhile(monkeypatch: pytest.MonkeyPatch, user: User | None) -> None:
    real = vars(steps)["queue_many"]

    def queue_many(*arguments: Any, **more: Any) -> Any:
        Hold.objects.get_or_create(
            user=user,
            everything=user is None,
            defaults={"reason": HoldReason.values[0], "placed_at": NOW},
        )
        return real(*arguments, **more)

    monkeypatch.setattr(steps, "queue_many", queue_many)


def test_an_account_held_meanwhile_is_not_warned_and_the_others_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, other = idle(), idle()
    hold_meanwhile(monkeypatch, held)
    sweep(NOW)
    assert LifecycleCase.objects.get().user == other
    assert Mail.objects.get().person == other.public_id
    assert LedgerEntry.objects.count() == 1


def test_a_stop_of_everything_meanwhile_warns_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    idle()
    hold_meanwhile(monkeypatch, None)
    sweep(NOW)
    assert not LifecycleCase.objects.exists()
    assert not Mail.objects.exists()
    assert not LedgerEntry.objects.exists()
