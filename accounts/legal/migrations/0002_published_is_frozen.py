"""The database itself keeps a published version of the terms as it was (R68).

SQLite loses a table's triggers when a later migration rebuilds the table: such a migration has to
create this one again. `tests/legal/test_versions.py` fails when the trigger is gone.
Deleting is refused by the model and the queryset: a trigger would also stop the emptying of tables
between tests, and an accepted version is protected by its acceptances.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = """
CREATE TRIGGER legal_published_is_frozen BEFORE UPDATE ON legal_termsversion
WHEN OLD.published_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a published version of the terms never changes');
END
"""
POSTGRESQL = """
CREATE FUNCTION legal_published_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version of the terms never changes' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER legal_published_is_frozen BEFORE UPDATE ON legal_termsversion
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION legal_published_is_frozen();
"""


def create(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE, params=None)


def drop(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER legal_published_is_frozen ON legal_termsversion")
        editor.execute("DROP FUNCTION legal_published_is_frozen()")
    else:
        editor.execute("DROP TRIGGER legal_published_is_frozen")


class Migration(migrations.Migration):
    dependencies = [("legal", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
