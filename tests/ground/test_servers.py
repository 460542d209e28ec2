"""The servers of the tests are real ones, and leave nothing behind."""

from pathlib import Path

import psycopg
import redis as redis_client

from tests.servers.postgres import postgres_server
from tests.servers.redis import redis_server


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
