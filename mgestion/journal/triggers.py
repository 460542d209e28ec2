"""The journal's tables are append-only; the details of a person are erased with them (D29)."""

from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mgestion.database import append_only
from mgestion.database.append_only import AppendOnly

TABLES: Final = (
    AppendOnly("journal_entry", "journal_entry"),
    AppendOnly("journal_detail", "journal_detail", erasable=True),
)


def install(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For `RunPython`."""
    append_only.install(schema_editor, *TABLES)


def remove(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(schema_editor, *TABLES)
