from django.db import migrations

from lifecycle.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0001_initial"),
        ("journal", "0002_append_only"),
    ]

    operations = [
        migrations.RunPython(triggers.install_ledger_triggers, triggers.remove_ledger_triggers)
    ]
