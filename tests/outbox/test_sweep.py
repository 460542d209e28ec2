"""What one sweep does: who comes first, when it stops, and several connections at once."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from mgestion import slots
from mgestion.outbox import flows
from mgestion.outbox.flows import NewMail, queue_first_mails, queue_mails
from mgestion.outbox.models import Mail, MailPriority, MailStatus
from mgestion.outbox.sending.in_doubt import DoubtLock, in_doubt
from tests.outbox.kinds import put
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
AWAITED = "tests.with_key"


# --- what somebody waits for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "entry.create_password",
        "entry.account_exists",
        "entry.reset",
        "entry.unlock",
        "entry.confirm_address",
    ],
)
def test_links_that_a_person_asked_for_are_awaited(kind: str) -> None:
    assert flows.get_mail_priority(kind) == MailPriority.AWAITED


@pytest.mark.both
def test_a_mail_is_queued_with_its_priority_one_by_one_and_in_bulk() -> None:
    with transaction.atomic():
        flows.queue_mail(AWAITED, subject=uuid4(), now=NOW)
        queue_mails(AWAITED, [NewMail(uuid4())], now=NOW)
        queue_first_mails(AWAITED, [NewMail(uuid4(), person=uuid4())], now=NOW)
        flows.queue_mail("tests.plain", subject=uuid4(), now=NOW)
        queue_mails("tests.plain", [NewMail(uuid4())], now=NOW)
    awaited = Mail.objects.filter(priority=MailPriority.AWAITED)
    assert set(awaited.values_list("kind", flat=True)) == {AWAITED}
    assert (awaited.count(), Mail.objects.count()) == (3, 5)


@pytest.mark.both
def test_what_is_awaited_leaves_before_letters_that_were_queued_earlier(sink: Sink) -> None:
    for _ in range(3):
        put(now=NOW - timedelta(hours=1))
    link = put(AWAITED, now=NOW)
    assert flows.deliver_due_mails(lambda: NOW, uuid4(), limit=1).accepted == 1
    assert list(sink.ids) == [link.message_id]


def test_what_is_asked_for_during_a_sweep_waits_for_no_more_than_one_batch(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(25):
        put(now=NOW)
    plain = slots.mail_kinds["tests.plain"]

    def builds_and_somebody_asks(mail: Mail, now: datetime) -> Any:
        if not Mail.objects.filter(kind=AWAITED).exists():
            put(AWAITED, now=NOW)
        return plain.build(mail, now)

    kinds = slots.mail_kinds._entries  # noqa: SLF001
    monkeypatch.setitem(kinds, "tests.plain", replace(plain, build=builds_and_somebody_asks))
    assert flows.deliver_due_mails(lambda: NOW, uuid4()).accepted == 26
    order = [str(mail["Message-ID"]) for mail in sink.mails]
    assert order.index(Mail.objects.get(kind=AWAITED).message_id) == 20


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_sweep_begins_no_mail_after_its_time_and_frees_what_it_claimed(sink: Sink) -> None:
    for _ in range(14):
        put(now=NOW)
    seconds = iter(range(100))  # each look at the clock is a second later
    done = flows.deliver_due_mails(
        lambda: NOW, uuid4(), seconds=10, clock=lambda: float(next(seconds))
    )
    assert done.accepted == 9
    assert not done.stopped
    assert not Mail.objects.exclude(claimed_by=None).exists()
    assert flows.deliver_due_mails(lambda: NOW, uuid4()).accepted == 5
    assert max(sink.ids.values()) == 1


def test_the_setting_is_the_time_of_a_sweep(sink: Sink, settings: Settings) -> None:
    settings.OUTBOX_SWEEP = 0
    put(now=NOW)
    assert flows.deliver_due_mails(lambda: NOW, uuid4()).accepted == 0


# --- several connections -------------------------------------------------------------------------


@pytest.mark.postgres
def test_four_connections_share_a_sweep_and_one_mail_at_a_time_is_in_doubt(
    sink: Sink, settings: Settings
) -> None:
    settings.OUTBOX_CONNECTIONS = 4
    mails = {put(now=NOW).message_id for _ in range(16)}
    sink.seconds = 0.05  # else the first connection may send them all alone
    assert flows.deliver_due_mails(lambda: NOW, uuid4()).accepted == 16
    assert set(sink.ids) == mails
    assert max(sink.ids.values()) == 1
    assert len(sink.sessions) == 4
    assert sink.most_at_once == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        assert cursor.fetchone() == (0,), "each thread closed its connection"


@pytest.mark.postgres
def test_a_server_that_goes_away_stops_every_connection_and_frees_the_rest(
    sink: Sink, settings: Settings
) -> None:
    settings.OUTBOX_CONNECTIONS = 4
    for _ in range(12):
        put(now=NOW)
    sink.recipients["lea.fictive@garage.example.org"] = "421 4.3.2 shutting down"
    done = flows.deliver_due_mails(lambda: NOW, uuid4())
    assert done.stopped
    assert done.accepted == 0
    assert not Mail.objects.exclude(claimed_by=None).exists()
    assert not Mail.objects.exclude(status=MailStatus.QUEUED).exists()
    assert Mail.objects.filter(attempts=1).count() <= 4


@pytest.mark.postgres
def test_a_builder_that_raises_keeps_no_other_connection_waiting(
    sink: Sink, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OUTBOX_CONNECTIONS = 4
    for _ in range(8):
        put(now=NOW)
        put("tests.broken", now=NOW)
    with caplog.at_level("CRITICAL"):
        done = flows.deliver_due_mails(lambda: NOW, uuid4())
    assert (done.accepted, done.failed) == (8, 8)


def test_who_is_in_doubt_keeps_the_others_waiting_until_the_answer_is_recorded() -> None:
    doubt, order = DoubtLock(), list[str]()
    waits = threading.Event()

    def second() -> None:
        waits.set()
        doubt.begin()
        order.append("second")
        doubt.end()

    doubt.begin()
    doubt.begin()  # its own thread may go on: a message may hold what ends one
    other = threading.Thread(target=second)
    other.start()
    assert waits.wait(90)
    order.append("first")
    doubt.end()
    other.join(90)
    assert order == ["first", "second"]
    doubt.end()  # nothing is held: says nothing


def test_nothing_is_left_in_doubt_after_a_run(sink: Sink) -> None:
    sink.recipients["marc.fictif@garage.example.org"] = "550 no"
    sink.bodies["lise.fictive@garage.example.org"] = "554 no"
    for to in ("marc.fictif@garage.example.org", "lise.fictive@garage.example.org", ""):
        put(now=NOW, to=to)
    put("tests.injected", now=NOW)
    flows.deliver_due_mails(lambda: NOW, uuid4())
    free = threading.Event()

    def tries() -> None:
        in_doubt.begin()
        in_doubt.end()
        free.set()

    threading.Thread(target=tries, daemon=True).start()
    assert free.wait(90)
