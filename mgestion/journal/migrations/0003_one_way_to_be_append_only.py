from django.db import migrations

from mgestion.journal import triggers


class Migration(migrations.Migration):
    """For databases that have the triggers of before: the window becomes the transaction's own."""

    dependencies = [("journal", "0002_append_only")]

    operations = [
        migrations.RunPython(triggers.install_journal_triggers, migrations.RunPython.noop)
    ]
