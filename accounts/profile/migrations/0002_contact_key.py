import re
from typing import Any

from django.db import migrations, models

from accounts.people.addresses import fold

# As `flows_rights.contact_key` read it when this was written.
ADDRESS = re.compile(r"[^\s<>()\[\];,:\"]+@[^\s<>()\[\];,:\"]*[^\s<>()\[\];,:\".]")


def fill(apps: Any, schema_editor: Any) -> None:
    requests = apps.get_model("profile", "RightsRequest").objects.filter(contact__contains="@")
    for request in requests.only("contact").iterator():
        found = ADDRESS.search(request.contact)
        if found:
            request.contact_key = fold(found[0])
            request.save(update_fields=["contact_key"])


class Migration(migrations.Migration):
    dependencies = [("profile", "0001_exports_and_rights")]

    operations = [
        migrations.AddField(
            model_name="rightsrequest",
            name="contact_key",
            field=models.CharField(
                blank=True, db_index=True, default="", editable=False, max_length=300
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
