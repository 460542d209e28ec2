from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lifecycle import triggers


def install(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    triggers.install(schema_editor)


def remove(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    triggers.remove(schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0001_initial"),
        ("journal", "0002_append_only"),
    ]

    operations = [migrations.RunPython(install, remove)]
