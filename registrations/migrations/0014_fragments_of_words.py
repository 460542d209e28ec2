"""The trigram index of the words that requests are found by, where PostgreSQL has the extension and
this role may create it. Without it the same search reads the index of whole words.
"""

from typing import Any

from django.db import migrations
from django.db.utils import DatabaseError

_AVAILABLE = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
_INDEX = (
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS request_word_fragment"
    " ON registrations_requestword USING gin (word gin_trgm_ops)"
)


def add_trigram_index(apps: Any, editor: Any) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute(_AVAILABLE)
        if cursor.fetchone() is None:
            return
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError:
            return
        cursor.execute(_INDEX)


def drop_trigram_index(apps: Any, editor: Any) -> None:
    """The extension stays: others may use it."""
    if editor.connection.vendor == "postgresql":
        with editor.connection.cursor() as cursor:
            cursor.execute("DROP INDEX CONCURRENTLY IF EXISTS request_word_fragment")


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("registrations", "0013_conversation")]

    operations = [migrations.RunPython(add_trigram_index, drop_trigram_index, elidable=False)]
