from typing import Any

from django.db import migrations


def tell_truth(apps: Any, schema_editor: Any) -> None:
    """Requests that older code let an agent close after their answer or their refusal: the person
    went on reading « Réponse donnée » over a refusal. The journal still says which it was; where it
    does not any more, the row stays as it is.
    """
    requests = apps.get_model("profile", "RightsRequest").objects
    entries = apps.get_model("journal", "Entry").objects
    states = {"rights.answered": "answered", "rights.refused": "refused"}
    for request in requests.filter(state="closed", settled_at__isnull=False).only("pk").iterator():
        settled = (
            entries.filter(object_type="rights", object_id=str(request.pk), act__in=states)
            .order_by("-id")
            .first()
        )
        if settled is not None:
            requests.filter(pk=request.pk).update(state=states[settled.act], closed_at=None)


class Migration(migrations.Migration):
    dependencies = [("profile", "0002_contact_key"), ("journal", "0001_initial")]

    operations = [migrations.RunPython(tell_truth, migrations.RunPython.noop, elidable=True)]
