"""Files that were taken in, and the rows that keep them with what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from registrations.documents.files import StoredFile
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import FileKind, ScanResult
from registrations.requests.models import Request


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that is inspected, scanned and on the disk."""

    stored: StoredFile
    name: str
    kind: FileKind
    scan: ScanResult
    pages: int = 1
    active: bool = False


def build_post_key(form_token: UUID, text: str, files: Sequence[ReceivedFile]) -> UUID:
    """The key of one post of one form: the same text and files from the same form give the same
    key, so that a double click is one message, and a second thought another.
    """
    return uuid5(form_token, "\n".join([text, *(each.stored.digest for each in files)]))


def save_uploads(
    request: Request,
    files: Sequence[ReceivedFile],
    *,
    asking: Asking | None = None,
    message_id: int | None = None,
    now: datetime,
) -> None:
    """Write the rows of files that came as an answer to `asking`, or with a message."""
    Upload.objects.bulk_create(
        Upload(
            request=request,
            asking=asking,
            message_id=message_id,
            stored=received.stored.token,
            name=received.name,
            kind=received.kind,
            size=received.stored.size,
            digest=received.stored.digest,
            pages=received.pages,
            active=received.active,
            scan=received.scan,
            received_at=now,
        )
        for received in files
    )


def describe_files(files: Sequence[ReceivedFile]) -> str:
    """« 2 fichiers joints. », or nothing."""
    if not files:
        return ""
    plural = "s" if len(files) > 1 else ""
    return f"{len(files)} fichier{plural} joint{plural}."
