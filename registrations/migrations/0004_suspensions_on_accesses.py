"""A suspension is a fact of the access itself; what the desk did is in the request's history."""

from typing import Any

from django.db import migrations


def move(apps: Any, schema_editor: Any) -> None:
    """Those that stand go to their access; those that were lifted have their two lines already."""
    for row in apps.get_model("registrations", "AccessSuspension").objects.filter(
        lifted_at__isnull=True, access__ended_at__isnull=False
    ):
        apps.get_model("habilitations", "Access").objects.filter(pk=row.access_id).update(
            suspended_at=row.suspended_at,
            suspended_by=row.suspended_by,
            suspension_reason=row.reason,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("habilitations", "0004_roles_and_suspensions"),
        ("registrations", "0003_running_first"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(name="AccessSuspension"),
    ]
