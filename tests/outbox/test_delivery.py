"""What a run does with each answer of a real server, and with defects of our own."""

import logging
import time
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import Settings

from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox import flows
from mgestion.outbox.models import Mail, MailStatus
from mgestion.outbox.sending.delivery import DeliveryCounts, claim_due_mails, compute_retry_delay
from tests.outbox.kinds import put
from tests.outbox.sink import Sink
from tests.servers.processes import free_port

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
LEA = "lea.fictive@garage.example.org"


def run(now: datetime) -> DeliveryCounts:
    return flows.deliver_due_mails(lambda: now, uuid4())


@pytest.mark.both
@pytest.mark.req("S58")
def test_an_accepted_mail_is_recorded_with_what_it_said(sink: Sink) -> None:
    mail = put(now=NOW)
    assert run(NOW + timedelta(seconds=3)).accepted == 1
    mail.refresh_from_db()
    assert mail.status == MailStatus.SENT
    assert mail.accepted_at == NOW + timedelta(seconds=3)
    assert mail.claimed_by is None
    assert (mail.to, mail.attempts, mail.deadline) == (LEA, 1, date(2026, 3, 17))
    (letter,) = sink.mails
    assert letter["Message-ID"] == mail.message_id
    assert letter["To"] == LEA
    assert letter["Reply-To"] == "delegation.idf@opco.example.org"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "fr"
    assert letter["List-Unsubscribe"] is None
    assert letter["Subject"] == "Votre demande d’accès à M-Gestion"
    parts = {part.get_content_type(): part for part in letter.iter_parts()}
    assert set(parts) == {"text/plain", "text/html"}
    assert {part.get_content_charset() for part in parts.values()} == {"utf-8"}
    assert "{{ 3|add:4 }} {% incomplet %}" in parts["text/plain"].get_content()
    assert "l’été à Évry" in parts["text/html"].get_content()


@pytest.mark.both
def test_nothing_is_sent_twice_nor_before_its_time(sink: Sink) -> None:
    put(now=NOW)
    put(now=NOW + timedelta(minutes=5))
    assert run(NOW).accepted == 1
    assert run(NOW).accepted == 0
    assert sink.count == 1


@pytest.mark.both
def test_a_run_sends_no_more_than_its_limit(sink: Sink) -> None:
    for _ in range(25):
        put(now=NOW)
    assert flows.deliver_due_mails(lambda: NOW, uuid4(), limit=22).accepted == 22
    assert sink.count == 22


def test_delivery_in_a_transaction_is_refused(sink: Sink) -> None:
    put(now=NOW)
    with transaction.atomic(), pytest.raises(RuntimeError):
        run(NOW)
    assert sink.count == 0


@pytest.mark.both
def test_a_server_that_is_down_ages_nothing_and_stops_the_run(sink: Sink) -> None:
    first, second = put(now=NOW), put(now=NOW)
    sink.stop()
    for hours in (0, 10, 30):
        assert run(NOW + timedelta(hours=hours)).stopped
    for mail in (first, second):
        mail.refresh_from_db()
        assert mail.status == MailStatus.QUEUED
        assert mail.first_refused_at is None
        assert mail.next_at == NOW
        assert mail.claimed_by is None
    sink.start()
    assert run(NOW + timedelta(hours=31)).accepted == 2
    assert sink.ids == {first.message_id: 1, second.message_id: 1}


def test_a_server_that_never_answers_does_not_hold_the_run(settings: Settings, sink: Sink) -> None:
    import socket

    mail = put(now=NOW)
    settings.EMAIL_TIMEOUT = 0.3
    settings.EMAIL_PORT = free_port()
    with socket.create_server(("127.0.0.1", settings.EMAIL_PORT)):
        began = time.monotonic()
        assert run(NOW).stopped
        assert time.monotonic() - began < 30
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == (MailStatus.QUEUED, 0)


