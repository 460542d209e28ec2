"""A demo's database of an earlier version is kept under another name, and said so."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from mgestion.launch.older_database import set_aside_older_database

ROOT = Path(__file__).resolve().parents[2]


def write_database(data: Path, *applied: tuple[str, str]) -> Path:
    database = data / "portal.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("create table django_migrations (app text, name text)")
        connection.executemany("insert into django_migrations values (?, ?)", applied)
        connection.commit()
    return database


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_database_of_an_earlier_version_is_set_aside(tmp_path: Path, said: list[str]) -> None:
    database = write_database(tmp_path, ("accounts", "0001_initial"), ("accounts", "0002_gone"))
    set_aside_older_database(ROOT, tmp_path, said.append)
    assert not database.exists()
    assert (tmp_path / "portal-before-1.sqlite3").exists()
    assert "portal-before-1.sqlite3" in said[0]


def test_nothing_is_overwritten_by_a_second_one(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "portal-before-1.sqlite3").write_bytes(b"the first")
    write_database(tmp_path, ("lifecycle", "0099_gone"))
    set_aside_older_database(ROOT, tmp_path, said.append)
    assert (tmp_path / "portal-before-1.sqlite3").read_bytes() == b"the first"
    assert (tmp_path / "portal-before-2.sqlite3").exists()


@pytest.mark.parametrize("applied", [(), (("accounts", "0001_initial"), ("mfa", "0042_theirs"))])
def test_a_database_of_this_version_stays(
    tmp_path: Path, said: list[str], applied: tuple[tuple[str, str], ...]
) -> None:
    database = write_database(tmp_path, *applied)
    set_aside_older_database(ROOT, tmp_path, said.append)
    assert database.exists()
    assert said == []


def test_no_database_is_nothing_to_do(tmp_path: Path, said: list[str]) -> None:
    set_aside_older_database(ROOT, tmp_path, said.append)
    assert said == []
