"""The database itself keeps the journal append-only, whoever holds the connection.

- UPDATE of an entry or of a detail: always refused.
- DELETE of an entry: refused unless the purge window is open (`journal.flows.purge`, the tests).
- TRUNCATE (PostgreSQL): as DELETE, for both tables.
- DELETE of a detail is what erasing a person's data is (D29): allowed.

SQLite drops a table's triggers when Django rebuilds it: a migration that alters these tables
calls `install` again.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WINDOW = "journal_purge_window"  # a table without a model: one row says whether it is open

_SQLITE = (
    "CREATE TABLE IF NOT EXISTS journal_purge_window "
    "(id integer PRIMARY KEY CHECK (id = 1), open integer NOT NULL DEFAULT 0)",
    "INSERT OR IGNORE INTO journal_purge_window (id, open) VALUES (1, 0)",
    "CREATE TRIGGER IF NOT EXISTS journal_entry_keep BEFORE UPDATE ON journal_entry "
    "BEGIN SELECT RAISE(ABORT, 'journal: an entry is never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS journal_detail_keep BEFORE UPDATE ON journal_detail "
    "BEGIN SELECT RAISE(ABORT, 'journal: a detail is erased, never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS journal_entry_stay BEFORE DELETE ON journal_entry "
    "WHEN NOT EXISTS (SELECT 1 FROM journal_purge_window WHERE id = 1 AND open = 1) "
    "BEGIN SELECT RAISE(ABORT, 'journal: the purge window is closed'); END",
)

_POSTGRESQL = (
    "CREATE TABLE IF NOT EXISTS journal_purge_window "
    "(id integer PRIMARY KEY CHECK (id = 1), open boolean NOT NULL DEFAULT false)",
    "INSERT INTO journal_purge_window (id, open) VALUES (1, false) ON CONFLICT DO NOTHING",
    """
    CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'journal: a line is never changed'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION journal_refuse_unless_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM journal_purge_window WHERE id = 1 AND open) THEN
            RAISE EXCEPTION 'journal: the purge window is closed'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE OR REPLACE TRIGGER journal_entry_keep BEFORE UPDATE ON journal_entry "
    "FOR EACH ROW EXECUTE FUNCTION journal_refuse()",
    "CREATE OR REPLACE TRIGGER journal_detail_keep BEFORE UPDATE ON journal_detail "
    "FOR EACH ROW EXECUTE FUNCTION journal_refuse()",
    "CREATE OR REPLACE TRIGGER journal_entry_stay BEFORE DELETE ON journal_entry "
    "FOR EACH ROW EXECUTE FUNCTION journal_refuse_unless_open()",
    "CREATE OR REPLACE TRIGGER journal_entry_whole BEFORE TRUNCATE ON journal_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_unless_open()",
    "CREATE OR REPLACE TRIGGER journal_detail_whole BEFORE TRUNCATE ON journal_detail "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_unless_open()",
)

_REMOVE = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS journal_entry_keep",
        "DROP TRIGGER IF EXISTS journal_detail_keep",
        "DROP TRIGGER IF EXISTS journal_entry_stay",
        "DROP TABLE IF EXISTS journal_purge_window",
    ),
    "postgresql": (
        "DROP FUNCTION IF EXISTS journal_refuse() CASCADE",
        "DROP FUNCTION IF EXISTS journal_refuse_unless_open() CASCADE",
        "DROP TABLE IF EXISTS journal_purge_window",
    ),
}


def install(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Idempotent. Another database engine than the two supported is an error, not a gap."""
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[vendor]:
        schema_editor.execute(statement)


def remove(schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
