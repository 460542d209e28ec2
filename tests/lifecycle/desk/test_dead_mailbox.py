"""A mailbox that takes no mail: what people may do about it, and that nothing happens by itself
(D27, D71).
"""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.desk import dead_mailbox_flows, proposal_flows
from lifecycle.engine.brakes import holds
from lifecycle.enums import LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import LifecycleCase, StaffProposal
from lifecycle.rules import dead_mailboxes
from lifecycle.rules.config import get_rules
from lifecycle.rules.policy import letter_last_day
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox import flows as outbox
from mgestion.outbox.models import Mail
from mgestion.text.dates import end_of_paris_day, last_day_before
from tests.factories.habilitations import make_staff, make_user
from tests.lifecycle.people import dead_closure, dead_notice, sleeper
from tests.lifecycle.world import Server, at, deliver, log_in, status_of, sweep, tick, ticks

pytestmark = pytest.mark.django_db


@pytest.fixture
def agents() -> tuple[User, User]:
    return make_staff("national"), make_staff("national")


def staff(user: User) -> Actor:
    return Actor.staff(user)


def last_day(user: User) -> tuple[date | None, date | None]:
    case = LifecycleCase.objects.get(user=user, closed_at=None)
    return case.notice_last_day, case.deletion_last_day


def propose_erasure(user: User, agent: User, channel: str = "letter") -> StaffProposal:
    """The person has asked for it, which `agent` writes down on 16 March 2026."""
    return proposal_flows.propose_erasure(
        user,
        "asked",
        channel=channel,
        received_on=date(2026, 3, 9),
        actor=staff(agent),
        now=at("2026-03-16"),
    )


def propose_address(user: User, address: str, agent: User) -> StaffProposal:
    return proposal_flows.propose_address(
        user,
        address,
        channel="letter",
        received_on=date(2026, 3, 1),
        actor=staff(agent),
        now=at("2026-03-16"),
    )


# --- nothing by itself ---------------------------------------------------------------------------


@pytest.mark.req("D27", "D71")
def test_nothing_happens_by_itself_and_the_administrators_are_told(
    agents: tuple[User, User],
) -> None:
    user = make_user()
    account_departures.close_account(
        user, actor=Actor.system("test"), reason="letter", now=at("2026-03-11")
    )
    Server.mode = "refusing"
    ticks("2026-03-11 13:00", "2026-03-12 14:00", "2026-03-12 15:00")
    assert dead_mailboxes.is_held_for_mail(user)
    mails = Mail.objects.filter(kind="lifecycle.waiting")
    assert set(mails.values_list("person", flat=True)) == {one.public_id for one in agents}
    Server.mode = "up"
    deliver(at("2026-03-12 16:00"))
    (told, _) = (mail for mail in Server.accepted if "attendent" in str(mail.subject))
    assert "1 compte dont les e-mails ne peuvent pas être remis" in str(told.body)
    for day in ("2026-04-12", "2026-06-12", "2027-06-12"):
        sweep(at(day))
    assert status_of(user.pk) == Status.CLOSING


# --- the letter ----------------------------------------------------------------------------------


