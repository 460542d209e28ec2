"""No model of ours without its migration, and none that a fresh database would not get."""

import json
import os
import subprocess
import sys
import uuid
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.habilitations.reference.models import Department
from accounts.people.models import User
from tests.factories.habilitations import make_user

pytestmark = pytest.mark.both

# The last migration of each app in the last release: a release moves these names.
RELEASED = {
    "accounts": "0001_initial",
    "cas": "0001_initial",
    "entry": "0001_initial",
    "habilitations": "0001_initial",
    "jobs": "0001_initial",
    "journal": "0001_initial",
    "legal": "0001_initial",
    "lifecycle": "0001_initial",
    "outbox": "0001_initial",
    "profile": "0001_initial",
    "registrations": "0001_initial",
}

ROOMS = ("mgestion", "accounts", "registrations", "lifecycle")


def test_every_app_of_ours_with_models_has_migrations() -> None:
    """`makemigrations --check` says nothing of an app that has no migrations folder at all."""
    unmigrated = MigrationLoader(None, ignore_no_migrations=True).unmigrated_apps
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in ROOMS and list(config.get_models())
    }
    assert not ours & set(unmigrated)


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    output = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(output.getvalue())
    assert connection.introspection.table_names()


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_database_of_the_last_release_is_upgraded_with_a_row_in_every_table(
    tmp_path: Path,
) -> None:
    here = connection.settings_dict
    name, where = f"released_{uuid.uuid4().hex[:8]}", {"host": here["HOST"], "user": here["USER"]}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "tests.ground.upgrade"],
                env={
                    **os.environ,
                    "MGESTION_MODE": "embedded",
                    "MGESTION_TESTING": "1",
                    "DATABASE_URL": f"postgres://{here['USER']}@/{here['HOST']}/{name}",
                    "DATA_DIR": str(tmp_path),
                },
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert len(found["kept"]) > 50
    assert [label for label, kept in found["kept"].items() if not kept] == []
    assert found["platform"] == "m-gestion-entreprise", "every request was M-Gestion's"


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_the_migrations_since_the_release_can_be_taken_back() -> None:
    user = make_user()
    try:
        for app, name in RELEASED.items():
            call_command("migrate", app, name, verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert User.objects.get().pk == user.pk
    assert Department.objects.exists()
