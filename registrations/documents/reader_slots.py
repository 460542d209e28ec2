"""Limits how many documents are read at a time on this machine, with file locks.

The system releases the lock of a process that dies. All web processes of the machine share the
folder, and no database connection is held while a document is read.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from mgestion.errors import Refused

_PAUSE: Final = 0.05  # seconds between two attempts
_BUSY: Final = "Beaucoup de documents arrivent en ce moment. Renvoyez le vôtre dans une minute."
_NO_READER: Final = (
    "Les documents ne peuvent pas être lus pour le moment. Réessayez dans quelques minutes."
)
_log = logging.getLogger(__name__)
_counting = threading.Lock()
_inside = 0  # threads of this process that read a document, or wait for a slot


@contextmanager
def limit_reader_threads(most: int) -> Iterator[None]:
    """Let at most `most` threads of this process read or wait; raise Refused at once beyond, so
    that the other threads keep answering pages.
    """
    global _inside
    with _counting:
        if _inside >= most:
            raise Refused("readers_busy", _BUSY)
        _inside += 1
    try:
        yield
    finally:
        with _counting:
            _inside -= 1


@contextmanager
def hold_reader_slot(patience: float) -> Iterator[None]:
    """Hold one of the `DOCUMENT_READERS` slots; raises Refused after `patience` seconds, and where
    the data folder cannot hold the locks.
    """
    try:
        handle = _take_reader_slot(patience)
    except OSError as trouble:
        _log.error("A document cannot be read: %s", trouble)
        raise Refused("no_reader", _NO_READER) from None
    try:
        yield
    finally:
        os.close(handle)


def _take_reader_slot(patience: float) -> int:
    folder: Path = settings.DATA_DIR / "readers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    while True:
        for number in range(settings.DOCUMENT_READERS):
            # The reader does not inherit the file descriptor (PEP 446), so it cannot keep the lock.
            handle = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
            else:
                return handle
        if time.monotonic() >= deadline:
            raise Refused("readers_busy", _BUSY)
        time.sleep(_PAUSE)
