from django.db import migrations

from mgestion.journal import triggers


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.RunPython(triggers.install_journal_triggers, triggers.remove_journal_triggers)
    ]