def test_a_refused_recipient_is_tried_for_24_hours_then_shown_to_staff(sink: Sink) -> None:
    sink.recipients[LEA] = "550 5.1.1 no such user"
    mail = put(now=NOW)
    assert run(NOW).refused == 1
    mail.refresh_from_db()
    assert mail.first_refused_at == NOW
    assert mail.last_error == "550 5.1.1 no such user"
    assert timedelta(seconds=24) <= mail.next_at - NOW <= timedelta(seconds=36)
    now, tries = NOW, 1
    while now < NOW + timedelta(hours=24):
        now = mail.next_at
        assert mail.status == MailStatus.QUEUED
        run(now)
        tries += 1
        mail.refresh_from_db()
    assert now == NOW + timedelta(hours=24)
    assert mail.status == MailStatus.DEAD
    assert mail.attempts == tries
    assert 24 <= tries <= 40


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "554 5.7.1 looks like spam"])
def test_a_refused_body_counts_as_an_answer_about_the_mail(sink: Sink, answer: str) -> None:
    sink.bodies[LEA] = answer
    mail = put(now=NOW)
    good = put(now=NOW, to="marc.fictif@garage.example.org")
    result = run(NOW)
    assert (result.refused, result.accepted, result.stopped) == (1, 1, False)
    mail.refresh_from_db()
    good.refresh_from_db()
    assert mail.first_refused_at == NOW
    assert good.status == MailStatus.SENT


def test_a_server_that_closes_says_nothing_about_the_recipient(sink: Sink) -> None:
    sink.recipients[LEA] = "421 4.3.2 shutting down"
    mail = put(now=NOW)
    result = run(NOW)
    assert (result.stopped, result.refused) == (True, 0)
    mail.refresh_from_db()
    assert mail.first_refused_at is None
    assert mail.next_at > NOW, "the mail steps back, in case it is the cause"


@pytest.mark.both
def test_a_later_attempt_announces_a_later_day(sink: Sink) -> None:
    sink.recipients[LEA] = "450 4.2.1 mailbox busy"
    mail = put(now=NOW)
    run(NOW)
    mail.refresh_from_db()
    assert mail.deadline == date(2026, 3, 17)
    sink.recipients.clear()
    run(NOW + timedelta(hours=20))
    mail.refresh_from_db()
    assert (mail.deadline, mail.status) == (date(2026, 3, 18), MailStatus.SENT)
    assert "18/03/2026" in mail.text


