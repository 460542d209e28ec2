"""Several senders, and a sender killed at work: real processes, a real server, a real database.

On SQLite the processes share a file, copied from the test's database, in the project's own mode
(WAL, immediate transactions).
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.outbox.kinds import put
from tests.outbox.sink import Sink
from tests.servers.processes import LineProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
Start = Callable[..., LineProcess]


class Queue:
    """The database that the processes share."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "outbox.sqlite3"

    def publish(self) -> str:
        """Makes the rows queued so far visible to processes; gives the database's address."""
        if connection.vendor == "postgresql":
            name = str(connection.settings_dict["NAME"])
            address, _, options = os.environ["DATABASE_URL"].partition("?")
            return f"{address.rpartition('/')[0]}/{name}?{options}"
        connection.ensure_connection()
        copy = sqlite3.connect(self.file)
        connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{self.file}"

    def count(self, status: str) -> int:
        sql = f"SELECT count(*) FROM outbox_mail WHERE status = '{status}'"  # noqa: S608
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return int(cursor.fetchone()[0])
        reader = sqlite3.connect(self.file)
        try:
            return int(reader.execute(sql).fetchone()[0])
        finally:
            reader.close()


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path)


@pytest.fixture
def start(sink: Sink, tmp_path: Path) -> Iterator[Start]:
    running: list[LineProcess] = []

    def run(database: str) -> LineProcess:
        process = LineProcess(
            "tests.outbox.sender",
            environment={
                "MGESTION_MODE": "embedded",
                "MGESTION_TESTING": "1",
                "DATABASE_URL": database,
                "SMTP_URL": sink.url,
                "DATA_DIR": str(tmp_path),
            },
            log=tmp_path / f"sender-{len(running)}.log",
        )
        running.append(process)
        assert process.read_line() == "ready"
        return process

    yield run
    for process in running:
        process.kill()


def test_two_senders_share_the_work_and_one_that_is_killed_loses_nothing(
    queue: Queue, start: Start, sink: Sink
) -> None:
    """Each mail leaves once; at most the one in doubt at the kill leaves twice."""
    now = timezone.now()
    shared = {put(now=now).message_id for _ in range(100)}
    later = {put(now=now + timedelta(hours=1)).message_id for _ in range(40)}
    database = queue.publish()
    sink.seconds = 0.02  # the first one up cannot send them all alone
    victim, heir = start(database), start(database)
    for sender in (victim, heir):
        sender.write_line("0")
    counts = [int(sender.read_line()) for sender in (victim, heir)]
    assert sum(counts) == 100
    assert all(counts), "they shared the work"
    assert sink.ids == dict.fromkeys(shared, 1)
    assert (queue.count("sent"), queue.count("queued")) == (100, 40)

    sink.seconds = 0.2  # the kill comes long before the last mail, on a slow machine too
    victim.write_line("3600")
    sink.wait_for(112, victim.child)
    victim.kill()
    assert queue.count("queued") > 0, "killed too late to prove anything"
    sink.seconds = 0
    heir.write_line("3600")
    heir.read_line()
    assert queue.count("queued") > 0, "what the victim had claimed is under its lease"
    heir.write_line("3661")
    heir.read_line()
    assert queue.count("sent") == 140
    assert set(sink.ids) == shared | later
    copies = sum(sink.ids.values()) - 140
    assert copies in (0, 1), "the one window: accepted by the server, not yet recorded"
