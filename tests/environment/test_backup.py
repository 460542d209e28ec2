"""Back up, erase somebody, lose everything, restore, reconcile, on a real PostgreSQL."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings

from accounts.leaving import erasure_list
from tests.factories.habilitations import make_user
from tests.factories.people import NOW
from tests.servers.binaries import postgres_folder

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "docs/deployment"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def url_of(name: str) -> str:
    here = connection.settings_dict
    return f"postgresql:///{name}?host={here['HOST']}&user={here['USER']}"


def call(script: str, argument: Path, data: Path, name: str) -> subprocess.CompletedProcess[str]:
    path = f"{postgres_folder()}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(SCRIPTS / script), str(argument)],
        env={"PATH": path, "DATABASE_URL": url_of(name), "DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def empty() -> Iterator[str]:
    """A database beside the test's own."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(url_of("postgres"), autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
        yield name
        link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.req("D62")
def test_what_was_lost_comes_back_and_who_was_erased_does_not(
    tmp_path: Path, empty: str, settings: Settings
) -> None:
    mine = str(connection.settings_dict["NAME"])
    kept, leaving = make_user(), make_user()
    data, backups, again = tmp_path / "data", tmp_path / "backups", tmp_path / "again"
    (data / "documents").mkdir(parents=True)
    (data / "documents/paper.pdf").write_bytes(b"%PDF-1.7")
    (data / "static").mkdir()
    settings.ERASURE_LIST = data / "erasures.jsonl"
    (backups / "portal-2020-01-01T000000Z").mkdir(parents=True)

    done = call("backup.sh", backups, data, mine)
    assert done.returncode == 0, done.stderr
    (backup,) = backups.glob("portal-*")  # the one of 2020 is too old
    assert {path.name for path in backup.iterdir()} == {
        *("database.dump", "documents.tar", "SHA256SUMS")
    }
    assert backup.stat().st_mode & 0o077 == 0

    erasure_list.write_erasures(erasure_list.DONE, [leaving.public_id], NOW)
    refused = call("restore.sh", backup, again, mine)
    assert refused.returncode == 1 and "restore into an empty one" in refused.stderr

    done = call("restore.sh", backup, again, empty)
    assert done.returncode == 0, done.stderr
    assert (again / "documents/paper.pdf").read_bytes() == b"%PDF-1.7"
    assert (again / "MAINTENANCE").exists()
    assert not (again / "static").exists() and not (again / "erasures.jsonl").exists()
    people = "SELECT public_id FROM accounts_user"
    with psycopg.connect(url_of(empty)) as link:
        assert {row[0] for row in link.execute(people)} == {kept.public_id, leaving.public_id}

    server, _, options = os.environ["DATABASE_URL"].partition("?")
    reconciled = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "lifecycle", "reconcile", "--apply"],
        cwd=ROOT,
        env={
            **os.environ,
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DJANGO_SETTINGS_MODULE": "mgestion.settings",
            "DATABASE_URL": f"{server.rpartition('/')[0]}/{empty}?{options}",
            "DATA_DIR": str(again),
            "ERASURE_LIST": str(settings.ERASURE_LIST),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    with psycopg.connect(url_of(empty)) as link:
        assert {row[0] for row in link.execute(people)} == {kept.public_id}


def test_a_damaged_backup_is_not_restored(tmp_path: Path, empty: str) -> None:
    data, backups = tmp_path / "data", tmp_path / "backups"
    data.mkdir()
    assert call("backup.sh", backups, data, str(connection.settings_dict["NAME"])).returncode == 0
    (backup,) = backups.glob("portal-*")
    with (backup / "database.dump").open("ab") as file:
        file.write(b"x")
    assert call("restore.sh", backup, tmp_path / "again", empty).returncode != 0
    assert not (tmp_path / "again").exists()


def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    done = call("backup.sh", tmp_path / "backups", tmp_path / "data", "no_such_database")
    assert done.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize(("script", "program"), [("backup.sh", "pg_dump"), ("restore.sh", "psql")])
def test_the_password_goes_by_the_environment_and_not_as_an_argument(
    tmp_path: Path, script: str, program: str
) -> None:
    seen = tmp_path / "seen"
    fake = tmp_path / "bin" / program
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PGPASSWORD" "$@" >{seen}\nexit 1\n')
    fake.chmod(0o755)
    nothing = hashlib.sha256(b"").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{nothing}  empty\n")
    (tmp_path / "empty").touch()
    done = subprocess.run(
        ["sh", str(SCRIPTS / script), str(tmp_path)],
        env={
            "PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}",
            "DATABASE_URL": "postgresql://owner:p%40ss%C3%A9:%25-1@db.example.org/portal?sslmode=disable",
            "DATA_DIR": str(tmp_path / "data"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    password, *arguments = seen.read_text("utf-8").splitlines()
    assert password == "p@ssé:%-1"
    assert arguments[-1] == "postgresql://owner@db.example.org/portal?sslmode=disable"


def test_only_what_stands_before_the_server_is_an_account() -> None:
    program = f'. {SCRIPTS / "connection.sh"}; echo "$url ${{PGPASSWORD-none}}"'
    for url in (
        "postgresql://h/db?user=u&application_name=a@b",
        "postgresql://u@h/db?application_name=a@b",
        "postgresql:///db?host=/run/a:b@c",
        "host=h password=a@b",
    ):
        done = subprocess.run(
            ["sh", "-c", program],
            env={**os.environ, "url": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == f"{url} none\n", done.stderr
