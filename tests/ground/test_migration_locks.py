"""An upgrade keeps what is there and does not stop the portal, and can be taken back."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import CheckConstraint, Index, IntegerField, Q

from mgestion.database.migration_operations import (
    AddConstraintUnchecked,
    AddIndexUnlocked,
    CheckConstraintRows,
)
from tests.effort import LONG
from tests.ground.migration_locks import LARGE, find_locks
from tests.ground.test_migrations import RELEASED
from tests.servers.migrated import run_on_database

_EARLY: Final = (
    "written before the first installation in production: its tables are empty when it runs there"
)
# Migration → why it may lock or rewrite a large table all the same.
EXCEPTIONS: Final[dict[str, str]] = {
    "habilitations.0004_access_moved_from": _EARLY,
    "journal.0002_lines_of_an_agent": _EARLY,
    "registrations.0002_requests_on_platforms": _EARLY,
    "registrations.0003_platform_of_each_request": _EARLY,
    "registrations.0005_file_of_an_access": _EARLY,
    "registrations.0006_queue_by_platform": _EARLY,
    "registrations.0007_invitations": _EARLY,
    "registrations.0008_figures_by_platform": _EARLY,
    "registrations.0013_conversation": _EARLY,
}
# Migration → what its program does to rows, which no statement shows.
PROGRAMS: Final[dict[str, str]] = {
    "habilitations.0002_admission_rules": "the rules of the registry: some twenty rows",
    "habilitations.0005_establishment_words": _EARLY,
    "registrations.0002_requests_on_platforms": _EARLY,
    "registrations.0014_fragments_of_words": "no row: an index, built without a lock",
}


def upgrade(database_url: str, data: Path) -> dict[str, Any]:
    """What tests/ground/upgrade.py found, which goes there and back in this empty database."""
    found: dict[str, Any] = json.loads(
        run_on_database(database_url, data, "-m", "tests.ground.upgrade")
    )
    assert len(found["kept"]) > 50
    for way in ("kept", "kept on the way back"):
        assert [label for label, kept in found[way].items() if not kept] == [], way
    assert found["platform"] == "m-gestion-entreprise", "every request was M-Gestion's"
    assert set(found["programs"]) == set(PROGRAMS), "say what it does, and to how many rows"
    return found


@pytest.mark.postgres
@pytest.mark.django_db
def test_an_upgrade_keeps_rows_locks_no_large_table_and_can_be_taken_back(tmp_path: Path) -> None:
    """In one: to walk through the migrations takes many seconds."""
    here = connection.settings_dict
    name, where = f"released_{uuid.uuid4().hex[:8]}", {"host": here["HOST"], "user": here["USER"]}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")
        try:
            found = upgrade(f"postgres://{here['USER']}@/{here['HOST']}/{name}", tmp_path)
        finally:
            link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    faults = {migration: find_locks(said) for migration, said in found["said"].items()}
    locking = {migration: one for migration, one in faults.items() if one}
    wrong = {migration: one for migration, one in locking.items() if migration not in EXCEPTIONS}
    assert not wrong, "CONTRIBUTING.md, « Change the database », says how to do it in two steps"
    assert set(EXCEPTIONS) <= set(locking), "exceptions that are none any more"
    assert found["left by the way back"] == found["lost on the way back"] == []


if LONG:  # the demo's database, which nobody takes back

    @pytest.mark.embedded
    def test_rows_stay_on_the_way_there_and_back_on_sqlite(tmp_path: Path) -> None:
        upgrade(f"sqlite:///{tmp_path}/portal.sqlite3", tmp_path)


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_the_operations_without_locks_work_on_both_databases() -> None:
    state = ProjectState()
    state.add_model(ModelState("outbox", "Paper", [("size", IntegerField(primary_key=True))]))
    check = CheckConstraint(condition=Q(size__gt=0), name="paper_size")
    said: list[str] = []
    for operation in (
        AddIndexUnlocked("paper", Index(fields=["size"], name="paper_index")),
        AddConstraintUnchecked("paper", check),
        CheckConstraintRows("paper", "paper_size"),
    ):
        after = state.clone()
        operation.state_forwards("outbox", after)
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            operation.database_forwards("outbox", editor, state, after)
        said += editor.collected_sql
        state = after
    text = " ".join(said)
    assert "paper_index" in text and "paper_size" in text
    if connection.vendor == "postgresql":
        assert "CREATE INDEX CONCURRENTLY" in text
        assert "NOT VALID" in text and "VALIDATE CONSTRAINT" in text


def test_the_large_tables_exist() -> None:
    assert LARGE <= {model._meta.db_table for model in apps.get_models()}


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "outbox_mail" ADD COLUMN "x" uuid DEFAULT gen_random_uuid() NOT NULL',
        'ALTER TABLE "outbox_mail" ADD COLUMN "x" integer NOT NULL',
        'ALTER TABLE "outbox_mail" ADD COLUMN "x" bigint NULL UNIQUE',
        'ALTER TABLE "outbox_mail" ALTER COLUMN "x" TYPE text USING "x"::text',
        'ALTER TABLE "outbox_mail" ALTER COLUMN "x" SET NOT NULL',
        'ALTER TABLE "outbox_mail" ADD CONSTRAINT "c" CHECK ("x" > 0)',
        'ALTER TABLE "outbox_mail" ADD CONSTRAINT "c" UNIQUE ("x")',
        'ALTER TABLE "outbox_mail" ADD CONSTRAINT "c" FOREIGN KEY ("x") REFERENCES "y" ("id")',
        'ALTER TABLE "outbox_mail" DROP COLUMN "x" CASCADE',
        'ALTER TABLE "outbox_mail" RENAME COLUMN "x" TO "y"',
        'CREATE INDEX "i" ON "outbox_mail" ("x")',
        'CREATE UNIQUE INDEX "i" ON "outbox_mail" ("x") WHERE "x" > 0',
        'UPDATE "outbox_mail" SET "x" = 1; SET CONSTRAINTS ALL IMMEDIATE',
    ],
)
def test_a_statement_that_locks_a_large_table_is_found(statement: str) -> None:
    assert len(find_locks([statement])) == 1
    assert find_locks([statement.replace("outbox_mail", "habilitations_dga")]) == []


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "outbox_mail" ADD COLUMN "x" varchar(9) DEFAULT \'a\' NOT NULL',
        'ALTER TABLE "outbox_mail" ADD COLUMN "x" bigint NULL',
        'ALTER TABLE "outbox_mail" ALTER COLUMN "x" DROP DEFAULT',
        'ALTER TABLE "outbox_mail" ADD CONSTRAINT "c" CHECK ("x" > 0) NOT VALID',
        'ALTER TABLE "outbox_mail" VALIDATE CONSTRAINT "c"',
        'CREATE INDEX CONCURRENTLY "i" ON "outbox_mail" ("x")',
        'DROP INDEX CONCURRENTLY IF EXISTS "i"',
        "-- UPDATE would be a program's",
    ],
)
def test_a_statement_that_locks_nothing_for_long_may_be(statement: str) -> None:
    assert find_locks([statement]) == []


# Beginning of the SHA-256 of the migrations of the last release: they are never edited.
DIGESTS: Final[dict[str, str]] = {
    "accounts": "09e036ba02944b0a",
    "cas": "737897e54ad6ef45",
    "entry": "d5049a3b242db82b",
    "habilitations": "8b320ec969bc2529",
    "jobs": "a368c57312daf659",
    "journal": "5f14a0a61c6b4f56",
    "legal": "273a1838777195f8",
    "lifecycle": "dfabab3ea1283ae5",
    "outbox": "f0500813c1b9edd8",
    "profile": "15147ae49513e73c",
    "registrations": "f73ddabaf0381c26",
}


def test_released_migrations_are_as_they_were_released() -> None:
    folders = {config.label: Path(config.path) / "migrations" for config in apps.get_app_configs()}
    found = {
        app: hashlib.sha256((folders[app] / f"{name}.py").read_bytes()).hexdigest()[:16]
        for app, name in RELEASED.items()
    }
    assert found == DIGESTS
