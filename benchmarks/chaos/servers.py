"""The servers behind the portal, each of which can be stopped, started again and frozen."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.chaos.disks import SmallDisk, small_disk
from benchmarks.chaos.people import Postbox
from benchmarks.chaos.platforms import HANGING, PROMPT, Platform
from tests.servers.debian import find_clock_library
from tests.servers.pgbouncer import pgbouncer_server
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.processes import wait_until
from tests.servers.redis import Redis, redis_server
from tests.servers.stack import Stack, production_stack

_OTHER_CLOCK: Final = Path(__file__).with_name("other_clock")
_PORTAL_DISK, _DATABASE_DISK = 256, 512  # MB


def shift_clock(shift: timedelta) -> dict[str, str]:
    """Variables that give a Python process another time of day."""
    return {"PYTHONPATH": str(_OTHER_CLOCK), "CLOCK_SHIFT": str(shift.total_seconds())}


class World:
    """Everything that runs, and what can be done to it. `disk` and `database_disk`: None where no
    disk of their own could be made.
    """

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.opened = opened
        self.disk: SmallDisk | None = opened.enter_context(small_disk(_PORTAL_DISK))
        self.database_disk: SmallDisk | None = opened.enter_context(small_disk(_DATABASE_DISK))
        place = self.database_disk.folder if self.database_disk else None
        self.postgres: Postgres = opened.enter_context(postgres_server(durable=True, parent=place))
        self.host = Path(self.postgres.url.split("@/", 1)[1]).parent
        role = self.postgres.url.split("//", 1)[1].split("@", 1)[0]
        self.pooler = opened.enter_context(pgbouncer_server(str(self.host), role, size=10))
        self._redis = opened.enter_context(ExitStack())
        self.redis: Redis = self._redis.enter_context(redis_server())
        self.box = opened.enter_context(Postbox())
        self.platforms = (Platform(PROMPT), Platform(HANGING))
        for platform in self.platforms:
            opened.callback(platform.close)
        portal = (self.disk.folder if self.disk else folder) / "portal"
        portal.mkdir()
        self.stack: Stack = opened.enter_context(
            production_stack(
                portal,
                database_url=self.postgres.url,
                pooled_url=self.pooler.url("postgres", role),
                redis_url=self.redis.url,
                smtp_url=self.box.url,
                WEB_PROCESSES="2",
                MESSAGE_MAIL_DELAY="0s",  # each message has its own mail, to be counted
                MESSAGES_PER_PERSON="1000/1h",
                SIGN_UPS_PER_IP="100000/10min",
                LOGINS_PER_IP="100000/1min",
                LIFECYCLE_OFFICE_DAYS="mon,tue,wed,thu,fri,sat,sun",
                LIFECYCLE_OFFICE_HOURS="0-24",
                # A breaker for a crowd: the idle accounts here are a third of all.
                LIFECYCLE_BREAKER_FLOOR="1000",
            )
        )

    def kill_and_start(self, name: str, **variables: str) -> None:
        self.stack.kill(name)
        time.sleep(2)
        self.stack.start(name, **variables)
        if name == "web":
            self.stack.wait()

    def start_ended(self) -> list[str]:
        """What ended by itself is started again, as Docker does. Names them."""
        ended = [
            name for name, child in self.stack.children.items() if child.process.poll() is not None
        ]
        for name in ended:
            self.stack.start(name)
        if "web" in ended:
            self.stack.wait()
        return ended

    def crash_postgres(self) -> None:
        self.postgres.restart()

    def use_up_log(self) -> bool:
        """Asks PostgreSQL for new files of its log until there is no room; True when that ended
        it.
        """
        try:
            with psycopg.connect(self._direct, autocommit=True) as link:
                for _ in range(100):
                    link.execute("CREATE TABLE IF NOT EXISTS chaos (n int)")
                    link.execute("INSERT INTO chaos VALUES (1)")
                    link.execute("SELECT pg_switch_wal()")
        except psycopg.OperationalError:
            return True
        return False

    def revive_postgres(self, seconds: float = 20.0) -> bool:
        """Waits until it serves again; True when it had to be started, as Docker does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with psycopg.connect(self._direct, autocommit=True, connect_timeout=2) as link:
                    link.execute("DROP TABLE IF EXISTS chaos")
                return False
            except psycopg.Error:
                time.sleep(0.5)
        self.postgres.restart()
        return True

    @property
    def _direct(self) -> str:
        role = self.postgres.url.split("//", 1)[1].split("@", 1)[0]
        return f"host={self.host} user={role} dbname=postgres"

    def read_figure(self, name: str) -> float:
        """Of /metrics: the largest series of `name`; -1 without an answer."""
        try:
            address = f"http://127.0.0.1:{self.stack.web_port}/metrics"
            with urllib.request.urlopen(address, timeout=20) as answer:
                text = answer.read().decode()
        except OSError:
            return -1.0
        found = re.findall(rf"^mgestion_{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
        return max(map(float, found), default=-1.0)

    def count_runs(self) -> int:
        """Runs of jobs that succeeded until now, as the table of totals has them."""
        with psycopg.connect(self._direct, autocommit=True) as link:
            row = link.execute("SELECT sum(runs - failures) FROM jobs_jobtotal").fetchone()
        return int(row[0] or 0) if row else 0

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
    def second_worker(self, shift: timedelta) -> Iterator[None]:
        """Beside the first one, with another clock; once it is ready."""
        self.stack.start("second worker", **shift_clock(shift))
        try:
            wait_until(
                lambda: any(" ready." in line for line in self.stack.read_log("second worker")),
                self.stack.children["second worker"],
            )
            yield
        finally:
            self.stack.kill("second worker")
            del self.stack.children["second worker"]

    def shift_postgres(self, shift: timedelta) -> None:
        """Starts it again with another clock. The library is copied where its user can read it."""
        library = self.host / "libfaketime.so"
        shutil.copyfile(find_clock_library(), library)
        library.chmod(0o755)
        self.postgres.restart(
            LD_PRELOAD=str(library),
            FAKETIME=f"{shift.total_seconds():+.0f}s",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            FAKETIME_DISABLE_SHM="1",
            NO_FAKE_STAT="1",
        )

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
