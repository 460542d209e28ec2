"""Received files on the disk: under the data folder, outside the web root, with random names.

A file is written before its row is committed, and deleted after its row is: a crash in between
leaves a file without a row, which `delete_orphan_files` removes a day later.
"""

import hashlib
import logging
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

from mgestion.errors import Refused
from registrations.requests.document_models import Upload

ORPHAN_AGE: Final = timedelta(days=1)
_CHUNK: Final = 64 * 1024
_NO_ROOM: Final = (
    "Ce fichier n’a pas pu être enregistré\u00a0: la place manque de notre côté, et l’équipe "
    "technique est prévenue. Renvoyez-le plus tard."
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the disk, before its row is written. `digest`: SHA-256, in hexadecimal."""

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
    """The path of the file `token`. Raises ValueError for anything but a token of `store_file`, so
    that no path is built from user input."""
    if len(token) != 43 or not all(char.isalnum() or char in "-_" for char in token):
        raise ValueError("This is no token of a stored file.")
    return get_documents_folder() / token[:2] / token


def store_file(source: File[bytes]) -> StoredFile:
    """Write `source` to the disk, readable by the portal's system user only. Raises Refused where
    the disk takes it not, or not whole: nothing of it stays.
    """
    token = secrets.token_urlsafe(32)
    try:
        return _write_file(source, token)
    except OSError as trouble:
        _log.error("A document cannot be written to the data folder: %s", trouble)
        raise Refused("no_room", _NO_ROOM) from None


def _write_file(source: File[bytes], token: str) -> StoredFile:
    target = get_stored_path(token)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in source.chunks(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return StoredFile(token, size, digest.hexdigest())


def open_stored_file(token: str) -> BinaryIO:
    """Open the file for reading; FileNotFoundError once it is deleted."""
    return get_stored_path(token).open("rb")


def delete_files(tokens: Iterable[str]) -> None:
    """Delete these files now. Idempotent."""
    for token in tokens:
        get_stored_path(token).unlink(missing_ok=True)


def delete_files_after_commit(tokens: Iterable[str]) -> None:
    """Delete these files after the transaction that deletes their rows has committed."""
    gone = list(tokens)
    transaction.on_commit(lambda: delete_files(gone))


def delete_orphan_files(now: datetime) -> int:
    """Delete the files older than a day that no row names. Returns how many."""
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
