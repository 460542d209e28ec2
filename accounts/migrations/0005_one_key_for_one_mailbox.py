from typing import Any

from django.db import migrations

from accounts.people.addresses import double_key, fold


def rekey(apps: Any, schema_editor: Any) -> None:
    """The keys of today: domains as A-labels, local parts that are not ASCII as they are.

    Where another account has the key of the same mailbox, the account keeps a key of its own that
    no address has; staff find both under « Adresse en double » (docs/operations.md).
    """
    User = apps.get_model("accounts", "User")
    rows = User.objects.order_by("pk").values_list("pk", "email", "email_key")
    moving = {pk: fold(email) for pk, email, key in rows.iterator() if fold(email) != key}
    left = len(moving) + 1
    while len(moving) < left:  # a key that one account leaves may be the one that another takes
        left = len(moving)
        for pk, key in list(moving.items()):
            if not User.objects.filter(email_key=key).exclude(pk=pk).exists():
                User.objects.filter(pk=pk).update(email_key=key)
                del moving[pk]
    for pk, key in moving.items():
        User.objects.filter(pk=pk).update(email_key=double_key(key, pk))
    AllowedAddress = apps.get_model("accounts", "AllowedAddress")
    for row in AllowedAddress.objects.order_by("pk"):
        pattern = fold(row.pattern)
        if pattern == row.pattern:
            continue
        if AllowedAddress.objects.filter(pattern=pattern).exists():
            row.delete()
        else:
            AllowedAddress.objects.filter(pk=row.pk).update(pattern=pattern)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_account_words")]

    operations = [migrations.RunPython(rekey, migrations.RunPython.noop, elidable=True)]
