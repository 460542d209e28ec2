"""`python -m tests.servers.with_servers COMMAND…`: runs COMMAND beside real servers.

DATABASE_URL and REDIS_URL point to a PostgreSQL and a Redis that live as long as the command.
DURABLE=1: every commit of PostgreSQL reaches the disk, as in production.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from types import FrameType

from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.postgres import postgres_server
from tests.servers.redis import redis_server


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def leave_on_sigterm() -> None:
    """SIGTERM unwinds the stack like Ctrl-C, so that the servers are stopped on the way out."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, leave)


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis; yields the environment that points to them, and prints versions."""
    durable = os.environ.get("DURABLE") == "1"
    with postgres_server(durable=durable) as postgres, redis_server() as redis:
        say(f"   {postgres.version}  ({postgres.origin})")
        say(f"   {redis.version}  ({redis.origin})")
        yield {**os.environ, "DATABASE_URL": postgres.url, "REDIS_URL": redis.url}


def main(arguments: list[str]) -> int:
    if not arguments:
        say(__doc__ or "")
        return 2
    leave_on_sigterm()
    try:
        with servers() as environment:
            return subprocess.run(arguments, env=environment, check=False).returncode
    except (ServerMissing, ServerFailed) as trouble:
        say(f"!! {trouble}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
