"""How many documents are read at a time on this machine: a lock on one of a few files.

The system frees the lock of a process that dies, whichever way. All web processes of the machine
share the folder, and no database connection is held while a document is read.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from mgestion.errors import Refused

_PAUSE: Final = 0.05  # seconds between two looks
_BUSY: Final = "Beaucoup de documents arrivent en ce moment. Renvoyez le vôtre dans une minute."
_counting = threading.Lock()
_inside = 0  # threads of this process that have a document read, or wait for that


@contextmanager
def limit_reader_threads(most: int) -> Iterator[None]:
    """Lets a thread of the server in to wait for a reader; Refused at once where `most` threads of
    this process are in already. The others keep answering pages, however many people send files.
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
    """Holds one of the `DOCUMENT_READERS` slots; Refused after `patience` seconds."""
    handle = _take_reader_slot(patience)
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
            # Not inherited by the reader (PEP 446): the slot is this process's alone.
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
