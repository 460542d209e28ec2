"""Triggers that keep the journal append-only; details are erasable with their person."""

from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mgestion.database import append_only
from mgestion.database.append_only import AppendOnly

JOURNAL_TABLES: Final = (
    AppendOnly("journal_entry", "journal_entry"),
    AppendOnly("journal_detail", "journal_detail", erasable=True),
)


def install_journal_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For `RunPython`."""
    append_only.install_triggers(schema_editor, *JOURNAL_TABLES)


def remove_journal_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove_triggers(schema_editor, *JOURNAL_TABLES)
