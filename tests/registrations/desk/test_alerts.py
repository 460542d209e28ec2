"""The clock's mails: when, to whom, at most once, and never a decision."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations import tasks
from registrations.desk.reminders import clock_flows
from registrations.requests import request_guards
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from tests.factories.habilitations import NOW, make_staff
from tests.registrations.desk.staff_pages import closed, make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HOUR = timedelta(hours=1)


def mails(kind: str) -> list[Mail]:
    return list(Mail.objects.filter(kind=f"registrations.{kind}").order_by("created_at", "key"))


def letter(mail: Mail, now: datetime = NOW) -> Message | None:
    return build_message(mail, now)


def told(row: Request, act: RequestAct) -> int:
    return RequestEvent.objects.filter(request=row, act=act, actor__isnull=True).count()


@pytest.mark.req("R44", "D10")
def test_a_reminder_leaves_at_24_hours_and_an_escalation_at_48() -> None:
    make_staff(StaffRole.NATIONAL)
    expected = {
        24 * HOUR - timedelta(seconds=1): (0, 0),
        24 * HOUR: (1, 0),
        48 * HOUR - timedelta(seconds=1): (1, 0),
        48 * HOUR: (0, 1),
    }
    rows = {age: make_request(age=age) for age in expected}
    done = clock_flows.remind_and_escalate(NOW)
    assert (done["reminded"], done["escalated"]) == (2, 1)
    for age, row in rows.items():
        sent = [mail.kind for mail in Mail.objects.filter(subject_id=row.pk)]
        found = (sent.count("registrations.reminder"), sent.count("registrations.overdue"))
        assert found == expected[age], age
        assert (told(row, RequestAct.REMINDED), told(row, RequestAct.ESCALATED)) == expected[age]
        row.refresh_from_db()
        assert (row.status, row.version, row.assignee_id) == ("submitted", 1, None)


@pytest.mark.req("R44", "D10", "S59", "S60")
def test_each_leaves_once_however_often_the_sweep_runs_and_says_what_its_reader_may_know() -> None:
    make_staff(StaffRole.NATIONAL)
    row, desk = make_request(age=24 * HOUR), Delegation.objects.get(code="IDF").email
    for hours in (0, 1, 12, 24, 25, 100):
        clock_flows.remind_and_escalate(NOW + hours * HOUR)
    (reminder,), (late,), (_,) = mails("reminder"), mails("late"), mails("overdue")
    assert (told(row, RequestAct.REMINDED), told(row, RequestAct.ESCALATED)) == (1, 1)
    built = letter(reminder)
    assert built is not None and built.to == desk
    for part in (built.subject, built.text, built.html):
        assert row.reference in part
        for private in (row.last_name, row.user.email, row.phone, row.siret, row.company_name):
            assert private not in part
    assert "mercredi 18 mars 2026" in built.text
    # The applicant gets an excuse and a contact.
    built = letter(late, NOW + 24 * HOUR)
    assert built is not None and (built.to, built.reply_to) == (row.user.email, desk)
    for words in (row.reference, "en excuser", "n’est pas perdue", desk):
        assert words in built.text
        assert words in built.html
    assert "en retard" in built.subject


@pytest.mark.req("D10")
def test_a_pause_is_left_out_of_the_24_hours() -> None:
    row = make_request(age=30 * HOUR)
    row.due_at += 10 * HOUR  # ten hours of them waiting for the applicant
    row.save()
    assert clock_flows.remind_and_escalate(NOW)["reminded"] == 0
    assert clock_flows.remind_and_escalate(NOW + 4 * HOUR)["reminded"] == 1


def test_a_request_that_is_reopened_is_told_of_again() -> None:
    row = make_request(age=30 * HOUR)
    clock_flows.remind_and_escalate(NOW)
    RequestEvent.objects.create(request=row, at=NOW, act=RequestAct.REOPENED)
    clock_flows.remind_and_escalate(NOW + HOUR)
    clock_flows.remind_and_escalate(NOW + 2 * HOUR)
    assert len(mails("reminder")) == 2


def test_one_request_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_request(age=40 * HOUR), make_request(age=30 * HOUR)
    real = request_guards.lock_request

    def locked(key: Any) -> Request:
        if key == first.pk:
            raise Refused("unknown_request", "Cette demande n’existe pas ou plus.")
        return real(key)

    monkeypatch.setattr(clock_flows, "lock_request", locked)
    assert clock_flows.remind_and_escalate(NOW)["reminded"] == 1
    assert told(second, RequestAct.REMINDED) == 1


@pytest.mark.req("D10")
def test_nobody_is_told_of_a_delay_that_is_paused_or_over() -> None:
    make_staff(StaffRole.NATIONAL)
    row = make_request(age=50 * HOUR)
    make_request(age=60 * HOUR, paused_at=NOW - HOUR, status="awaiting_document")
    closed(make_request(age=60 * HOUR))
    assert clock_flows.remind_and_escalate(NOW) == {"reminded": 0, "escalated": 1}
    (mail,) = mails("late")
    closed(row)
    assert letter(mail, NOW) is None


@pytest.mark.req("R44", "S60")
def test_the_escalation_goes_to_each_national_administrator_and_names_nobody() -> None:
    people = {make_staff(StaffRole.NATIONAL).email for _ in range(2)}
    make_staff(StaffRole.AUDITOR)
    make_staff(delegations=("IDF",))
    row = make_request(age=50 * HOUR)
    clock_flows.remind_and_escalate(NOW)
    built = [letter(mail) for mail in mails("overdue")]
    assert {message.to for message in built if message} == people
    assert all(message and row.last_name not in message.text for message in built)


def test_without_a_national_administrator_the_national_contact_is_told(settings: Any) -> None:
    make_request(age=50 * HOUR)
    clock_flows.remind_and_escalate(NOW)
    built = letter(mails("overdue")[0])
    assert built is not None
    assert built.to == settings.CONTACT_EMAIL


@pytest.mark.req("R44")
def test_a_mail_that_waits_is_dropped_once_the_request_is_decided_or_paused() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    amber, late = make_request(age=30 * HOUR), make_request(age=50 * HOUR)
    clock_flows.remind_and_escalate(NOW)
    [reminder], [overdue] = mails("reminder"), mails("overdue")
    assert letter(reminder) and letter(overdue)
    late.paused_at = NOW
    late.save()
    closed(amber)
    assert (letter(reminder), letter(overdue)) == (None, None)
    late.paused_at = None
    late.save()
    agent.is_staff = False
    agent.save()
    assert letter(overdue) is None


# --- by an agent ---


@pytest.mark.req("R44")
def test_an_agent_reminds_the_delegation_once_a_day() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    row = make_request()
    clock_flows.remind_delegation(row.pk, actor_user=agent, now=NOW)
    with pytest.raises(Refused, match="déjà été relancée"):
        clock_flows.remind_delegation(row.pk, actor_user=agent, now=NOW + HOUR)
    clock_flows.remind_delegation(row.pk, actor_user=agent, now=NOW + 24 * HOUR)
    assert len(mails("reminder")) == 2
    assert Entry.objects.filter(act="request.reminded", actor=str(agent.public_id)).count() == 2
    assert (
        clock_flows.remind_and_escalate(NOW + 24 * HOUR)["reminded"] == 1
    )  # its own is another matter


def test_nobody_is_reminded_of_what_is_closed_paused_or_out_of_scope() -> None:
    agent = make_staff(delegations=("IDF",))
    for row in (
        closed(make_request()),
        make_request(paused_at=NOW, status="awaiting_document"),
        make_request(delegation="BRE"),
    ):
        with pytest.raises(Refused):
            clock_flows.remind_delegation(row.pk, actor_user=agent, now=NOW)
    assert mails("reminder") == []


# --- the morning's digest ---

TUESDAY = datetime(2026, 3, 17, 7, 30, tzinfo=UTC)


@pytest.mark.req("S60")
def test_the_digest_counts_by_state_and_holds_no_personal_data() -> None:
    boss = make_staff(StaffRole.NATIONAL)
    rows = [
        make_request(),
        make_request(age=30 * HOUR),
        make_request(age=50 * HOUR),
        make_request(paused_at=NOW, status="awaiting_document"),
        make_request(delegation=None),
    ]
    closed(make_request(delegation="BRE"))
    assert clock_flows.queue_digests(TUESDAY) == {"digests": 2}
    built = {message.to: message for mail in mails("digest") if (message := letter(mail))}
    assert set(built) == {boss.email, Delegation.objects.get(code="IDF").email}
    regional = built[Delegation.objects.get(code="IDF").email]
    for line in (
        "À traiter : 4",
        "En retard : 1",
        "Depuis plus de 24 h : 1",
        "En attente d’une réponse de la personne : 1",
    ):
        assert line in regional.text.replace("\u00a0", " ")
    assert "Sans délégation : 1" in built[boss.email].text.replace("\u00a0", " ")
    for message in built.values():
        for row in rows:
            for private in (row.reference, row.last_name, row.user.email, row.siret):
                assert private not in message.text + message.html + message.subject


def test_a_digest_leaves_once_a_day_from_monday_to_friday() -> None:
    make_request()
    for day in range(7):  # from Tuesday to Monday
        for hours in (0, 1) if day in (0, 3) else (0,):
            with time_machine.travel(TUESDAY + timedelta(days=day, hours=hours), tick=False):
                tasks.send_digests()
    assert sorted(mail.created_at.weekday() for mail in mails("digest")) == [0, 1, 2, 3, 4]


def test_an_empty_queue_sends_no_digest() -> None:
    make_staff(StaffRole.NATIONAL)
    row = make_request()
    assert clock_flows.queue_digests(TUESDAY) == {"digests": 2}
    closed(row)
    assert [letter(mail) for mail in mails("digest")] == [None, None]
    assert clock_flows.queue_digests(TUESDAY + timedelta(days=1)) == {"digests": 0}


def test_the_sweep_costs_the_same_when_nothing_is_new() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for hours in range(25, 60, 5):
        make_request(age=hours * HOUR)
    clock_flows.remind_and_escalate(NOW)
    with CaptureQueriesContext(connection) as seen:
        clock_flows.remind_and_escalate(NOW)
    assert len(seen) == 2
