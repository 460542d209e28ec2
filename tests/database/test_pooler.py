"""PgBouncer in transaction mode stands before PostgreSQL (DATABASE_POOLED): what leans on a session
of the database, or on a cursor of the server, would break there.
"""

import csv
import io
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.http import StreamingHttpResponse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role, StaffRole
from accounts.people.models import User
from mgestion.journal.flows import purge_old_entries
from mgestion.journal.models import Entry
from mgestion.outbox.flows import deliver_due_mails
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import approve_request
from registrations.desk.queue import export
from tests.factories.habilitations import load_reference, make_staff, make_user
from tests.factories.people import NOW, client_of
from tests.factories.registrations import make_request
from tests.outbox.kinds import put, register
from tests.servers.errors import ServerMissing
from tests.servers.pgbouncer import PgBouncer, pgbouncer_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SENDERS = 6


@pytest.fixture(scope="module")
def pgbouncer(django_db_setup: None) -> Iterator[PgBouncer]:
    """Two connections to PostgreSQL for everybody."""
    here = connection.settings_dict
    try:
        server = pgbouncer_server(str(here["HOST"]), str(here["USER"]), size=2)
        with server as started:
            yield started
    except ServerMissing as trouble:
        pytest.skip(str(trouble))


@pytest.fixture
def pooled(pgbouncer: PgBouncer, transactional_db: None) -> Iterator[None]:
    """Every thread's connection goes through the pooler, as DATABASE_POOLED=on sets it."""
    here = connection.settings_dict
    kept = {name: here.get(name) for name in ("HOST", "PORT", "DISABLE_SERVER_SIDE_CURSORS")}
    connection.close()
    here.update(HOST="127.0.0.1", PORT=str(pgbouncer.port), DISABLE_SERVER_SIDE_CURSORS=True)
    try:
        yield
    finally:
        connection.close()
        here.update(kept)


def test_connections_are_shared_and_keep_the_time_zone(pooled: None) -> None:
    def ask(number: int) -> tuple[int, str]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid(), current_setting('TimeZone')")
                (found,) = cursor.fetchall()
                return int(found[0]), str(found[1])
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=12) as pool:
        answers = list(pool.map(ask, range(24)))
    assert len({backend for backend, _ in answers}) <= 2
    assert {zone for _, zone in answers} == {"UTC"}


def test_senders_share_the_outbox_and_send_each_mail_once(pooled: None) -> None:
    register()
    mails = {put(now=NOW).pk for _ in range(24)}
    together = threading.Barrier(SENDERS)

    def send(number: int) -> int:
        try:
            together.wait(60)
            return deliver_due_mails(lambda: NOW, uuid4()).accepted
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=SENDERS) as pool:
        assert sum(pool.map(send, range(SENDERS))) == len(mails)
    assert Mail.objects.filter(pk__in=mails, status="sent", attempts=1).count() == len(mails)


def test_a_request_is_accepted_exported_and_purged_through_it(
    pooled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_reference()
    agent = make_staff(StaffRole.NATIONAL)
    rows = [make_request() for _ in range(5)]
    monkeypatch.setattr(export, "CHUNK", 2)  # several fetches from one query
    client = client_of(agent)
    response = cast(
        StreamingHttpResponse,
        client.post("/admin/registrations/request/exporter/", {"filters": ""}),
    )
    parts = iter(cast("Any", response.streaming_content))
    text = b"".join(itertools.islice(parts, 2)).decode()
    # Somebody else takes the connection on which the first rows were fetched.
    other = connection.copy()
    other.set_autocommit(False)
    other.cursor().execute("SELECT 1")
    text += b"".join(parts).decode()
    other.close()
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert {line["Référence"] for line in lines} == {row.reference for row in rows}
    approve_request(
        rows[0].pk,
        version=rows[0].version,
        role=Role.GESTIONNAIRE,
        establishment="Garage Lumière",
        actor_user=agent,
        now=NOW,
    )
    assert Access.objects.filter(user=rows[0].user).count() == 1
    # The purge window is a variable of the transaction, never of the connection.
    assert purge_old_entries(NOW + timedelta(days=4000))["entries"] > 0
    with pytest.raises(DatabaseError, match="purge window is closed"):
        Entry.objects.all().delete()


def test_the_lifecycle_is_planned_and_run_through_it(
    pooled: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.lifecycle.world import at, sweep

    idle = make_user()
    User.objects.filter(pk=idle.pk).update(clock_from=at("2024-03-01"))
    call_command("lifecycle", "plan", "--at", "2026-03-11")
    assert "avertir" in capsys.readouterr().out
    run = sweep(at("2026-03-11 10:00"))
    assert run is not None
    assert run.counts["notice"] == 1
