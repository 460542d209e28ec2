"""Two senders, and one of them killed at work: real processes, a real server, a real database.

The other one is the process of the test. On SQLite the two share a file, copied from the test's
database, in the project's own mode (WAL, immediate transactions).
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone

from mgestion.outbox.models import Mail, MailStatus
from tests.outbox.kinds import put
from tests.outbox.sender import send_due_mails
from tests.outbox.sink import Sink
from tests.servers.processes import LineProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


class Queue:
    """The database that the processes share."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "outbox.sqlite3"

    def publish(self) -> str:
        """Makes the rows queued so far visible to a process; gives the database's address."""
        if connection.vendor == "postgresql":
            name = str(connection.settings_dict["NAME"])
            address, _, options = os.environ["DATABASE_URL"].partition("?")
            return f"{address.rpartition('/')[0]}/{name}?{options}"
        connection.ensure_connection()
        copy = sqlite3.connect(self.file)
        connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{self.file}"

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """This process speaks to it too."""
        if connection.vendor == "postgresql":
            yield
            return
        own, shared = connections["default"], connections.create_connection("default")
        shared.settings_dict = {**shared.settings_dict, "NAME": str(self.file)}
        connections["default"] = shared
        try:
            yield
        finally:
            shared.close()
            connections["default"] = own


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path)


def count_mails(status: MailStatus) -> int:
    return Mail.objects.filter(status=status).count()


def test_two_senders_share_the_work_and_one_that_is_killed_loses_nothing(
    queue: Queue, sink: Sink, tmp_path: Path
) -> None:
    """Each mail leaves once; at most the one in doubt at the kill leaves twice."""
    now = timezone.now()
    shared = {put(now=now).message_id for _ in range(30)}
    later = {put(now=now + timedelta(hours=1)).message_id for _ in range(24)}
    victim = LineProcess(
        "tests.outbox.sender",
        environment={
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATABASE_URL": queue.publish(),
            "SMTP_URL": sink.url,
            "DATA_DIR": str(tmp_path),
        },
        log=tmp_path / "sender.log",
    )
    with contextlib.ExitStack() as stack:
        stack.callback(victim.kill)
        stack.enter_context(queue.entered())
        assert victim.read_line() == "ready"
        sink.seconds = 0.07  # the first one cannot send them all alone
        victim.write_line("0")
        counts = [send_due_mails(timedelta()), int(victim.read_line())]
        assert sum(counts) == 30
        assert all(counts), "they shared the work"
        assert sink.ids == dict.fromkeys(shared, 1)
        assert (count_mails(MailStatus.SENT), count_mails(MailStatus.QUEUED)) == (30, 24)

        sink.seconds = 0.3  # the kill comes long before the last mail, on a slow machine too
        victim.write_line("3600")
        sink.wait_for(36, victim.child)
        victim.kill()
        assert count_mails(MailStatus.QUEUED) > 4, "killed too late to prove anything"
        sink.seconds = 0
        send_due_mails(timedelta(seconds=3600))
        assert count_mails(MailStatus.QUEUED) > 0, "what the victim had claimed is under its lease"
        send_due_mails(timedelta(seconds=3661))
        assert count_mails(MailStatus.SENT) == 54
    assert set(sink.ids) == shared | later
    copies = sum(sink.ids.values()) - 54
    assert copies in (0, 1), "the one window: accepted by the server, not yet recorded"
