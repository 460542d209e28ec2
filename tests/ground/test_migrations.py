"""No model of ours without its migration, and none that a fresh database would not get."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.both

# The last migration of each app in the last release: a release moves these names.
RELEASED = {
    "accounts": "0001_initial",
    "cas": "0001_initial",
    "entry": "0001_initial",
    "habilitations": "0001_initial",
    "jobs": "0001_initial",
    "journal": "0001_initial",
    "legal": "0001_initial",
    "lifecycle": "0001_initial",
    "outbox": "0001_initial",
    "profile": "0001_initial",
    "registrations": "0001_initial",
}

ROOMS = ("mgestion", "accounts", "registrations", "lifecycle")


def test_every_app_of_ours_with_models_has_migrations() -> None:
    """`makemigrations --check` says nothing of an app that has no migrations folder at all."""
    unmigrated = MigrationLoader(None, ignore_no_migrations=True).unmigrated_apps
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in ROOMS and list(config.get_models())
    }
    assert not ours & set(unmigrated)


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    output = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(output.getvalue())
    assert connection.introspection.table_names()


# By its name, what a table refuses by itself. SQLite drops them with a table that is rebuilt.
GUARDS = {
    "journal_detail_keep",
    *("journal_entry_keep", "journal_entry_stay"),
    "legal_published_is_frozen",
    *("ledger_keep", "ledger_stay"),
    *("request_event_keep", "request_event_stay"),
}
AGAINST_TRUNCATE = {
    *("journal_detail_whole", "journal_entry_whole", "ledger_whole", "request_event_whole"),
}


@pytest.mark.django_db
def test_the_guards_of_the_tables_outlast_every_migration() -> None:
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
            if on_postgresql
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == GUARDS | (AGAINST_TRUNCATE if on_postgresql else set())