@pytest.mark.req("D71", "D18", "R95", "R97")
def test_a_letter_stands_for_the_notice_and_for_the_announcement(agents: tuple[User, User]) -> None:
    user = dead_notice()
    first, second = agents
    last = dead_mailbox_flows.record_letter(
        user, posted_on=date(2026, 3, 16), actor=staff(first), now=at("2026-03-17")
    )
    assert last == date(2026, 4, 5)  # 16 + 5 + 15
    assert not dead_mailboxes.is_held_for_mail(user)
    tick(at("2026-04-05 23:59"))
    assert status_of(user.pk) == "notified"
    tick(at("2026-04-06 10:00"))
    assert status_of(user.pk) == Status.DEACTIVATED_INACTIVE
    for moment in ("2026-04-07 11:00", "2026-04-08 12:00"):
        tick(at(moment))  # the second mail is dead too
    assert dead_mailboxes.is_held_for_mail(user)
    dead_mailbox_flows.record_letter(
        user, posted_on=date(2026, 4, 8), actor=staff(first), now=at("2026-04-08 15:00")
    )
    assert last_day(user) == (date(2026, 4, 5), date(2026, 4, 28))
    user.refresh_from_db()
    assert user.revivable_until == end_of_paris_day(date(2026, 4, 28))
    ticks("2026-04-29", "2026-06-29")
    assert status_of(user.pk) == Status.DEACTIVATED_INACTIVE  # never by itself
    assert dead_mailboxes.select_letters_to_decide(at("2026-04-29")).count() == 1
    proposal = proposal_flows.propose_erasure(
        user, "letter", actor=staff(first), now=at("2026-04-29")
    )
    proposal_flows.confirm_proposal(proposal.pk, actor=staff(second), now=at("2026-04-30"))
    assert status_of(user.pk) == "deleted"
    story = [line.line for line in entries.list_account_entries(user.public_id)]
    assert story[-1] == LedgerLine.DELETED and story.count(LedgerLine.LETTER_POSTED) == 2
    acts = list(Entry.objects.filter(act__startswith="lifecycle.erasure").order_by("at"))
    assert [(one.act, one.actor) for one in acts] == [
        ("lifecycle.erasure_proposed", str(first.public_id)),
        ("lifecycle.erasure_confirmed", str(second.public_id)),
    ]


@pytest.mark.req("D71", "D21")
def test_who_logs_in_within_the_days_of_a_letter_keeps_the_account(
    agents: tuple[User, User],
) -> None:
    user = dead_notice()
    dead_mailbox_flows.record_letter(
        user, posted_on=date(2026, 3, 16), actor=staff(agents[0]), now=at("2026-03-17")
    )
    assert log_in(user.pk, at("2026-04-05 23:59"))
    tick(at("2026-04-07"))
    assert status_of(user.pk) == "active"
    assert not LifecycleCase.objects.filter(user=user, closed_at=None).exists()


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    posted=st.dates(date(2025, 1, 1), date(2028, 12, 31)),
    days=st.integers(1, 60),
)
@pytest.mark.req("D71", "D18")
def test_a_letter_leaves_all_its_days_whatever_the_season(posted: date, days: int) -> None:
    last = letter_last_day(posted, days, get_rules())
    assert (last - posted).days == get_rules().letter_days + days
    assert last_day_before(end_of_paris_day(last)) == last


@pytest.mark.req("D71")
def test_a_letter_of_before_the_step_or_of_tomorrow_is_refused(agents: tuple[User, User]) -> None:
    user = dead_notice()
    for posted in (date(2026, 3, 10), date(2026, 3, 18)):
        with pytest.raises(Refused) as refusal:
            dead_mailbox_flows.record_letter(
                user, posted_on=posted, actor=staff(agents[0]), now=at("2026-03-17")
            )
        assert refusal.value.code == "posted_on", posted
    assert dead_mailboxes.is_held_for_mail(user)


def test_no_letter_while_the_mail_is_still_tried_or_the_case_is_held_for_another_reason(
    agents: tuple[User, User],
) -> None:
    user = sleeper()
    Server.mode = "refusing"
    tick(at("2026-03-11 10:00"))

    def write() -> Any:
        return dead_mailbox_flows.record_letter(
            user, posted_on=date(2026, 3, 12), actor=staff(agents[0]), now=at("2026-03-12")
        )

    with pytest.raises(WrongState):
        write()
    holds.place_hold(user, reason="legal", actor=staff(agents[0]), now=at("2026-03-11 11:00"))
    with pytest.raises(WrongState):
        write()


# --- a mail that comes back ----------------------------------------------------------------------


