import uuid
from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

BATCH = 2000


def identify_accesses(apps: Any, schema_editor: Any) -> None:
    Access = apps.get_model("habilitations", "Access")
    while rows := list(Access.objects.filter(public_id__isnull=True).only("pk")[:BATCH]):
        for row in rows:
            row.public_id = uuid.uuid4()
        Access.objects.bulk_update(rows, ["public_id"], batch_size=500)


def tell_which(apps: Any, schema_editor: Any) -> None:
    """Lines of accesses that still exist: their establishment never changes. The role of the moment
    is not known any more.
    """
    Access = apps.get_model("habilitations", "Access")
    Change = apps.get_model("habilitations", "AccessChange")
    access = Access.objects.filter(pk=OuterRef("access_id"))

    def text(name: str) -> Coalesce:
        return Coalesce(Subquery(access.values(name)[:1]), Value(""))

    Change.objects.filter(access_id__isnull=False).update(
        access_public_id=Subquery(access.values("public_id")[:1]),
        siret=text("establishment__siret"),
        establishment_kind=text("establishment__kind"),
    )


class Migration(migrations.Migration):
    dependencies = [("habilitations", "0007_help_texts")]

    operations = [
        migrations.AddField(
            model_name="access",
            name="public_id",
            field=models.UUIDField(null=True, editable=False, verbose_name="identifiant public"),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="access_public_id",
            field=models.UUIDField(blank=True, null=True, verbose_name="accès"),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="siret",
            field=models.CharField(blank=True, default="", max_length=14, verbose_name="SIRET"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="accesschange",
            name="establishment_kind",
            field=models.CharField(
                blank=True, default="", max_length=20, verbose_name="type d’établissement"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="accesschange",
            name="role",
            field=models.CharField(blank=True, default="", max_length=32, verbose_name="rôle"),
            preserve_default=False,
        ),
        migrations.RunPython(identify_accesses, migrations.RunPython.noop),
        migrations.RunPython(tell_which, migrations.RunPython.noop),
    ]
