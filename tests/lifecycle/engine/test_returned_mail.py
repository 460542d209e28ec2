"""A mail that comes back after the relay accepted it: its deadline binds no more (D27, D79)."""

import pytest

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.desk import dead_mailbox_flows
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from lifecycle.rules import dead_mailboxes
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox import flows as outbox
from mgestion.outbox.bounces import flows as bounces
from mgestion.outbox.bounces.reports import parse_notification
from tests.factories.habilitations import make_staff, make_user
from tests.lifecycle.people import notified
from tests.lifecycle.world import at, deliver, status_of, sweep, tick, ticks
from tests.outbox.bounces.notifications import POSTFIX, write_notification

pytestmark = pytest.mark.django_db


def bounce(user: User, moment: str, *, action: str = "failed", status: str = "5.1.1") -> None:
    """The mail of the user's case comes back."""
    mail = LifecycleCase.objects.open().get(user=user).mail
    assert mail is not None
    raw = write_notification(POSTFIX, mail.message_id, to=user.email, action=action, status=status)
    bounces.record_reports(parse_notification(raw), raw, at(moment))


def make_closing() -> User:
    """Asked to leave on 11 March 2026, told on that day: deleted from 27 March on."""
    user = make_user()
    account_departures.close_account(
        user, actor=Actor.person(user), reason="self", now=at("2026-03-11")
    )
    deliver(at("2026-03-11 12:10"))
    sweep(at("2026-03-11 13:00"))
    user.refresh_from_db()
    assert user.revivable_until is not None
    return user


@pytest.mark.req("D27", "D79")
@pytest.mark.parametrize("moment", ["2026-03-12", "2026-03-27 00:30"])
def test_no_account_is_deleted_whose_announcement_came_back(moment: str) -> None:
    """The second moment: the last day is over, and the sweep that would delete comes next."""
    user, agent = make_closing(), make_staff("national")
    bounce(user, moment)
    sweep(at("2026-03-27 01:00"))
    user.refresh_from_db()
    assert (user.status, user.revivable_until) == (Status.CLOSING, None)
    assert dead_mailboxes.is_held_for_mail(user)
    assert LedgerEntry.objects.filter(line="returned_mail").count() == 1
    tick(at("2027-04-12"))
    assert status_of(user.pk) == Status.CLOSING
    # The mailbox works again: the mail leaves anew and its days count from there.
    dead_mailbox_flows.unblock_returned_address(
        user, actor=Actor.staff(agent), now=at("2027-04-13")
    )
    assert not Hold.objects.active().filter(user=user).exists()
    ticks("2027-04-13 13:00", "2027-04-28 13:00")
    assert status_of(user.pk) == Status.CLOSING
    tick(at("2027-04-29 13:00"))
    assert status_of(user.pk) == "deleted"


@pytest.mark.req("D79")
def test_no_account_is_deactivated_whose_notice_came_back() -> None:
    user = notified()
    bounce(user, "2026-03-20")
    ticks("2026-03-27 10:00", "2026-05-27 10:00")
    assert status_of(user.pk) == "queued"
    assert dead_mailboxes.is_held_for_mail(user)


@pytest.mark.req("D79")
def test_a_mail_that_is_only_late_suspends_nothing() -> None:
    user = make_closing()
    bounce(user, "2026-03-12", action="delayed", status="4.2.2")
    tick(at("2026-03-27 01:00"))
    assert status_of(user.pk) == "deleted"


def test_a_returned_mail_is_not_sent_again_before_its_deadline_is_cancelled() -> None:
    user = make_closing()
    bounce(user, "2026-03-12")
    mail = LifecycleCase.objects.open().get(user=user).mail
    assert mail is not None
    with pytest.raises(Refused, match="procédure retenue"):
        outbox.resend_dead_mail(mail.pk, Actor.staff(make_staff("national")), at("2026-03-12"))


def test_a_letter_binds_by_itself_though_its_mail_is_dead() -> None:
    user, agent = make_closing(), Actor.staff(make_staff("national"))
    bounce(user, "2026-03-12")
    sweep(at("2026-03-12 13:00"))
    dead_mailbox_flows.record_letter(
        user, posted_on=at("2026-03-13").date(), actor=agent, now=at("2026-03-13")
    )
    sweep(at("2026-03-14"))
    case = LifecycleCase.objects.open().get(user=user)
    assert (case.state, case.due_at is None) == ("announced", False)
    assert not dead_mailboxes.is_held_for_mail(user)
