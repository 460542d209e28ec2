"""A mail is a row of the transaction that causes it."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import Settings

from mgestion import slots
from mgestion.outbox import flows
from mgestion.outbox.models import Bounce, Mail, MailStatus
from mgestion.personal_data import DataSubjects
from tests.outbox.kinds import put
from tests.outbox.sink import Sink
from tests.servers.processes import wait_until
from tests.together import a_connection_waits, run_together

pytestmark = pytest.mark.both

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)


class Undone(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_mail(sink: Sink) -> None:
    with pytest.raises(Undone), transaction.atomic():
        flows.queue_mail("tests.plain", subject=uuid4(), now=NOW)
        raise Undone
    assert not Mail.objects.exists()
    assert flows.deliver_due_mails(lambda: NOW, uuid4()).accepted == 0
    assert sink.count == 0


@pytest.mark.django_db(transaction=True)
def test_a_mail_cannot_be_queued_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="in the transaction"):
        flows.queue_mail("tests.plain", subject=uuid4(), now=NOW)


@pytest.mark.django_db
def test_a_kind_that_nobody_builds_is_refused_when_it_is_queued() -> None:
    with pytest.raises(LookupError, match=r"tests\.unknown"):
        flows.queue_mail("tests.unknown", subject=uuid4(), now=NOW)


@pytest.mark.django_db
def test_queuing_the_same_key_again_leaves_the_row_that_exists() -> None:
    subject = uuid4()
    flows.queue_mail("tests.plain", subject=subject, now=NOW)
    flows.queue_mail("tests.plain", subject=subject, now=NOW + timedelta(days=1))
    assert Mail.objects.get().created_at == NOW
    flows.queue_mail("tests.plain", subject=subject, cycle="2", now=NOW)
    assert Mail.objects.count() == 2


@pytest.mark.django_db
def test_the_message_id_is_fixed_and_of_the_senders_domain(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Espace <ne-pas-repondre@portail.example.org>"
    mail = put(now=NOW)
    assert mail.message_id == f"<{mail.pk}@portail.example.org>"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_transactions_that_queue_one_key_at_once_write_one_row() -> None:
    subject = uuid4()
    has_queued = threading.Event()

    @transaction.atomic
    def queue_first() -> None:
        flows.queue_mail("tests.plain", subject=subject, now=NOW)
        has_queued.set()
        wait_until(a_connection_waits)  # for this transaction to end

    def queue_second() -> None:
        assert has_queued.wait(60)
        with transaction.atomic():
            flows.queue_mail("tests.plain", subject=subject, now=NOW)

    run_together(queue_first, queue_second)
    assert Mail.objects.count() == 1


@pytest.mark.django_db
def test_bodies_are_forgotten_after_sixty_days_and_waiting_mails_are_kept() -> None:
    old, fresh, waiting = (put(now=NOW - timedelta(days=61)) for _ in range(3))
    Mail.objects.filter(pk__in=(old.pk, fresh.pk)).update(
        status=MailStatus.SENT, to="lea@example.org", subject="S", text="T", html="H"
    )
    Mail.objects.filter(pk=fresh.pk).update(created_at=NOW - timedelta(days=59))
    Mail.objects.filter(pk=waiting.pk).update(text="T")
    assert flows.purge_old_mails(NOW) == {"mails": 1, "rows": 0}
    assert flows.purge_old_mails(NOW) == {"mails": 0, "rows": 0}
    old.refresh_from_db()
    fresh.refresh_from_db()
    waiting.refresh_from_db()
    assert (old.to, old.subject, old.text, old.html, old.data) == ("", "", "", "", {})
    assert (old.status, old.message_id != "") == (MailStatus.SENT, True)
    assert fresh.text == "T"
    assert waiting.text == "T"


@pytest.mark.django_db
def test_that_a_mail_was_sent_is_forgotten_with_the_last_line_that_may_name_it(
    settings: Settings,
) -> None:
    limit = settings.RETENTION["ledger"]
    old, young, waiting = (put(now=NOW) for _ in range(3))
    Mail.objects.filter(pk__in=(old.pk, young.pk)).update(status=MailStatus.DEAD)
    for mail, age in ((old, limit + timedelta(1)), (young, limit), (waiting, 2 * limit)):
        Mail.objects.filter(pk=mail.pk).update(created_at=NOW - age)
    Bounce.objects.create(mail=old, outcome="hard", read_at=NOW)
    assert flows.purge_old_mails(NOW)["rows"] == 1
    assert set(Mail.objects.all()) == {young, waiting}


@pytest.mark.django_db
def test_erasing_a_person_leaves_no_mail_and_stops_those_that_wait() -> None:
    person = uuid4()
    sent = put(now=NOW, person=person)
    put(now=NOW, person=person)
    stranger = put(now=NOW, person=uuid4(), to="marc@example.org")
    Mail.objects.filter(pk=sent.pk).update(status=MailStatus.SENT, text="T", to="lea@example.org")
    of_person = DataSubjects(ids=(), public_ids=(person,), addresses=())
    assert slots.personal_data["outbox.mail"].run(of_person, NOW) == 2
    assert list(Mail.objects.all()) == [stranger]
