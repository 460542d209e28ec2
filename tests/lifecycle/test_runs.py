"""What a run says of itself."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from lifecycle.flows import run as runs
from lifecycle.flows.steps import take
from tests.factories.habilitations import make_user
from tests.lifecycle.world import at, sweep

pytestmark = pytest.mark.django_db
NOW = at("2026-06-10 10:00")


def test_a_run_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = at("2024-01-10")
    make_user(clock_from=long_ago, created_at=long_ago, status_since=long_ago)

    def slowly(*given: object) -> None:
        time.sleep(0.2)
        take(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "take", slowly)
    done = sweep(NOW)
    assert done is not None and done.finished_at is not None
    assert done.started_at == NOW
    assert timedelta(seconds=0.2) <= done.finished_at - NOW < timedelta(minutes=2)
