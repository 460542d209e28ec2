"""Database triggers that keep the ledger append-only."""

from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mgestion.database import append_only
from mgestion.database.append_only import AppendOnly

LEDGER_TABLE: Final = AppendOnly("lifecycle_ledgerentry", "ledger")


def install_ledger_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For `RunPython`."""
    append_only.install_triggers(schema_editor, LEDGER_TABLE)


def remove_ledger_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove_triggers(schema_editor, LEDGER_TABLE)
