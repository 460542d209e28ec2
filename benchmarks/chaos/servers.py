"""The servers behind the portal, each of which can be stopped, started again and frozen."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.chaos.people import Postbox
from tests.servers.debian import find_clock_library
from tests.servers.pgbouncer import pgbouncer_server
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.redis import Redis, redis_server
from tests.servers.stack import Stack, production_stack


class World:
    """Everything that runs, and what can be done to it."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.opened = opened
        self.postgres: Postgres = opened.enter_context(postgres_server(durable=True))
        self.host = Path(self.postgres.url.split("@/", 1)[1]).parent
        role = self.postgres.url.split("//", 1)[1].split("@", 1)[0]
        self.pooler = opened.enter_context(pgbouncer_server(str(self.host), role, size=10))
        self._redis = opened.enter_context(ExitStack())
        self.redis: Redis = self._redis.enter_context(redis_server())
        self.box = opened.enter_context(Postbox())
        self.stack: Stack = opened.enter_context(
            production_stack(
                folder,
                database_url=self.postgres.url,
                pooled_url=self.pooler.url("postgres", role),
                redis_url=self.redis.url,
                smtp_url=self.box.url,
                WEB_PROCESSES="2",
                SIGN_UPS_PER_IP="100000/10min",
                LOGINS_PER_IP="100000/1min",
                LIFECYCLE_OFFICE_DAYS="mon,tue,wed,thu,fri,sat,sun",
                LIFECYCLE_OFFICE_HOURS="0-24",
                # A breaker for a crowd: the idle accounts here are a third of all.
                LIFECYCLE_BREAKER_FLOOR="1000",
            )
        )

    def kill_and_start(self, name: str) -> None:
        self.stack.kill(name)
        time.sleep(2)
        self.stack.start(name)
        if name == "web":
            self.stack.wait()

    def crash_postgres(self) -> None:
        self.postgres.restart()

    @contextlib.contextmanager
    def frozen_postgres(self) -> Iterator[None]:
        """Its postmaster and every process of it stand still."""
        group = int((self.host / "data/postmaster.pid").read_text().split()[0])
        with _frozen(lambda number: os.killpg(group, number)):
            yield

    @contextlib.contextmanager
    def frozen_redis(self) -> Iterator[None]:
        with _frozen(lambda number: os.kill(self.redis.process_id, number)):
            yield

    @contextlib.contextmanager
    def stopped_redis(self) -> Iterator[None]:
        port = self.redis.port
        self._redis.close()
        yield
        self.redis = self._redis.enter_context(redis_server(port))

    @contextlib.contextmanager
    def stopped_smtp(self) -> Iterator[None]:
        self.box.stop()
        yield
        self.box.start()

    @contextlib.contextmanager
    def wrong_clock(self) -> Iterator[None]:
        """A second worker beside the first one, ten minutes ahead."""
        library = str(find_clock_library())
        self.stack.start("second worker", LD_PRELOAD=library, FAKETIME="+10m")
        time.sleep(10)  # its start
        yield
        self.stack.kill("second worker")
        del self.stack.children["second worker"]

    @contextlib.contextmanager
    def silent_smtp(self) -> Iterator[None]:
        """Connections are taken and nothing is ever said, as by a frozen process."""
        self.box.stop()
        with socket.create_server(("127.0.0.1", self.box.port)):
            yield
        self.box.start()


@contextlib.contextmanager
def _frozen(tell: object) -> Iterator[None]:
    assert callable(tell)
    tell(signal.SIGSTOP)
    try:
        yield
    finally:
        tell(signal.SIGCONT)


def open_world(folder: Path) -> contextlib.AbstractContextManager[World]:
    @contextlib.contextmanager
    def opened() -> Iterator[World]:
        with ExitStack() as stack:
            yield World(folder, stack)

    return opened()
