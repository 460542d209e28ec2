"""What people send, on the disk: under the data folder, out of the web root, by random names.

A file is written whole before its row is committed, and goes after its row is gone: what a crash
leaves between the two is a file without a row, which `delete_orphan_files` removes a day later.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings
from django.core.files import File
from django.db import transaction

from registrations.requests.document_models import Upload

ORPHAN_AGE: Final = timedelta(days=1)
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the disk that no row names yet. `digest`: SHA-256, in hexadecimal."""

    token: str
    size: int
    digest: str

    @property
    def path(self) -> Path:
        return get_stored_path(self.token)


def get_documents_folder() -> Path:
    found: Path = settings.DATA_DIR / "documents"
    return found


def get_stored_path(token: str) -> Path:
    """Where the bytes of `token` are. Refuses what is no token of ours: no path is ever built from
    what a person wrote."""
    if len(token) != 43 or not all(char.isalnum() or char in "-_" for char in token):
        raise ValueError("This is no token of a stored file.")
    return get_documents_folder() / token[:2] / token


def store_file(source: File[bytes]) -> StoredFile:
    """Write `source` to the disk, readable by the portal alone, and say what it is."""
    token = secrets.token_urlsafe(32)
    target = get_stored_path(token)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        for chunk in source.chunks(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return StoredFile(token, size, digest.hexdigest())


def open_stored_file(token: str) -> BinaryIO:
    """The bytes; FileNotFoundError when they are gone."""
    return get_stored_path(token).open("rb")


def delete_files(tokens: Iterable[str]) -> None:
    """Remove these files now; one that is gone already is no trouble."""
    for token in tokens:
        get_stored_path(token).unlink(missing_ok=True)


def delete_files_after_commit(tokens: Iterable[str]) -> None:
    """Remove these files once their rows are gone for good, and only then."""
    gone = list(tokens)
    transaction.on_commit(lambda: delete_files(gone))


def delete_orphan_files(now: datetime) -> int:
    """Remove files that no row names, older than a day. Returns how many."""
    before = (now - ORPHAN_AGE).timestamp()
    removed = 0
    if not get_documents_folder().is_dir():
        return 0
    for shelf in sorted(get_documents_folder().iterdir()):
        old = {path.name for path in shelf.iterdir() if path.stat().st_mtime < before}
        known = set(Upload.objects.filter(stored__in=old).values_list("stored", flat=True))
        for name in old - known:
            (shelf / name).unlink(missing_ok=True)
            removed += 1
    return removed
