"""What is written stays written, and holds no personal value."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from accounts.entry.acts import EntryAct
from mgestion import slots
from mgestion.database.append_only import purge_window
from mgestion.journal.actors import ANONYMOUS, Actor
from mgestion.journal.flows import purge_old_entries, write_journal_entry
from mgestion.journal.models import Detail, Entry
from mgestion.personal_data import DataSubjects
from registrations.requests.enums import RegistrationAct
from tests.factories.habilitations import make_user

pytestmark = pytest.mark.both

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
SYSTEM = Actor.system("tests")


class Refused(Exception):
    pass


@pytest.mark.django_db
@pytest.mark.req("S30")
def test_personal_values_live_in_the_erasable_row_only() -> None:
    person, stranger = uuid4(), uuid4()
    entry = write_journal_entry(
        EntryAct.ADDRESS_CHANGED,
        actor=Actor("person", str(person)),
        object_type="user",
        object_id=str(person),
        person=person,
        detail={"before": "lea@example.org"},
        now=NOW,
    )
    write_journal_entry(
        EntryAct.ACCOUNT_CREATED, actor=ANONYMOUS, person=stranger, detail={"x": 1}, now=NOW
    )
    row = Entry.objects.values().get(pk=entry.pk)
    assert "lea@example.org" not in str(row)
    assert entry.detail.data == {"before": "lea@example.org"}
    of_person = DataSubjects(ids=(), public_ids=(person,), addresses=())
    assert slots.personal_data["journal.details"].run(of_person, NOW) == 1
    assert Entry.objects.filter(person=person).exists()
    assert Detail.objects.count() == 1


@pytest.mark.django_db
def test_an_entry_without_detail_writes_one_row() -> None:
    write_journal_entry(RegistrationAct.REQUESTS_EXPORTED, actor=SYSTEM, now=NOW)
    assert (Entry.objects.count(), Detail.objects.count()) == (1, 0)


@pytest.mark.django_db
@pytest.mark.req("S25")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET act = 'other'",
        "UPDATE journal_detail SET data = '{}'",
        "DELETE FROM journal_entry",
    ],
)
def test_the_database_itself_refuses_to_change_the_journal(statement: str) -> None:
    write_journal_entry(RegistrationAct.REQUEST_APPROVED, actor=SYSTEM, detail={"a": 1}, now=NOW)
    with pytest.raises(IntegrityError, match="journal"), transaction.atomic():
        with connection.cursor() as cursor:
            if "DELETE" in statement:
                cursor.execute("DELETE FROM journal_detail")  # allowed; else the key would refuse
            cursor.execute(statement)
    assert Entry.objects.get().act == "request.approved"
    assert Detail.objects.get().data == {"a": 1}


@pytest.mark.django_db
def test_no_update_passes_even_while_the_purge_window_is_open() -> None:
    write_journal_entry(RegistrationAct.REQUEST_APPROVED, actor=SYSTEM, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic(), purge_window():
        Entry.objects.update(act="other")


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("table", ["journal_entry CASCADE", "journal_detail"])
def test_truncate_is_refused_too(table: str) -> None:
    with pytest.raises(IntegrityError, match="window"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table}")


@pytest.mark.django_db
@pytest.mark.req("S29")
def test_the_purge_removes_what_is_older_than_the_setting_and_says_so(settings: Settings) -> None:
    settings.RETENTION = {**settings.RETENTION, "journal": timedelta(days=365)}
    old = NOW - timedelta(days=365, seconds=1)
    write_journal_entry(EntryAct.ACCOUNT_CREATED, actor=SYSTEM, detail={"a": 1}, now=old)
    write_journal_entry(EntryAct.LOGIN_SUCCEEDED, actor=SYSTEM, now=old)
    write_journal_entry(
        EntryAct.PASSWORD_CHANGED, actor=SYSTEM, detail={"a": 1}, now=NOW - timedelta(days=365)
    )
    agent = make_user()
    for at in (old, NOW - timedelta(days=365)):
        LogEntry.objects.create(user=agent, action_time=at, action_flag=CHANGE)
    assert purge_old_entries(NOW) == {"entries": 2, "admin_log": 1}
    assert LogEntry.objects.count() == 1
    assert set(Entry.objects.values_list("act", flat=True)) == {
        "password.changed",
        "journal.purged",
    }
    assert Entry.objects.get(act="journal.purged").detail.data == {"entries": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(act="password.changed").delete()


@pytest.mark.django_db
def test_a_purge_with_nothing_to_remove_writes_nothing() -> None:
    write_journal_entry(EntryAct.PASSWORD_CHANGED, actor=SYSTEM, now=NOW)
    assert purge_old_entries(NOW) == {"entries": 0, "admin_log": 0}
    assert Entry.objects.count() == 1


def test_actors_know_people_by_their_public_id() -> None:
    class Somebody:
        public_id = uuid4()

    assert Actor.person(Somebody()) == Actor("person", str(Somebody.public_id))
    assert Actor.staff(Somebody()).kind == "staff"
    assert Actor.platform("m-campus-of") == Actor("platform", "m-campus-of")
