"""Every column that leads to a person says what becomes of it (R103, S27)."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps

from mgestion.personal_data import ErasurePolicy, list_entries
from tests.personal_data.columns import NOBODYS, column, every_model, undescribed

pytestmark = pytest.mark.both


@pytest.mark.req("R103", "D29", "S27")
def test_every_column_that_leads_to_a_person_has_a_policy() -> None:
    assert undescribed([entry for _, entry in list_entries()], every_model()) == []


@pytest.mark.req("R103")
@isolate_apps("accounts")
def test_a_new_key_or_a_new_opaque_id_without_a_policy_is_found() -> None:
    class Diary(models.Model):
        owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
        readers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
        signed_by = models.UUIDField()
        contact_phone = models.CharField(max_length=20)
        text = models.TextField()

        class Meta:
            app_label = "accounts"

        def __str__(self) -> str:
            return self.text

    Diary.owner.field.remote_field.model = apps.get_model(settings.AUTH_USER_MODEL)
    through = Diary.readers.through
    through._meta.get_field("user").remote_field.model = apps.get_model(settings.AUTH_USER_MODEL)
    found = undescribed([entry for _, entry in list_entries()], [*every_model(), Diary, through])
    assert found == [
        "accounts.diary.contact_phone",
        "accounts.diary.owner",
        "accounts.diary.signed_by",
        "accounts.diary_readers.user",
    ]


def test_every_entry_speaks_of_columns_that_exist() -> None:
    known = {column(model, field) for model in every_model() for field in model._meta.local_fields}
    for name, entry in list_entries():
        assert set(entry.columns) <= known, name
    assert set(NOBODYS) <= known


def test_every_entry_says_why_and_for_how_long_in_words() -> None:
    for name, entry in list_entries():
        assert len(entry.reason) > 15, name
        assert entry.kept.period(), name
        assert entry.kept.why, name
        assert entry.title[0].isupper(), name


def test_what_is_kept_is_an_opaque_id_or_a_keyed_hash() -> None:
    """Nothing that names somebody in clear may stay (D29)."""
    kept = {
        name
        for _, entry in list_entries()
        if entry.policy == ErasurePolicy.KEEP_PSEUDONYMOUS
        for name in entry.columns
    }
    allowed = {"actor", "by", "person", "digest", "reference", "key", "access_public_id"}
    assert all(name.rpartition(".")[2] in allowed or name.endswith("_by") for name in kept), kept
