from django.db import migrations

from registrations import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("registrations", "0010_undelivered_mails"),
        ("journal", "0003_one_way_to_be_append_only"),
    ]

    operations = [
        migrations.RunPython(triggers.install_history_triggers, triggers.remove_history_triggers)
    ]
