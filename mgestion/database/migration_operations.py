"""Operations of migrations that lock no large table on PostgreSQL, and do the plain thing on
SQLite, which has one writer anyhow. CONTRIBUTING.md, « Change the database », says when.
"""

from typing import Any

from django.contrib.postgres import operations as postgres
from django.db.migrations import AddConstraint, AddIndex

__all__ = ["AddConstraintUnchecked", "AddIndexUnlocked", "CheckConstraintRows"]


class AddIndexUnlocked(postgres.AddIndexConcurrently):
    """CREATE INDEX CONCURRENTLY; the migration says `atomic = False`."""

    def database_forwards(self, app_label: str, editor: Any, old: Any, new: Any) -> None:
        if editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, editor, old, new)
        else:
            AddIndex.database_forwards(self, app_label, editor, old, new)

    def database_backwards(self, app_label: str, editor: Any, old: Any, new: Any) -> None:
        if editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, editor, old, new)
        else:
            AddIndex.database_backwards(self, app_label, editor, old, new)


class AddConstraintUnchecked(postgres.AddConstraintNotValid):
    """A CHECK for new rows; `CheckConstraintRows`, in a later migration, reads the others."""

    def database_forwards(self, app_label: str, editor: Any, old: Any, new: Any) -> None:
        if editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, editor, old, new)
        else:
            AddConstraint.database_forwards(self, app_label, editor, old, new)


class CheckConstraintRows(postgres.ValidateConstraint):
    """Reads the rows without locking anybody out."""

    def database_forwards(self, app_label: str, editor: Any, old: Any, new: Any) -> None:
        if editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, editor, old, new)
