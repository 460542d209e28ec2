"""From what a browser sends to files that may be kept: measured, inspected, scanned."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from mgestion.errors import Refused
from registrations.documents.files import Stored, discard, keep
from registrations.documents.flows import Received
from registrations.documents.inspection import Inspected, inspect_file
from registrations.documents.reader_slots import reader_place
from registrations.documents.virus_scanner import scan
from registrations.requests.enums import FileKind, Scan

_NAME_MAX: Final = 110
# What a file's name may not hold on any system, and what turns text around on a screen.
_FORBIDDEN: Final = re.compile(r'[<>:"|?*%;]')


def receive(files: Sequence[UploadedFile[bytes]]) -> list[Received]:
    """Put these on the disk. All or none: Refused names the file, and nothing is left behind."""
    received: list[Received] = []
    if not files:
        return received
    try:
        with reader_place(settings.DOCUMENT_UPLOAD_THREADS):
            for file in files:
                received.append(_one(file))
    except BaseException:
        forget(received)
        raise
    return received


def forget(received: Iterable[Received]) -> None:
    """They are not kept after all."""
    discard(each.stored.token for each in received)


def _one(file: UploadedFile[bytes]) -> Received:
    shown = shown_name(file.name or "", None)
    limit = settings.UPLOAD_MAX_BYTES
    if (file.size or 0) > limit:
        raise Refused(
            "file_large",
            f"«\u00a0{shown}\u00a0» dépasse {limit // 1024 // 1024}\u00a0Mo. Réduisez-le ou "
            "envoyez-le en plusieurs parties.",
        )
    stored = keep(file)
    try:
        found = _inspected(stored, shown)
        verdict = scan(stored.path)
        if verdict == Scan.INFECTED:
            raise Refused("file_infected", f"«\u00a0{shown}\u00a0» est refusé par notre antivirus.")
    except BaseException:
        discard([stored.token])
        raise
    name = shown_name(file.name or "", found.kind)
    return Received(stored, name, found.kind, verdict, pages=found.pages, active=found.active)


def _inspected(stored: Stored, shown: str) -> Inspected:
    try:
        return inspect_file(stored.path)
    except Refused as no:
        raise Refused(no.code, f"«\u00a0{shown}\u00a0»\u00a0: {no.message}") from None


def shown_name(name: str, kind: FileKind | None) -> str:
    """What the person called it, as it is safe to show and to download: no folder, nothing hidden,
    the ending that its content has."""
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    kept = "".join(
        char for char in base if unicodedata.category(char)[0] not in "CZ" or char == " "
    )
    stem = _FORBIDDEN.sub("-", kept).strip(" .")
    if kind is None:
        return stem[:_NAME_MAX] or "document"
    endings = ("jpg", "jpeg") if kind == FileKind.JPEG else (kind.value,)
    head, dot, ending = stem.rpartition(".")
    if dot and ending.casefold() in endings:
        stem = head
    return f"{stem[:_NAME_MAX].strip(' .') or 'document'}.{kind.value}"
