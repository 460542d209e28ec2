"""Programs of Debian that no wheel carries (PgBouncer, Caddy): the one named, the system's, or the
package unpacked into `.venv/debian`. Nothing is installed, and no root is needed.

`python -m tests.servers.debian` fetches what is missing; the tests do so when they first need it.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.servers.errors import ServerMissing
from tests.servers.processes import ROOT

FOLDER: Final = ROOT / ".venv" / "debian"
# Program → its package and its place there; the variable PGBOUNCER or CADDY names another one.
PROGRAMS: Final = {
    "pgbouncer": ("pgbouncer", "usr/sbin/pgbouncer"),
    "caddy": ("caddy", "usr/bin/caddy"),
}
_ARCHIVE_SECONDS: Final = 120


@dataclass(frozen=True)
class DebianProgram:
    """`variables`: what its process needs to find the libraries that came with it."""

    path: Path
    version: str
    variables: Mapping[str, str] = field(default_factory=dict)


def find_debian_program(name: str) -> DebianProgram:
    """Raises ServerMissing, which says what to do, when it cannot be had here."""
    package, place = PROGRAMS[name]
    named = os.environ.get(name.upper())
    if named:
        return _start(Path(named)) or _missing(f"{name.upper()} names {named}, which cannot run.")
    system = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    found = _start(Path(system)) if system else None
    if found is None:
        with _one_at_a_time():
            found = _start(FOLDER / place)
            if found is None:
                _fetch(package)
                found = _start(FOLDER / place)
    return found or _missing(f"Debian's package {package} was unpacked and cannot run here.")


def find_clock_library() -> Path:
    """libfaketime, which gives one process another clock. Raises ServerMissing."""
    found = sorted(FOLDER.glob("usr/lib/*/faketime/libfaketime.so.1"))
    if not found:
        with _one_at_a_time():
            _fetch("libfaketime")
        found = sorted(FOLDER.glob("usr/lib/*/faketime/libfaketime.so.1"))
    return found[0] if found else _missing("Debian's libfaketime holds no library.").path


def _missing(words: str) -> DebianProgram:
    raise ServerMissing(words)


def _start(path: Path) -> DebianProgram | None:
    """The program when it can say its version."""
    if not path.is_file():
        return None
    libraries = ":".join(str(one.parent) for one in sorted(FOLDER.glob("usr/lib/**/*.so.*")))
    ours = path.is_relative_to(FOLDER)
    variables = {"LD_LIBRARY_PATH": libraries} if ours and libraries else {}
    word = "version" if path.name == "caddy" else "--version"
    with tempfile.TemporaryDirectory(prefix="mgdebian-") as home:
        try:
            said = subprocess.run(
                [str(path), word],
                env={**os.environ, **variables, "HOME": home},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    if said.returncode != 0:
        return None
    return DebianProgram(path=path, version=said.stdout.split("\n")[0], variables=variables)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(package: str) -> None:
    """Downloads the package, and the libraries that this machine lacks, and unpacks them."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise ServerMissing(
            f"{package} not found: neither {package.upper()} nor the system has it, and this is no "
            "Debian whose archive could be asked."
        )
    with tempfile.TemporaryDirectory(prefix="mgdebian-") as place:
        folder = Path(place)
        _download(package, folder)
        (archive,) = folder.glob("*.deb")
        _run(["dpkg-deb", "-x", str(archive), str(FOLDER)])
        needed = _run(["dpkg-deb", "-f", str(archive), "Depends"])
        for library in sorted(set(re.findall(r"\blib[\w.+-]+", needed)) - {"libc6"}):
            if _is_installed(library):
                continue
            _download(library, folder)
            for found in folder.glob(f"{library}_*.deb"):
                _run(["dpkg-deb", "-x", str(found), str(FOLDER)])


def _is_installed(package: str) -> bool:
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.endswith(" installed")


def _download(package: str, folder: Path) -> None:
    """With the machine's lists of packages, or with lists of our own when they are missing or old.
    Raises ServerMissing when the archive does not answer.
    """
    own = ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
    own += ["-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3"]
    words = ["apt-get", "-q", "-o", f"Acquire::http::Timeout={_ARCHIVE_SECONDS // 4}"]
    if _try_apt([*words, "download", package], folder):
        return
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    if _try_apt([*words, *own, "update"], folder) and _try_apt(
        [*words, *own, "download", package], folder
    ):
        return
    raise ServerMissing(
        f"{package} not found, and apt cannot reach its archive to download it: connect this "
        f"machine, install the package, or name the program with {package.upper()}."
    )


def _try_apt(words: list[str], folder: Path) -> bool:
    try:
        done = subprocess.run(
            words, cwd=folder, capture_output=True, timeout=_ARCHIVE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _run(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerMissing(f"{' '.join(words[:2])} failed: {done.stderr.strip()[:300]}")
    return done.stdout


def main() -> int:
    status = 0
    for name in PROGRAMS:
        try:
            found = find_debian_program(name)
            sys.stdout.write(f"   {name} {found.version}  ({found.path})\n")
        except ServerMissing as trouble:
            sys.stdout.write(f"!! {trouble}\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
