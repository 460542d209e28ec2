"""The database itself keeps the ledger append-only (see `mgestion.journal.triggers`).

UPDATE is refused always, DELETE and TRUNCATE unless the journal's purge window is open: one window
for both, opened by their retention only.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mgestion.journal.triggers import WINDOW

_TABLE = "lifecycle_ledgerentry"
_INSTALL = {
    "sqlite": (
        f"CREATE TRIGGER IF NOT EXISTS ledger_keep BEFORE UPDATE ON {_TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'ledger: a line is never changed'); END",
        f"CREATE TRIGGER IF NOT EXISTS ledger_stay BEFORE DELETE ON {_TABLE} "  # noqa: S608
        f"WHEN NOT EXISTS (SELECT 1 FROM {WINDOW} WHERE id = 1 AND open = 1) "
        "BEGIN SELECT RAISE(ABORT, 'ledger: the purge window is closed'); END",
    ),
    "postgresql": (
        f"CREATE OR REPLACE TRIGGER ledger_keep BEFORE UPDATE ON {_TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION journal_refuse()",
        f"CREATE OR REPLACE TRIGGER ledger_stay BEFORE DELETE ON {_TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION journal_refuse_unless_open()",
        f"CREATE OR REPLACE TRIGGER ledger_whole BEFORE TRUNCATE ON {_TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_unless_open()",
    ),
}
_REMOVE = {
    "sqlite": ("DROP TRIGGER IF EXISTS ledger_keep", "DROP TRIGGER IF EXISTS ledger_stay"),
    "postgresql": tuple(
        f"DROP TRIGGER IF EXISTS {name} ON {_TABLE}"
        for name in ("ledger_keep", "ledger_stay", "ledger_whole")
    ),
}


def install(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Idempotent; a migration that alters the table calls it again (SQLite rebuilds tables)."""
    for statement in _INSTALL[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
