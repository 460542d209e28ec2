from typing import Any

from django.db import migrations

from accounts.people.addresses import fold


def rekey(apps: Any, schema_editor: Any) -> None:
    """The keys of today, as `accounts.0005` makes those of the accounts."""
    for name in ("TermsRequest",):
        rows = apps.get_model("legal", name).objects.exclude(email_key="")
        for pk, key in rows.values_list("pk", "email_key").iterator():
            if fold(key) != key:
                rows.filter(pk=pk).update(email_key=fold(key))


class Migration(migrations.Migration):
    dependencies = [("legal", "0005_withdrawals")]

    operations = [migrations.RunPython(rekey, migrations.RunPython.noop, elidable=True)]
