"""« Autre motif » has no text of its own any more: its explanation is the reviewer's (D11)."""

from typing import Any

from django.db import migrations, models

_SHIPPED = (
    "Votre demande ne peut pas être acceptée en l’état. Corrigez-la d’après l’explication "
    "ci-dessous, puis renvoyez-la."
)


def forget_shipped_text(apps: Any, editor: Any) -> None:
    """What staff wrote themselves stays."""
    reasons = apps.get_model("registrations", "RefusalReason").objects
    reasons.filter(code="autre", text=_SHIPPED).update(text="")


class Migration(migrations.Migration):
    dependencies = [("registrations", "0006_asking_templates")]

    operations = [
        migrations.AlterField(
            model_name="refusalreason",
            name="text",
            field=models.TextField(
                blank=True,
                help_text="Laissé vide\u00a0: l’agent doit écrire lui-même l’explication.",
                verbose_name="texte proposé",
            ),
        ),
        migrations.RunPython(forget_shipped_text, migrations.RunPython.noop),
    ]
