"""A throw-away Redis on a free port of the loopback."""

import contextlib
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.binaries import redis_server as find_redis_server
from tests.servers.processes import ChildProcess, RunAs, free_port, server_folder, stop, wait_until


@dataclass(frozen=True)
class Redis:
    url: str
    version: str
    origin: Path
    process_id: int
    port: int


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


@contextlib.contextmanager
def redis_server(port: int | None = None) -> Iterator[Redis]:
    """Starts Redis, on `port` or a free one, and yields its address (`REDIS_URL`).

    On TCP and not on a UNIX socket: that is how production speaks to it, and a test can put a
    silent server in its place. Raises ServerMissing or ServerFailed.
    """
    program = find_redis_server()
    port = port or free_port()
    with server_folder("mgredis", RunAs()) as folder:
        log = folder / "redis.log"
        process = RunAs().start(
            [
                *(str(program), "--port", str(port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(folder)),
            ],
            folder=folder,
            log=log,
        )
        try:
            wait_until(lambda: _answers(port), ChildProcess(process, log))
            version = subprocess.run(
                [str(program), "--version"], capture_output=True, text=True, check=True
            )
            yield Redis(
                url=f"redis://127.0.0.1:{port}/0",
                version=" ".join(version.stdout.split()[:3]),
                origin=program,
                process_id=process.pid,
                port=port,
            )
        finally:
            stop(process, signal.SIGTERM)
