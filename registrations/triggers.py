"""The history of a request is append-only (`mgestion.database.append_only`) until its erasure."""

from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mgestion.database import append_only
from mgestion.database.append_only import AppendOnly

EVENTS: Final = AppendOnly("registrations_requestevent", "request_event")


def install_history_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For `RunPython`."""
    append_only.install_triggers(schema_editor, EVENTS)


def remove_history_triggers(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove_triggers(schema_editor, EVENTS)
