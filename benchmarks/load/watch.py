"""Processor time, memory and connections of what runs, read from /proc and PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import psycopg

from benchmarks.chaos.servers import World

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Usage:
    """`seconds`: of processor time, by part. `memory`: the most bytes of one process, by part."""

    seconds: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    connections: int = 0


def list_roots(world: World) -> dict[str, int]:
    """Part → its first process."""
    roots = {name: child.process.pid for name, child in world.stack.children.items()}
    roots["PostgreSQL"] = int((world.host / "data/postmaster.pid").read_text().split()[0])
    roots["PgBouncer"] = world.pooler.process_id
    roots["Redis"] = world.redis.process_id
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if (
                entry.read_bytes().split(b"\0")[0].endswith(b"/caddy")
                and _read_parent(int(entry.parent.name)) == os.getpid()
            ):
                roots["Caddy"] = int(entry.parent.name)
    return roots


def _read_stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _read_parent(process: int) -> int:
    return int(_read_stat(process)[1])


def read_usage(roots: dict[str, int]) -> Usage:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            children.setdefault(_read_parent(int(entry.name)), []).append(int(entry.name))
    found = Usage()
    for name, root in roots.items():
        waiting, seconds, most = [root], 0.0, 0
        while waiting:
            process = waiting.pop()
            waiting += children.get(process, [])
            with contextlib.suppress(OSError):
                stat = _read_stat(process)
                seconds += (int(stat[11]) + int(stat[12])) / _TICK
                most = max(most, int(stat[21]) * _PAGE)
        found.seconds[name], found.memory[name] = seconds, most
    return found


class Watch:
    """`with Watch(world) as watch: …`, then `watch.usage` is what was used in between."""

    def __init__(self, world: World) -> None:
        self.usage = Usage()
        self._roots = list_roots(world)
        self._url = world.postgres.url
        self._host = str(world.host)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Watch:
        self._before = read_usage(self._roots)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        after = read_usage(self._roots)
        self.usage.seconds = {
            name: after.seconds[name] - self._before.seconds[name] for name in self._roots
        }
        self.usage.memory = after.memory

    def _sample(self) -> None:
        role = self._url.split("//", 1)[1].split("@", 1)[0]
        with psycopg.connect(
            host=self._host, user=role, dbname="postgres", autocommit=True
        ) as link:
            while not self._over.wait(1):
                row = link.execute(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                ).fetchone()
                self.usage.connections = max(self.usage.connections, row[0] if row else 0)
