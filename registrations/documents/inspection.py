"""Inspects files and draws their pages by running `document_reader.py`; parses nothing itself.

Each call starts a new process (a fork of a threaded server is unsafe) with an empty environment and
limits on processor time, memory and duration. A document that exceeds them is refused. At most
`DOCUMENT_READERS` of these processes run on a machine at a time.
"""

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from mgestion.errors import Refused
from registrations.documents.reader_slots import hold_reader_slot
from registrations.requests.enums import FileKind

_log = logging.getLogger(__name__)
_READER: Final = Path(__file__).with_name("document_reader.py")
_REFUSED: Final = 3  # exit status of the reader when it refuses the document

_REFUSAL_MESSAGES: Final = {
    "file_empty": "Ce fichier est vide.",
    "file_type": (
        "Ce fichier n’est ni un PDF, ni une image JPEG ou PNG. Enregistrez-le dans l’un de ces "
        "formats\u00a0: changer la fin de son nom ne suffit pas."
    ),
    "file_locked": (
        "Ce PDF est protégé par un mot de passe\u00a0: nous ne pourrions pas le lire. "
        "Enregistrez-le sans protection."
    ),
    "file_damaged": (
        "Ce fichier est endommagé ou incomplet. Ouvrez-le pour le vérifier, puis enregistrez-le "
        "de nouveau."
    ),
    "file_pixels": "Cette image est trop grande\u00a0: réduisez-la, ou envoyez un PDF.",
    "file_complex": (
        "Ce document est trop complexe pour être vérifié. Imprimez-le en PDF, puis envoyez le "
        "nouveau fichier."
    ),
    "file_unread": ("Nous n’avons pas pu vérifier ce document. Renvoyez-le dans quelques minutes."),
    "no_page": "Cette page n’existe pas.",
}


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """The type of a file. `active`: it asks its reader to run, open or play something."""

    kind: FileKind
    pages: int
    active: bool


def inspect_file(path: Path) -> InspectedFile:
    """Inspect a PDF, JPEG or PNG. Raises Refused, with a message for the person."""
    patience = settings.DOCUMENT_READER_PATIENCE
    said = json.loads(
        _read_document(path, "inspect", settings.DOCUMENT_INSPECTION_SECONDS, patience)
    )
    return InspectedFile(FileKind(said["kind"]), int(said["pages"]), bool(said["active"]))


def draw_page(path: Path, kind: FileKind, number: int) -> bytes:
    """Page `number`, counted from 1, as a JPEG. Raises Refused when a limit is reached first."""
    width = str(settings.DOCUMENT_PAGE_WIDTH)
    seconds = settings.DOCUMENT_PAGE_SECONDS
    patience = settings.DOCUMENT_PAGE_PATIENCE
    return _read_document(path, "page", seconds, patience, kind.value, str(number), width)


def _read_document(path: Path, task: str, seconds: float, patience: float, *rest: str) -> bytes:
    with path.open("rb") as source, hold_reader_slot(patience):
        try:
            status, answer = run_reader(source, task, seconds, *rest)
        except subprocess.TimeoutExpired:
            # A complex document reaches its processor-time limit first: the machine was too busy.
            _log.warning("A document was not read in %s s", settings.DOCUMENT_READER_TIMEOUT)
            raise _build_refusal("file_unread") from None
        except OSError as trouble:
            _log.error("The reader of documents cannot start: %s", trouble)
            raise _build_refusal("file_unread") from None
    if status == 0:
        return answer
    code = answer.decode("ascii", "replace")
    if status == _REFUSED and code in _REFUSAL_MESSAGES:
        raise _build_refusal(code)
    _log.warning("The reader of documents ended with status %s", status)
    # A limit was reached or a library failed: the file is not trusted.
    raise _build_refusal("file_complex")


def run_reader(source: BinaryIO, task: str, seconds: float, *rest: str) -> tuple[int, bytes]:
    """The exit status and the answer of `document_reader.main`."""
    limits = (str(seconds), str(settings.DOCUMENT_READER_MEGABYTES))
    done = subprocess.run(  # noqa: S603  # our own program and numbers
        [sys.executable, "-I", str(_READER), task, *limits, *rest],
        stdin=source,
        capture_output=True,
        env={},
        cwd="/",
        timeout=settings.DOCUMENT_READER_TIMEOUT,
        check=False,
    )
    return done.returncode, done.stdout


def _build_refusal(code: str) -> Refused:
    return Refused(code, _REFUSAL_MESSAGES[code])
