from typing import Any

from django.db import migrations

from accounts.people.addresses import fold


def rekey(apps: Any, schema_editor: Any) -> None:
    """The keys of today, as `accounts.0005` makes those of the accounts."""
    for name in ("RightsRequest",):
        rows = apps.get_model("profile", name).objects.exclude(contact_key="")
        for pk, key in rows.values_list("pk", "contact_key").iterator():
            if fold(key) != key:
                rows.filter(pk=pk).update(contact_key=fold(key))


class Migration(migrations.Migration):
    dependencies = [("profile", "0003_settled_states")]

    operations = [migrations.RunPython(rekey, migrations.RunPython.noop, elidable=True)]
