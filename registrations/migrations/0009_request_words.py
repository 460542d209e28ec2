"""The words by which the desk finds a request, and those of the requests that are there."""

from itertools import islice
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from registrations.search.search_words import list_request_words

_SAID = ("last_name", "first_name", "company_name", "reference", "email_key")


def index_requests(apps: Any, editor: Any) -> None:
    word = apps.get_model("registrations", "RequestWord")
    rows = apps.get_model("registrations", "Request").objects.order_by("pk").values("pk", *_SAID)
    left = rows.iterator(chunk_size=1000)
    while batch := list(islice(left, 1000)):
        word.objects.bulk_create(
            word(request_id=row.pop("pk"), word=each)
            for row in batch
            for each in list_request_words(**row)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("registrations", "0008_upload_pages"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, verbose_name="mot")),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registrations.request",
                    ),
                ),
            ],
            options={
                "verbose_name": "mot de recherche",
                "verbose_name_plural": "mots de recherche",
                "indexes": [
                    models.Index(
                        fields=["word", "request"],
                        name="request_word",
                        opclasses=["text_pattern_ops", "uuid_ops"],
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "word"), name="request_word_once")
                ],
            },
        ),
        migrations.RunPython(index_requests, migrations.RunPython.noop),
    ]
