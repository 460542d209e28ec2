"""Acts on a dead mailbox at the same moment, on two real connections (D71, D72)."""

from collections.abc import Iterator
from datetime import date

import pytest
from pytest_django import Settings

from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.desk import dead_mailbox_flows, proposal_flows
from lifecycle.engine.brakes.kill_switch import follow_switch
from lifecycle.enums import LedgerLine
from lifecycle.models import Hold, LedgerEntry, StaffProposal
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.habilitations import make_staff
from tests.lifecycle.people import dead_closure
from tests.lifecycle.world import at, status_of, sweep
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = at("2026-03-16 10:00")


@pytest.fixture
def agents() -> Iterator[list[Actor]]:
    yield [Actor.staff(make_staff("national")) for _ in range(3)]


def propose(user: User, actor: Actor) -> StaffProposal:
    return proposal_flows.propose_erasure(
        user, "asked", channel="letter", received_on=date(2026, 3, 9), actor=actor, now=NOW
    )


@pytest.mark.req("D71")
def test_two_agents_who_propose_at_once_make_one_proposal(agents: list[Actor]) -> None:
    user = dead_closure()
    found = run_together(*(lambda actor=actor: propose(user, actor) for actor in agents[:2]))
    assert sum(isinstance(one, Refused) for one in found) == 1
    assert StaffProposal.objects.count() == 1


@pytest.mark.req("D71")
def test_two_agents_who_confirm_at_once_erase_once(agents: list[Actor]) -> None:
    user = dead_closure()
    proposal = propose(user, agents[0])
    found = run_together(
        *(
            lambda actor=actor: proposal_flows.confirm_proposal(proposal.pk, actor=actor, now=NOW)
            for actor in agents[1:]
        )
    )
    assert sum(isinstance(one, Refused) for one in found) == 1
    assert status_of(user.pk) == "deleted"
    assert LedgerEntry.objects.filter(line=LedgerLine.DELETED).count() == 1
    assert Entry.objects.filter(act="account.erased").count() == 1


@pytest.mark.req("D71")
def test_a_confirmation_and_a_withdrawal_at_once_agree_on_one(agents: list[Actor]) -> None:
    user = dead_closure()
    proposal = propose(user, agents[0])
    found = run_together(
        lambda: proposal_flows.confirm_proposal(proposal.pk, actor=agents[1], now=NOW),
        lambda: proposal_flows.refuse_proposal(proposal.pk, actor=agents[0], now=NOW),
    )
    assert sum(isinstance(one, Refused) for one in found) == 1
    gone = status_of(user.pk) == "deleted"
    assert gone or StaffProposal.objects.get().outcome == "withdrawn"


@pytest.mark.req("D71")
def test_a_letter_and_a_run_at_once_leave_one_deadline(agents: list[Actor]) -> None:
    user = dead_closure()
    run_together(
        lambda: dead_mailbox_flows.record_letter(
            user, posted_on=date(2026, 3, 16), actor=agents[0], now=NOW
        ),
        lambda: sweep(NOW),
        lambda: dead_mailbox_flows.record_letter(
            user, posted_on=date(2026, 3, 16), actor=agents[1], now=NOW
        ),
    )
    assert LedgerEntry.objects.filter(line=LedgerLine.LETTER_POSTED).count() == 1
    assert status_of(user.pk) == Status.CLOSING
    sweep(at("2027-03-16"))
    assert status_of(user.pk) == Status.CLOSING


@pytest.mark.req("D72")
def test_two_workers_place_and_lift_one_hold_of_the_switch(settings: Settings) -> None:
    settings.LIFECYCLE_ENABLED = False
    run_together(*[lambda: follow_switch(NOW)] * 3)
    assert Hold.objects.filter(released_at=None).count() == 1
    settings.LIFECYCLE_ENABLED = True
    run_together(*[lambda: follow_switch(at("2026-03-20"))] * 3)
    assert Hold.objects.count() == 1
    assert not Hold.objects.filter(released_at=None).exists()
    assert Entry.objects.filter(act="lifecycle.released").count() == 1
