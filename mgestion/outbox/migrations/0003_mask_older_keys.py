from typing import Any

from django.conf import settings
from django.db import migrations

from mgestion.web.masking import mask_keys


def mask_older_keys(apps: Any, schema_editor: Any) -> None:
    """Mails that were stored before every mailed key was masked hold some in clear. The demo's local
    page needs them.
    """
    if settings.EMBEDDED:
        return
    rows = apps.get_model("outbox", "Mail").objects.exclude(text="", html="")
    for pk, text, html in rows.values_list("pk", "text", "html").iterator(chunk_size=500):
        masked = {"text": mask_keys(text), "html": mask_keys(html)}
        if masked != {"text": text, "html": html}:
            rows.filter(pk=pk).update(**masked)


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_priority")]

    operations = [migrations.RunPython(mask_older_keys, migrations.RunPython.noop, elidable=True)]
