"""A throw-away PostgreSQL: real, on a UNIX socket, as an unprivileged user, gone at the end."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from environ import Env

from tests.servers.binaries import postgres_folder
from tests.servers.errors import ServerFailed
from tests.servers.migrated import keep_migrated, migrate
from tests.servers.processes import (
    ChildProcess,
    RunAs,
    server_folder,
    stop,
    unprivileged,
    wait_until,
)

ROLE = "mgestion"
TEMPLATE = "portal_template"

CONNECTIONS = "max_connections=200"
# Durability is worth nothing in a test, the data dies with it; neither are statistics that come by
# themselves: a test that leans on them says ANALYZE.
FAST = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal"),
    *("max_wal_senders=0", "autovacuum=off", "jit=off"),
)

# The suite joins a few rows in the order that is written: to look for a better order is a tenth of
# its time. What asserts a plan asks for `production_planner` (tests/conftest.py).
PLANNER_LIMITS = ("join_collapse_limit", "from_collapse_limit")


@dataclass(frozen=True)
class Postgres:
    url: str
    version: str
    origin: Path
    process_id: int
    restart: Callable[..., None]
    """Cuts every connection and starts again on the same data, as after a crash; with these
    variables of the environment."""


def _runnable(binaries: Path, owner: RunAs, folder: Path) -> Path:
    """The binaries, copied into `folder` when their owner cannot reach them where they lie.

    A virtual environment under a home closed to others (/root) is the usual case. The sibling
    folder of shared libraries goes along with its relative place: the programs look it up so.
    """
    with contextlib.suppress(PermissionError):
        if owner.run([str(binaries / "postgres"), "--version"], folder=folder).returncode == 0:
            return binaries
    install = binaries.parent
    package = install.parent
    target = folder / "program"
    shutil.copytree(install, target / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, target / package.name):
        path.chmod(0o755)
    return target / package.name / install.name / "bin"


@contextlib.contextmanager
def postgres_server(*, durable: bool = False, parent: Path | None = None) -> Iterator[Postgres]:
    """Starts PostgreSQL and yields its address (`DATABASE_URL`). `durable`: as production has it.
    `parent`: where its folder lies.

    Raises ServerMissing without binaries, ServerFailed when it does not start.
    """
    origin = postgres_folder()
    owner = unprivileged()
    with server_folder("mgpg", owner, parent) as folder:
        binaries = _runnable(origin, owner, folder)
        version = owner.run([str(binaries / "postgres"), "--version"], folder=folder)
        data = folder / "data"
        made = owner.run(
            [
                *(str(binaries / "initdb"), "-D", str(data), "-U", ROLE, "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            folder=folder,
        )
        if made.returncode != 0:
            raise ServerFailed(f"initdb refused:\n{made.stdout}{made.stderr}")
        log = folder.with_name(f"{folder.name}.log")
        settings = (CONNECTIONS,) if durable else (CONNECTIONS, *FAST)
        options = [word for setting in settings for word in ("-c", setting)]
        command = [
            *(str(binaries / "postgres"), "-D", str(data), "-k", str(folder)),
            *("-c", "listen_addresses=", *options),
        ]
        process = owner.start(command, folder=folder, log=log)

        def wait() -> None:
            wait_until(lambda: _accepts(binaries, owner, folder), ChildProcess(process, log))

        def restart(**variables: str) -> None:
            nonlocal process
            stop(process, signal.SIGQUIT)  # PostgreSQL's "immediate" shutdown
            process = owner.start(command, folder=folder, log=log, variables=variables)
            wait()

        try:
            wait()
            yield Postgres(
                # The doubled slash is how django-environ reads a folder of UNIX sockets.
                url=f"postgres://{ROLE}@/{folder}/postgres",
                version=version.stdout.strip(),
                origin=origin,
                process_id=process.pid,
                restart=restart,
            )
        finally:
            stop(process, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            log.unlink(missing_ok=True)


def _accepts(binaries: Path, owner: RunAs, folder: Path) -> bool:
    program = binaries / "pg_isready"
    if not program.exists():
        return (folder / ".s.PGSQL.5432").exists()
    return owner.run([str(program), "-q", "-h", str(folder)], folder=folder).returncode == 0


def make_template(database_url: str) -> str:
    """A migrated database, for each process of the suite to copy; gives its name.

    Raises ServerFailed when it cannot be migrated.
    """
    binaries, server = postgres_folder(), database_url.rpartition("/")[0]
    parts = Env.db_url_config(database_url)
    where = {"host": parts["HOST"], "user": parts["USER"], "dbname": parts["NAME"]}
    options = ["-h", parts["HOST"], "-U", parts["USER"]]

    def dump(path: Path) -> None:
        migrate(f"{server}/{TEMPLATE}", path.parent)
        _run_program([str(binaries / "pg_dump"), *options, "-f", str(path), TEMPLATE])
        connection.execute(f"DROP DATABASE {TEMPLATE}")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")

    with psycopg.connect(**where, autocommit=True) as connection:
        for name in PLANNER_LIMITS:
            connection.execute(f"ALTER ROLE {ROLE} SET {name} = 1")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
        kept = keep_migrated(f"{connection.info.server_version}.sql", dump)
    quietly = ["-q", "-X", "-o", os.devnull, "-v", "ON_ERROR_STOP=1"]
    _run_program([str(binaries / "psql"), *options, *quietly, "-f", str(kept), TEMPLATE])
    return TEMPLATE


def _run_program(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerFailed(f"{command[0]} failed:\n{done.stderr[-3000:]}")