def test_a_builder_that_raises_delays_its_own_mail_only(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = put("tests.broken", now=NOW), put(now=NOW)
    with caplog.at_level(logging.CRITICAL):
        result = run(NOW)
    assert (result.failed, result.accepted) == (1, 1)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.status == MailStatus.SENT
    assert (bad.status, bad.attempts) == (MailStatus.QUEUED, 1)
    assert bad.next_at > NOW
    assert bad.last_error == "LookupError: the request is gone\\nFORGED LINE"
    assert bad.first_refused_at is None


def test_a_mail_with_nothing_left_to_say_is_dropped(sink: Sink) -> None:
    mail = put("tests.nothing", now=NOW)
    assert run(NOW).dropped == 1
    mail.refresh_from_db()
    assert mail.status == MailStatus.DROPPED
    assert sink.count == 0


@pytest.mark.req("S23")
def test_a_line_end_in_a_subject_injects_no_header(sink: Sink) -> None:
    mail = put("tests.injected", now=NOW)
    assert run(NOW).failed == 1
    mail.refresh_from_db()
    assert mail.status == MailStatus.QUEUED
    assert "BadHeaderError" in mail.last_error
    assert sink.count == 0


@pytest.mark.req("S25")
def test_production_keeps_no_key_of_a_mailed_link(sink: Sink, settings: Settings) -> None:
    settings.EMBEDDED = False
    mail = put("tests.with_key", now=NOW)
    assert run(NOW).accepted == 1
    mail.refresh_from_db()
    assert "s3cr3t-k3y" not in mail.text + mail.html
    assert "/inscription/mot-de-passe/***" in mail.text
    (letter,) = sink.mails
    parts = [part.get_content() for part in letter.iter_parts()]
    assert len(parts) == 2 and all("s3cr3t-k3y" in part for part in parts)


def test_the_delay_doubles_up_to_an_hour_within_a_fifth() -> None:
    means = [compute_retry_delay(n, jitter=0).total_seconds() for n in (1, 2, 3, 7, 8, 40)]
    assert means == [30, 60, 120, 1920, 3600, 3600]
    assert compute_retry_delay(1, jitter=1) == timedelta(seconds=36)
    assert compute_retry_delay(40, jitter=-1) == timedelta(minutes=48)


@pytest.mark.both
def test_a_claimed_row_is_nobody_elses_until_its_lease_runs_out() -> None:
    put(now=NOW)
    first, second = uuid4(), uuid4()
    assert len(claim_due_mails(first, 5, NOW)) == 1
    assert claim_due_mails(second, 5, NOW + timedelta(seconds=59)) == []
    (taken,) = claim_due_mails(second, 5, NOW + timedelta(seconds=60))
    assert taken.claimed_by == second


@pytest.mark.both
def test_a_worker_whose_lease_ran_out_sends_nothing_more(sink: Sink) -> None:
    """The clock jumps while it renders: another worker may have sent the mail by then."""
    mail = put(now=NOW)
    times = iter([NOW, NOW, NOW + timedelta(seconds=61), NOW + timedelta(seconds=61)])
    done = flows.deliver_due_mails(lambda: next(times), uuid4(), limit=1)
    assert done.accepted == 0
    assert sink.count == 0
    mail.refresh_from_db()
    assert mail.status == MailStatus.QUEUED


def test_a_dead_mail_is_resent_with_new_24_hours_and_journaled(sink: Sink) -> None:
    mail = put(now=NOW)
    Mail.objects.filter(pk=mail.pk).update(
        status=MailStatus.DEAD,
        first_refused_at=NOW - timedelta(hours=24),
        attempts=30,
        to="lea@garage.example.org",  # as each attempt writes it
    )
    staff = Actor("staff", str(uuid4()))
    flows.resend_dead_mail(mail.pk, staff, NOW)
    entry = Entry.objects.get(act="mail.resent")
    assert (entry.actor, entry.object_id) == (staff.ref, str(mail.pk))
    assert run(NOW).accepted == 1
    with pytest.raises(WrongState):
        flows.resend_dead_mail(mail.pk, staff, NOW)
    assert Entry.objects.filter(act="mail.resent").count() == 1


@pytest.mark.both
def test_the_local_backend_accepts_and_reaches_nobody(settings: Settings, sink: Sink) -> None:
    settings.EMAIL_BACKEND = "mgestion.outbox.sending.backends.LocalBackend"
    mail = put(now=NOW)
    assert run(NOW).accepted == 1
    mail.refresh_from_db()
    assert mail.status == MailStatus.SENT
    assert mail.text
    assert sink.count == 0


def test_a_full_mailbox_is_tried_for_five_days(sink: Sink) -> None:
    """RFC 5321 4.5.4.1: a temporary refusal passes, over a week-end for instance."""
    sink.recipients[LEA] = "452 4.2.2 mailbox full"
    mail = put(now=NOW)
    now = NOW
    while mail.status == MailStatus.QUEUED:
        run(now)
        mail.refresh_from_db()
        now = max(mail.next_at, now + timedelta(hours=8))
        assert now < NOW + timedelta(days=6)
    assert mail.status == MailStatus.DEAD
    assert now - NOW >= timedelta(days=5)


def test_a_mailbox_that_closes_after_days_of_patience_is_dead_at_once(sink: Sink) -> None:
    sink.recipients[LEA] = "452 4.2.2 mailbox full"
    mail = put(now=NOW)
    run(NOW)
    later = NOW + timedelta(days=3)
    run(later)
    mail.refresh_from_db()
    assert mail.status == MailStatus.QUEUED
    sink.recipients[LEA] = "550 5.1.1 no such user"
    run(later + timedelta(hours=2))
    mail.refresh_from_db()
    assert mail.status == MailStatus.DEAD


def test_a_mailbox_that_is_emptied_within_five_days_gets_its_mail(sink: Sink) -> None:
    sink.recipients[LEA] = "452 4.2.2 mailbox full"
    mail = put(now=NOW)
    run(NOW)
    del sink.recipients[LEA]
    run(NOW + timedelta(days=4))
    mail.refresh_from_db()
    assert mail.status == MailStatus.SENT
