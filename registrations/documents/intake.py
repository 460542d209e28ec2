"""Takes uploaded files in: checks their size, stores, inspects and scans them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from accounts.entry.limits.rate_limits import count_event, describe_wait
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.web.logging.security import log_refusal
from registrations.documents.files import delete_files, store_file
from registrations.documents.inspection import inspect_file
from registrations.documents.reader_slots import limit_reader_threads
from registrations.documents.received_files import ReceivedFile
from registrations.documents.virus_scanner import scan_file
from registrations.requests.enums import FileKind, ScanResult

_NAME_MAX: Final = 110
# Characters that some file system forbids in a file name.
_FORBIDDEN: Final = re.compile(r'[<>:"|?*%;]')


@dataclass(frozen=True, slots=True)
class FileIntake:
    """What became of the files of one post. `refused`: a sentence for each file that is not kept,
    with its name.
    """

    received: list[ReceivedFile]
    refused: list[str]


def receive_files(files: Sequence[UploadedFile[bytes]]) -> FileIntake:
    """Store and check these files, each by itself: one that is refused loses none of the others.
    Raises Refused where none can be checked now.
    """
    found = FileIntake([], [])
    if not files:
        return found
    most = settings.UPLOAD_MAX_FILES
    with (
        discard_on_failure(found.received),
        limit_reader_threads(settings.DOCUMENT_UPLOAD_THREADS),
    ):
        for file in files[:most]:
            try:
                found.received.append(_receive_file(file))
            except Refused as refused:
                log_refusal(f"upload.{refused.code}")
                found.refused.append(refused.message)
    if len(files) > most:
        log_refusal("upload.too_many")
        found.refused.append(
            f"Joignez au plus {most}\u00a0fichiers à la fois\u00a0: les autres ne sont pas joints."
        )
    return found


def receive_first_files(
    person: User, files: Sequence[UploadedFile[bytes]], now: datetime
) -> FileIntake:
    """The files that come with a request: what cannot be taken now never stops the request."""
    if not files:
        return FileIntake([], [])
    wait = count_event(f"message:{person.public_id}", settings.MESSAGES_PER_PERSON, now=now)
    if wait:
        sentence = f"Vos fichiers ne sont pas joints\u00a0: {describe_wait(wait)}"
        return FileIntake([], [sentence])
    try:
        return receive_files(files)
    except Refused as refused:
        return FileIntake([], [refused.message])


@contextmanager
def discard_on_failure(received: Iterable[ReceivedFile]) -> Iterator[None]:
    """Delete these files, where anything stops that they are recorded."""
    try:
        yield
    except BaseException:
        delete_files(each.stored.token for each in received)
        raise


def _receive_file(file: UploadedFile[bytes]) -> ReceivedFile:
    shown = clean_file_name(file.name or "", None)
    limit = settings.UPLOAD_MAX_BYTES
    if (file.size or 0) > limit:
        raise Refused(
            "file_large",
            f"«\u00a0{shown}\u00a0» dépasse {limit // 1024 // 1024}\u00a0Mo. Réduisez-le ou "
            "envoyez-le en plusieurs parties.",
        )
    with _name_in_refusal(shown):
        stored = store_file(file)
    try:
        with _name_in_refusal(shown):
            found = inspect_file(stored.path)
        verdict = scan_file(stored.path)
        if verdict == ScanResult.INFECTED:
            raise Refused("file_infected", f"«\u00a0{shown}\u00a0» est refusé par notre antivirus.")
    except BaseException:
        delete_files([stored.token])
        raise
    name = clean_file_name(file.name or "", found.kind)
    return ReceivedFile(stored, name, found.kind, verdict, pages=found.pages, active=found.active)


@contextmanager
def _name_in_refusal(shown: str) -> Iterator[None]:
    try:
        yield
    except Refused as no:
        raise Refused(no.code, f"«\u00a0{shown}\u00a0»\u00a0: {no.message}") from None


def clean_file_name(name: str, kind: FileKind | None) -> str:
    """The person's file name, safe to show and to download: no folder, no control character, and
    the extension of its detected `kind`."""
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
