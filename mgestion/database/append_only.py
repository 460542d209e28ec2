"""Append-only tables, enforced by database triggers.

- UPDATE of a row: always refused.
- DELETE of a row, and TRUNCATE on PostgreSQL: refused unless the purge window is open, which only
  retention and erasure do, for their own statements (`purge_window`).
- `erasable` tables: DELETE erases a person's data, and is always allowed.

SQLite drops a table's triggers when Django rebuilds it: a migration that alters one of these tables
protects it again (`protect_tables`). Other database engines raise KeyError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# On PostgreSQL, a variable of the transaction, so that erasures do not wait for each other. SQLite
# has no such variable, and one writer at a time: a table of one row, without a model.
WINDOW_VARIABLE = "mgestion.purge_window"
WINDOW_TABLE = "journal_purge_window"

_SQLITE_WINDOW = (
    f"CREATE TABLE IF NOT EXISTS {WINDOW_TABLE} "
    "(id integer PRIMARY KEY CHECK (id = 1), open integer NOT NULL DEFAULT 0)",
    f"INSERT OR IGNORE INTO {WINDOW_TABLE} (id, open) VALUES (1, 0)",  # noqa: S608  # a constant
)
_POSTGRESQL_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: a line is never changed', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION journal_refuse_unless_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('{WINDOW_VARIABLE}', true) IS DISTINCT FROM 'open' THEN
            RAISE EXCEPTION '%: the purge window is closed', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NULL;
    END $$
    """,
    f"DROP TABLE IF EXISTS {WINDOW_TABLE}",  # the window of earlier versions
)


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """A table and the prefix of its triggers' names."""

    table: str
    prefix: str
    erasable: bool = False


def protect_tables(*tables: AppendOnly) -> migrations.RunPython:
    """The operation of a migration that makes these tables append-only."""
    return migrations.RunPython(
        lambda apps, schema_editor: install_triggers(schema_editor, *tables),
        lambda apps, schema_editor: remove_triggers(schema_editor, *tables),
    )


def install_triggers(schema_editor: BaseDatabaseSchemaEditor, *tables: AppendOnly) -> None:
    """Installs or replaces the triggers. Idempotent."""
    make = {"sqlite": _write_sqlite_statements, "postgresql": _write_postgresql_statements}[
        schema_editor.connection.vendor
    ]
    for statement in make(tables):
        schema_editor.execute(statement, params=None)


def remove_triggers(schema_editor: BaseDatabaseSchemaEditor, *tables: AppendOnly) -> None:
    """Removes the triggers; functions and window stay for the other tables."""
    sqlite = schema_editor.connection.vendor == "sqlite"
    for each in tables:
        for what in ("keep", "stay", "whole"):
            on = "" if sqlite else f" ON {each.table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {each.prefix}_{what}{on}")


def _write_sqlite_statements(tables: tuple[AppendOnly, ...]) -> Iterator[str]:
    yield from _SQLITE_WINDOW
    for each in tables:
        keep, stay = f"{each.prefix}_keep", f"{each.prefix}_stay"
        yield f"DROP TRIGGER IF EXISTS {keep}"
        yield (
            f"CREATE TRIGGER {keep} BEFORE UPDATE ON {each.table} "
            f"BEGIN SELECT RAISE(ABORT, '{each.table}: a line is never changed'); END"
        )
        yield f"DROP TRIGGER IF EXISTS {stay}"
        if not each.erasable:
            yield (
                f"CREATE TRIGGER {stay} BEFORE DELETE ON {each.table} "  # noqa: S608  # constants
                f"WHEN NOT EXISTS (SELECT 1 FROM {WINDOW_TABLE} WHERE id = 1 AND open = 1) "
                f"BEGIN SELECT RAISE(ABORT, '{each.table}: the purge window is closed'); END"
            )


def _write_postgresql_statements(tables: tuple[AppendOnly, ...]) -> Iterator[str]:
    yield from _POSTGRESQL_FUNCTIONS
    for each in tables:
        yield (
            f"CREATE OR REPLACE TRIGGER {each.prefix}_keep BEFORE UPDATE ON {each.table} "
            "FOR EACH ROW EXECUTE FUNCTION journal_refuse()"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER {each.prefix}_whole BEFORE TRUNCATE ON {each.table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_unless_open()"
        )
        if not each.erasable:
            yield (
                f"CREATE OR REPLACE TRIGGER {each.prefix}_stay BEFORE DELETE ON {each.table} "
                "FOR EACH ROW EXECUTE FUNCTION journal_refuse_unless_open()"
            )


@contextmanager
def purge_window() -> Iterator[None]:
    """Allows deletions inside the block, for retention and erasure. RuntimeError outside a
    transaction; a failure rolls the window back with the rest.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("The purge window opens inside a transaction only.")
    _set_window(is_open=True)
    yield
    _set_window(is_open=False)


def _set_window(*, is_open: bool) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            value = "open" if is_open else "closed"
            cursor.execute("SELECT set_config(%s, %s, true)", [WINDOW_VARIABLE, value])
        else:
            cursor.execute(f"UPDATE {WINDOW_TABLE} SET open = %s WHERE id = 1", [int(is_open)])  # noqa: S608 - the name of our table
