"""The words by which staff find an account, and those of the accounts that are there."""

from itertools import islice
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.people.search_words import words_of_account

_SAID = ("last_name", "first_name", "email_key")


def index_accounts(apps: Any, editor: Any) -> None:
    word = apps.get_model("accounts", "AccountWord")
    rows = apps.get_model("accounts", "User").objects.order_by("pk").values("pk", *_SAID)
    left = rows.iterator(chunk_size=1000)
    while batch := list(islice(left, 1000)):
        word.objects.bulk_create(
            word(user_id=row.pop("pk"), word=each)
            for row in batch
            for each in words_of_account(**row)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_block_review"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, verbose_name="mot")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "mot de recherche",
                "verbose_name_plural": "mots de recherche",
                "indexes": [
                    models.Index(
                        fields=["word", "user"],
                        name="account_word",
                        opclasses=["text_pattern_ops", "int8_ops"],
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "word"), name="account_word_once")
                ],
            },
        ),
        migrations.RunPython(index_accounts, migrations.RunPython.noop),
    ]