@pytest.mark.req("D71")
def test_an_agent_says_that_a_mail_came_back_and_its_deadline_binds_no_more(
    agents: tuple[User, User],
) -> None:
    user = make_user()
    account_departures.deactivate_account(
        user, actor=staff(agents[0]), reason="left", now=at("2026-03-11")
    )
    deliver(at("2026-03-11 13:00"))  # a relay accepts everything
    tick(at("2026-03-11 14:00"))
    assert User.objects.get(pk=user.pk).revivable_until is not None
    dead_mailbox_flows.note_returned_mail(user, actor=staff(agents[0]), now=at("2026-03-13"))
    assert User.objects.get(pk=user.pk).revivable_until is None
    tick(at("2026-06-13"))
    assert status_of(user.pk) == Status.DEACTIVATED_BY_ADMIN
    with pytest.raises(WrongState):
        dead_mailbox_flows.note_returned_mail(user, actor=staff(agents[0]), now=at("2026-06-14"))
    holds.release_hold(user, actor=staff(agents[0]), now=at("2026-06-15"))  # it works again
    deliver(at("2026-06-15 13:00"))
    tick(at("2026-06-15 14:00"))
    assert last_day(user)[1] == date(2026, 6, 30)


# --- two agents ----------------------------------------------------------------------------------


@pytest.mark.req("D71", "R79")
def test_an_erasure_that_the_person_asked_for_takes_two_agents(agents: tuple[User, User]) -> None:
    user = dead_closure()
    first, second = agents
    proposal = propose_erasure(user, first)
    told = Mail.objects.filter(kind="lifecycle.waiting", cycle=proposal.pk.hex)
    assert [mail.person for mail in told] == [second.public_id]
    with pytest.raises(Refused) as refusal:
        proposal_flows.confirm_proposal(proposal.pk, actor=staff(first), now=at("2026-03-16"))
    assert refusal.value.code == "two_agents"
    with pytest.raises(Refused):
        proposal_flows.confirm_proposal(
            proposal.pk, actor=Actor.system("command"), now=at("2026-03-16")
        )
    assert status_of(user.pk) == Status.CLOSING
    proposal_flows.confirm_proposal(proposal.pk, actor=staff(second), now=at("2026-03-17"))
    assert status_of(user.pk) == "deleted"
    (line,) = [
        one
        for one in entries.list_account_entries(user.public_id)
        if one.line == LedgerLine.DELETED
    ]
    assert (line.reason, line.actor) == ("asked", str(second.public_id))
    assert Entry.objects.get(act="account.erased").reason == "mailbox_asked"


@pytest.mark.req("D71")
def test_nobody_acts_on_the_own_account(agents: tuple[User, User]) -> None:
    first, second = agents
    with pytest.raises(Refused) as refusal:
        propose_address(first, "camille.nouvelle@garage.example.org", first)
    assert refusal.value.code == "oneself"
    proposal = propose_address(first, "camille.nouvelle@garage.example.org", second)
    with pytest.raises(Refused) as refusal:
        proposal_flows.confirm_proposal(proposal.pk, actor=staff(first), now=at("2026-03-16"))
    assert refusal.value.code == "oneself"


