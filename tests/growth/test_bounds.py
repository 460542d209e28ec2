"""Nothing that the portal keeps has no end: each table and each folder says what bounds it."""

import os
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.test.utils import isolate_apps
from django.utils.module_loading import import_string

from mgestion import slots
from mgestion.settings.options import option
from tests.growth import bounds
from tests.growth.bounds import FOLDERS, TABLES, LifeOf, OneFor, Purged

ROOMS = ("accounts", "lifecycle", "mgestion", "registrations")
_WRITES = re.compile(
    r"mkdtemp\(|mkstemp\(|TemporaryFile\(|TemporaryDirectory\(|TemporaryFileUploadHandler"
    r"|open\([^)\n]*\"[wax]b?\"|\.write_text\(|\.write_bytes\(|O_CREAT|\.touch\(|MmapedDict\(|makedirs\("
)


def list_models() -> list[type[models.Model]]:
    return list(apps.get_models(include_auto_created=True))


def find_unbounded(among: list[type[models.Model]]) -> list[str]:
    return sorted({model._meta.label_lower for model in among} - set(TABLES))


def get_period(setting: str) -> timedelta:
    """What a purge waits: a variable, a setting, or the dotted path of a constant."""
    if setting in option.declared:
        found: Any = option.declared[setting].read(os.environ)
    elif "." not in setting:
        found = getattr(settings, setting)
    else:
        found = import_string(setting)
    period = timedelta(days=found) if isinstance(found, int) else found  # `option.days`
    assert isinstance(period, timedelta), setting
    return period


@cache
def list_writers() -> set[str]:
    """The modules of the product that write files."""
    root = Path(bounds.PAGE).parents[1]
    return {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for room in ROOMS
        for path in (root / room).rglob("*.py")
        if _WRITES.search(path.read_text(encoding="utf-8"))
    }


@pytest.mark.django_db
def test_each_table_says_what_bounds_it() -> None:
    assert find_unbounded(list_models()) == []
    labels = {model._meta.label_lower: model._meta.db_table for model in list_models()}
    assert set(TABLES) <= set(labels)
    there = set(connection.introspection.table_names())
    assert there - set(labels.values()) <= bounds.NO_MODEL


@isolate_apps("accounts")
def test_a_new_table_without_a_line_is_found() -> None:
    class Diary(models.Model):
        class Meta:
            app_label = "accounts"

        def __str__(self) -> str:
            return ""

    assert find_unbounded([*list_models(), Diary]) == ["accounts.diary"]


def test_a_purge_names_a_job_a_setting_and_a_date() -> None:
    for label, bound in TABLES.items():
        if isinstance(bound, Purged):
            assert bound.job in slots.jobs, label
            assert get_period(bound.setting) > timedelta(0), label
            column = apps.get_model(label)._meta.get_field(bound.column)
            assert isinstance(column, models.DateTimeField), label


def test_what_lives_as_long_as_something_hangs_on_it() -> None:
    """By a key that cascades, or by the inventory of personal data, which an erasure follows."""
    for label, bound in TABLES.items():
        if not isinstance(bound, LifeOf):
            continue
        owner = apps.get_model(bound.owner)
        keys = [
            field
            for field in apps.get_model(label)._meta.local_fields
            if field.remote_field is not None and field.remote_field.model is owner
        ]
        cascading = [key for key in keys if key.remote_field.on_delete is models.CASCADE]
        assert [key for key in cascading if not key.null], label
        assert bound.owner in TABLES


def test_what_is_one_for_each_thing_has_a_key_that_says_so() -> None:
    for label, bound in TABLES.items():
        if isinstance(bound, OneFor):
            meta = apps.get_model(label)._meta
            keys = [field for field in meta.local_fields if field.unique and not auto(field)]
            assert keys or meta.constraints, label


def auto(field: Any) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField)


def test_each_module_that_writes_files_belongs_to_a_folder_with_a_bound() -> None:
    named = {module for folder in FOLDERS.values() for module in folder.by}
    assert list_writers() - named == set()
    assert named - list_writers() == set()
    for name, folder in FOLDERS.items():
        assert folder.bound, name
        if folder.job:
            assert folder.job in slots.jobs, name
            assert get_period(folder.setting) > timedelta(0), name


def test_the_page_of_operations_is_written_from_the_lines() -> None:
    """Mend it with `python -m tests.growth.bounds`."""
    text = bounds.PAGE.read_text(encoding="utf-8")
    assert bounds.replace_part(text) == text
