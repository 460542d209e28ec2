"""Acts on a dead mailbox at the same moment, on two real connections (D71, D72)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.enums import Status
from accounts.models import User
from lifecycle.enums import Line
from lifecycle.flows import dead_mailbox, proposals
from lifecycle.flows.switch import follow_switch
from lifecycle.models import Hold, LedgerEntry, StaffProposal
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.habilitations import make_staff
from tests.lifecycle.test_dead_mailbox import dead_closure
from tests.lifecycle.world import at, status_of, sweep

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = at("2026-03-16 10:00")


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Each act on a connection of its own, all at the same moment."""
    barrier = Barrier(len(acts), timeout=60)

    def run(act: Callable[[], Any]) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            barrier.wait()
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def agents() -> Iterator[list[Actor]]:
    yield [Actor.staff(make_staff("national")) for _ in range(3)]


def propose(user: User, actor: Actor) -> StaffProposal:
    return proposals.propose_erasure(
        user, "asked", channel="letter", received_on=date(2026, 3, 9), actor=actor, now=NOW
    )


@pytest.mark.req("D71")
def test_two_agents_who_propose_at_once_make_one_proposal(agents: list[Actor]) -> None:
    user = dead_closure()
    found = together(*(lambda actor=actor: propose(user, actor) for actor in agents[:2]))
    assert sum(isinstance(one, Refused) for one in found) == 1
    assert StaffProposal.objects.count() == 1


@pytest.mark.req("D71")
def test_two_agents_who_confirm_at_once_erase_once(agents: list[Actor]) -> None:
    user = dead_closure()
    proposal = propose(user, agents[0])
    found = together(
        *(
            lambda actor=actor: proposals.confirm_proposal(proposal.pk, actor=actor, now=NOW)
            for actor in agents[1:]
        )
    )
    assert sum(isinstance(one, Refused) for one in found) == 1
    assert status_of(user.pk) == "deleted"
    assert LedgerEntry.objects.filter(line=Line.DELETED).count() == 1
    assert Entry.objects.filter(act="account.erased").count() == 1


@pytest.mark.req("D71")
def test_a_confirmation_and_a_withdrawal_at_once_agree_on_one(agents: list[Actor]) -> None:
    user = dead_closure()
    proposal = propose(user, agents[0])
    found = together(
        lambda: proposals.confirm_proposal(proposal.pk, actor=agents[1], now=NOW),
        lambda: proposals.refuse_proposal(proposal.pk, actor=agents[0], now=NOW),
    )
    assert sum(isinstance(one, Refused) for one in found) == 1
    gone = status_of(user.pk) == "deleted"
    assert gone or StaffProposal.objects.get().outcome == "withdrawn"


@pytest.mark.req("D71")
def test_a_letter_and_a_run_at_once_leave_one_deadline(agents: list[Actor]) -> None:
    user = dead_closure()
    together(
        lambda: dead_mailbox.record_letter(
            user, posted_on=date(2026, 3, 16), actor=agents[0], now=NOW
        ),
        lambda: sweep(NOW),
        lambda: dead_mailbox.record_letter(
            user, posted_on=date(2026, 3, 16), actor=agents[1], now=NOW
        ),
    )
    assert LedgerEntry.objects.filter(line=Line.LETTER_POSTED).count() == 1
    assert status_of(user.pk) == Status.CLOSING
    sweep(at("2027-03-16"))
    assert status_of(user.pk) == Status.CLOSING


@pytest.mark.req("D72")
def test_two_workers_place_and_lift_one_hold_of_the_switch(settings: Settings) -> None:
    settings.LIFECYCLE_ENABLED = False
    together(*[lambda: follow_switch(NOW)] * 3)
    assert Hold.objects.filter(released_at=None).count() == 1
    settings.LIFECYCLE_ENABLED = True
    together(*[lambda: follow_switch(at("2026-03-20"))] * 3)
    assert Hold.objects.count() == 1
    assert not Hold.objects.filter(released_at=None).exists()
    assert Entry.objects.filter(act="lifecycle.released").count() == 1
