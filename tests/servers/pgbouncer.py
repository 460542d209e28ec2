"""PgBouncer in transaction mode, before a PostgreSQL of the tests."""

import contextlib
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.debian import find_debian_program
from tests.servers.processes import (
    ChildProcess,
    free_port,
    server_folder,
    stop,
    unprivileged,
    wait_until,
)

_SETTINGS = """\
[databases]
* = host={host}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
"""


@dataclass(frozen=True)
class PgBouncer:
    port: int
    version: str
    process_id: int

    def url(self, database: str, role: str) -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/{database}"


@contextlib.contextmanager
def pgbouncer_server(host: str, role: str, *, size: int = 2) -> Iterator[PgBouncer]:
    """`host`: the folder of PostgreSQL's socket. `size`: connections to each database, fewer than
    clients, so that they really share them. Raises ServerMissing or ServerFailed.
    """
    program = find_debian_program("pgbouncer")
    owner, port = unprivileged(), free_port()  # it refuses to run as root
    with server_folder("mgpgb", owner) as folder:
        (folder / "settings.ini").write_text(
            _SETTINGS.format(host=host, port=port, folder=folder, size=size)
        )
        (folder / "users").write_text(f'"{role}" ""\n')
        command = [str(_copy(program.path, folder)), str(folder / "settings.ini")]
        libraries = [Path(one) for one in program.variables.get("LD_LIBRARY_PATH", "").split(":")]
        for library in {found for one in libraries if one.name for found in one.glob("*.so.*")}:
            _copy(library, folder)
        log = folder.with_name(f"{folder.name}.log")
        process = owner.start(
            ["env", f"LD_LIBRARY_PATH={folder}", *command], folder=folder, log=log
        )
        try:
            wait_until(lambda: "listening on" in log.read_text(), ChildProcess(process, log))
            yield PgBouncer(port=port, version=program.version, process_id=process.pid)
        finally:
            stop(process, signal.SIGINT)
            log.unlink(missing_ok=True)


def _copy(path: Path, folder: Path) -> Path:
    """Where its user can reach it: a virtual environment may lie under a home closed to others."""
    target = folder / path.name
    shutil.copyfile(path, target)
    target.chmod(0o755)
    return target
