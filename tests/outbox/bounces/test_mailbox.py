"""The mailbox of returned mails, on a real IMAP server over TLS."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from mgestion.jobs.models import JobTotal
from mgestion.outbox import tasks
from mgestion.outbox.bounces.mailbox import MailboxError, read_mailbox
from mgestion.outbox.health import check_bounce_mailbox
from mgestion.outbox.models import Bounce, Mail, MailStatus
from tests.outbox.bounces.imap_server import ImapServer
from tests.outbox.bounces.notifications import (
    ADDRESS,
    OUT_OF_OFFICE,
    POSTFIX,
    write_notification,
)
from tests.outbox.kinds import put

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 13, 5, tzinfo=UTC)
READ, OTHER = "INBOX.Retours-lus", "INBOX.Retours-a-lire"


@pytest.fixture(params=[True, False], ids=["move", "copy"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ImapServer]:
    with ImapServer(tmp_path, moves=request.param) as running:
        yield running


def sent_mail() -> Mail:
    mail = put(now=NOW)
    mail.status, mail.to, mail.accepted_at = MailStatus.SENT, ADDRESS, NOW
    mail.save()
    return mail


def now() -> datetime:
    return NOW + timedelta(hours=1)


@pytest.mark.req("D27", "D79")
def test_reports_are_recorded_and_put_aside_and_letters_are_left_to_people(
    server: ImapServer,
) -> None:
    mail = sent_mail()
    server.put(
        write_notification(POSTFIX, mail.message_id),
        write_notification(OUT_OF_OFFICE, mail.message_id),
        write_notification(POSTFIX, "<forged@portail.example.org>"),
        write_notification(POSTFIX, mail.message_id) + b"A" * 10_000_000,
    )
    counts = read_mailbox(server.settings(), now)
    assert counts == {"hard": 2, "unreadable": 1, "unmatched": 1}
    assert (server.count(READ), server.count(OTHER)) == (2, 2)
    assert server.count("INBOX") == 0
    mail.refresh_from_db()
    assert mail.status == MailStatus.DEAD
    assert "revenu non distribué" in mail.last_error and "User unknown" in mail.last_error
    assert read_mailbox(server.settings(), now) == {}


def test_a_run_that_stops_midway_loses_nothing_and_counts_nothing_twice(server: ImapServer) -> None:
    mail = sent_mail()
    server.put(write_notification(POSTFIX, mail.message_id))
    server.dies_at = "UID MOVE" if server.moves else "UID STORE"
    with pytest.raises(MailboxError):
        read_mailbox(server.settings(), now)
    assert Bounce.objects.count() == 1, "recorded before it is moved"
    server.dies_at = ""
    assert read_mailbox(server.settings(), now) == {"repeated": 1}
    assert Bounce.objects.count() == 1
    assert server.count("INBOX") == 0


def test_read_reports_are_removed_as_late_as_the_words_of_mails(server: ImapServer) -> None:
    mail = sent_mail()
    server.put(*[write_notification(POSTFIX, mail.message_id) + b"\n" * n for n in range(3)])
    server.put(write_notification(OUT_OF_OFFICE, mail.message_id))
    read_mailbox(server.settings(), now)
    server.old = {1, 3}
    later = now() + settings.RETENTION["mail_bodies"]
    assert read_mailbox(server.settings(), lambda: later) == {"removed": 2}
    assert "UID SEARCH BEFORE 17-Mar-2026" in server.commands
    assert (list(server.folders[READ]), server.count(OTHER)) == ([2], 1)
    assert read_mailbox(server.settings(), lambda: later) == {}


def test_a_run_is_bounded_in_messages_and_in_time(server: ImapServer) -> None:
    server.put(*[write_notification(POSTFIX, f"<{n}@portail.example.org>") for n in range(5)])
    assert read_mailbox(server.settings(), now, limit=2) == {"unmatched": 2}
    ticks = iter([0.0, 1.0, 40.0])
    assert read_mailbox(server.settings(), now, clock=lambda: next(ticks)) == {"unmatched": 1}
    assert server.count("INBOX") == 2


@pytest.mark.parametrize("trouble", ["password", "certificate", "gone", "cut"])
def test_a_mailbox_that_cannot_be_read_fails_the_job_and_rings_the_alarm(
    tmp_path: Path, settings: Settings, trouble: str
) -> None:
    with ImapServer(tmp_path) as server:
        server.put(write_notification(POSTFIX, sent_mail().message_id))
        settings.BOUNCE_MAILBOX = server.settings(
            password="wrong" if trouble == "password" else 'mot "de" passe',
            trusted=trouble != "certificate",
        )
        server.dies_at = "UID SEARCH" if trouble == "cut" else ""
        if trouble != "gone":
            with pytest.raises(MailboxError):
                tasks.read_bounces()
    if trouble == "gone":
        with pytest.raises(MailboxError, match="Refused"):
            tasks.read_bounces()
    total = JobTotal.objects.get(job="outbox.bounces")
    assert total.failures == 1
    assert total.last_run_at is not None
    assert check_bounce_mailbox(total.last_run_at)[0] is False
    assert server.count("INBOX") == 1, "nothing is lost"


def test_without_a_mailbox_the_job_has_nothing_to_do() -> None:
    tasks.read_bounces()
    assert JobTotal.objects.get(job="outbox.bounces").failures == 0
    assert check_bounce_mailbox(NOW)[0] is True