@pytest.mark.req("D71")
def test_the_database_refuses_one_agent_for_two(agents: tuple[User, User]) -> None:
    user, first = make_user(), agents[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffProposal.objects.create(
            user=user,
            act="erase",
            reason="asked",
            proposed_at=at("2026-03-16"),
            proposed_by=first.public_id,
            decided_at=at("2026-03-16"),
            decided_by=first.public_id,
            outcome="confirmed",
        )


@pytest.mark.req("D71")
def test_a_living_mailbox_is_closed_with_its_fifteen_days(agents: tuple[User, User]) -> None:
    user = make_user()
    with pytest.raises(Refused) as refusal:
        propose_erasure(user, agents[0], "email")
    assert refusal.value.code == "mailbox_alive"


@pytest.mark.req("D71")
def test_a_stop_of_everything_and_a_running_letter_keep_the_account(
    agents: tuple[User, User],
) -> None:
    user = dead_closure()
    first, second = agents
    with pytest.raises(Refused) as refusal:
        proposal_flows.propose_erasure(user, "letter", actor=staff(first), now=at("2026-03-16"))
    assert refusal.value.code == "letter_running"
    proposal = propose_erasure(user, first)
    holds.place_hold(None, reason="outage", actor=Actor.system("test"), now=at("2026-03-16"))
    with pytest.raises(Refused) as refusal:
        proposal_flows.confirm_proposal(proposal.pk, actor=staff(second), now=at("2026-03-17"))
    assert refusal.value.code == "held"
    proposal.refresh_from_db()
    assert proposal.decided_at is None  # nothing of it remains


@pytest.mark.req("D71", "R17")
def test_a_corrected_address_gets_the_mail_that_was_owed(agents: tuple[User, User]) -> None:
    user = dead_notice()
    first, second = agents
    address = "jeanne.martin@garage-neuf.example.org"
    proposal = propose_address(user, address, first)
    user.refresh_from_db()
    assert user.email != address
    proposal_flows.confirm_proposal(proposal.pk, actor=staff(second), now=at("2026-03-16 15:00"))
    user.refresh_from_db()
    assert user.email == address
    changed = Entry.objects.get(act="address.changed")
    assert (changed.actor, changed.reason) == (str(second.public_id), "written")
    Server.mode = "up"
    deliver(at("2026-03-16 15:10"))
    assert any(mail.to == [address] for mail in Server.accepted)
    tick(at("2026-03-16 16:00"))
    assert last_day(user)[0] == date(2026, 3, 31)


@pytest.mark.req("D71")
def test_an_address_of_somebody_else_is_refused(agents: tuple[User, User]) -> None:
    user, other = dead_notice(), make_user()
    with pytest.raises(Refused) as refusal:
        propose_address(user, other.email.upper(), agents[0])
    assert refusal.value.code == "taken"


@pytest.mark.req("D71")
def test_a_proposal_is_decided_once_and_can_be_taken_back(agents: tuple[User, User]) -> None:
    user = dead_closure()
    first, second = agents
    now = at("2026-03-16")
    one = propose_erasure(user, first)
    with pytest.raises(WrongState):
        propose_erasure(user, second)
    proposal_flows.refuse_proposal(one.pk, actor=staff(first), now=now)
    with pytest.raises(WrongState):
        proposal_flows.confirm_proposal(one.pk, actor=staff(second), now=now)
    two = propose_erasure(user, first)
    proposal_flows.refuse_proposal(two.pk, actor=staff(second), now=now)
    assert list(StaffProposal.objects.order_by("outcome").values_list("outcome", flat=True)) == [
        "refused",
        "withdrawn",
    ]
    assert status_of(user.pk) == Status.CLOSING


# --- sending a dead mail again -------------------------------------------------------------------


@pytest.mark.req("D27", "D71")
def test_a_dead_mail_of_a_held_procedure_is_not_resent_in_silence(
    agents: tuple[User, User],
) -> None:
    user = dead_notice()
    mail = Mail.objects.get(kind="lifecycle.inactivity_notice")
    with pytest.raises(Refused) as refusal:
        outbox.resend_dead_mail(mail.pk, staff(agents[0]), at("2026-03-16"))
    assert refusal.value.code == "held" and "page du compte" in refusal.value.message
    assert not Entry.objects.filter(act="mail.resent").exists()
    dead_mailbox_flows.record_letter(
        user, posted_on=date(2026, 3, 16), actor=staff(agents[0]), now=at("2026-03-16")
    )
    with pytest.raises(Refused) as refusal:
        outbox.resend_dead_mail(mail.pk, staff(agents[0]), at("2026-03-16"))
    assert refusal.value.code == "letter"
