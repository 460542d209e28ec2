"""Small disks, which can be full without filling that of the machine: a file with ext4 in it,
mounted on a folder. For root only; elsewhere there is none, and those faults are left out.

The mounts are in a namespace of this process and its children: they are gone with the last of them,
however it ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_INSIDE: Final = "MGESTION_CHAOS_NAMESPACE"
_BLOCK: Final = 4096


def can_mount() -> bool:
    tools = ("unshare", "mount", "umount", "mkfs.ext4")
    return os.geteuid() == 0 and all(shutil.which(tool) for tool in tools)


def enter_namespace(module: str) -> None:
    """Starts this program again in a mount namespace of its own, where that is possible."""
    if can_mount() and not os.environ.get(_INSIDE):
        command = ["unshare", "--mount", sys.executable, "-m", module, *sys.argv[1:]]
        os.execvpe("unshare", command, {**os.environ, _INSIDE: "1"})  # noqa: S606


@dataclass(frozen=True)
class SmallDisk:
    folder: Path

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """To the last byte, as far as others do not free some meanwhile."""
        with self._filler.open("ab", buffering=0) as filler:
            free = os.statvfs(self.folder).f_bavail * _BLOCK
            with contextlib.suppress(OSError):
                os.posix_fallocate(filler.fileno(), filler.tell(), free)
            filler.seek(0, os.SEEK_END)
            for piece in (bytes(_BLOCK), b"x"):
                try:
                    while True:
                        filler.write(piece)
                except OSError as trouble:
                    if trouble.errno != errno.ENOSPC:
                        raise

    def keep_full(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.fill()
            time.sleep(0.5)

    def empty(self) -> None:
        self._filler.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk | None]:
    """None where nothing can be mounted. Its folder can be reached by every user."""
    if not os.environ.get(_INSIDE):
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="mgdisk-", dir="/tmp"))  # short: a socket may lie in it
    image = folder.with_suffix(".img")
    mounted = False
    try:
        with image.open("wb") as file:
            file.truncate(megabytes * 1024 * 1024)
        _run("mkfs.ext4", "-q", "-m", "0", str(image))
        _run("mount", "-o", "loop", str(image), str(folder))
        mounted = True
        folder.chmod(0o755)
        yield SmallDisk(folder)
    finally:
        if mounted:
            _run("umount", "--lazy", str(folder))
        image.unlink(missing_ok=True)
        folder.rmdir()


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
