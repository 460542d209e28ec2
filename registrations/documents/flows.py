"""The desk asks for a document or an answer, and the applicant gives it (R109, D45)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.outbox.flows import queue
from mgestion.text.dates import end_of_paris_day, french_date, paris_date
from registrations.documents.files import Stored
from registrations.requests import request_history
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import OPEN_STATUSES, Act, FileKind, RequestStatus, Scan
from registrations.requests.models import Request
from registrations.requests.placeholders import filled
from registrations.requests.request_guards import (
    ensure_allowed,
    ensure_reviewer,
    ensure_version,
    locked,
)
from registrations.requests.review_clock import pause, resume
from registrations.requests.suspension_flows import suspended_access

MAX_DAYS: Final = 60
MAX_DOCUMENTS: Final = 10
_LINE_MAX: Final = 160
ASKED, REMINDED = "registrations.document_asked", "registrations.document_reminder"
PROLONGED = "registrations.document_prolonged"
WITHDRAWN, RECEIVED = "registrations.document_withdrawn", "registrations.document_received"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was inspected and is on the disk."""

    stored: Stored
    name: str
    kind: FileKind
    scan: Scan
    pages: int = 1
    active: bool = False


def default_last_day(now: datetime) -> date:
    """The Paris date, inclusive, until when an answer is awaited: 15 calendar days (D45)."""
    return paris_date(now) + timedelta(days=settings.ASKING_DAYS)


@transaction.atomic
def ask(
    request_id: UUID,
    *,
    version: int,
    message: str,
    documents: str = "",
    last_day: date | None = None,
    internal_note: str = "",
    actor_user: User,
    now: datetime,
) -> Asking:
    """Ask, until `last_day` included (Paris). The clock of an open request stops meanwhile (D10).

    Of an accepted request nothing moves: without an answer, the desk proposes to suspend (D45).
    """
    request = locked(request_id)
    ensure_reviewer(request, actor_user)
    if request.askings.open().exists():
        raise WrongState("asked", "Un document est déjà attendu pour cette demande.")
    ensure_allowed(request, Act.DOCUMENT_ASKED, for_staff=True)
    ensure_version(request, version)
    message = filled(message.strip(), request)
    if not message:
        raise Refused("message_needed", "Dites à la personne ce que vous attendez d’elle.")
    listed = [line.strip() for line in documents.splitlines() if line.strip()]
    if len(listed) > MAX_DOCUMENTS or any(len(line) > _LINE_MAX for line in listed):
        raise Refused(
            "documents_long",
            f"Au plus {MAX_DOCUMENTS} documents, un par ligne de {_LINE_MAX} caractères au plus.",
        )
    last_day = last_day or default_last_day(now)
    today = paris_date(now)
    if not today < last_day <= today + timedelta(days=MAX_DAYS):
        raise Refused(
            "deadline",
            f"Choisissez une date entre demain et le {french_date(today + timedelta(MAX_DAYS))}.",
        )
    deadline = end_of_paris_day(last_day)
    asking = Asking.objects.create(
        request=request,
        asked_at=now,
        asked_by=actor_user.public_id,
        message=message,
        documents="\n".join(listed),
        deadline_at=deadline,
        remind_at=now + (deadline - now) / 2,
    )
    if request.is_open:
        pause(request, now)
        request.status = RequestStatus.AWAITING_DOCUMENT
    request.version += 1
    request.save(update_fields=["status", "paused_at", "version"])
    request_history.write(
        request,
        Act.DOCUMENT_ASKED,
        by=actor_user,
        by_staff=True,
        now=now,
        text=_said(message, listed, last_day),
        internal_note=internal_note.strip(),
    )
    _tell(ASKED, request, asking, now)
    return asking


def ensure_answerable(request: Request, user: User, *, text: str, files: int) -> Asking | None:
    """What `answer` asks before it writes. Returns what is answered or completed; None where the
    person writes unasked.

    The page asks it too, before a single file is inspected; only under the lock is it certain.
    """
    if request.user_id != user.pk:
        raise Refused("unknown_request", "Cette demande n’existe pas ou plus.")
    if request.user.status != Status.ACTIVE:
        raise Refused("account_not_active", "Votre compte n’est pas actif.")
    asking = request.askings.open().first()
    if asking is None and not _may_write_unasked(request):
        asking = completable(request)
        if asking is None:
            ensure_allowed(request, Act.DOCUMENT_RECEIVED, for_staff=False)
            asking = _open(request)
    if not text.strip() and not files:
        raise Refused("answer_needed", "Écrivez une réponse ou joignez un fichier.")
    if request.uploads.count() + files > settings.UPLOADS_PER_REQUEST:
        raise Refused("files_many", "Cette demande contient déjà beaucoup de fichiers.")
    return asking


def completable(request: Request) -> Asking | None:
    """The latest asking, once it is answered and as long as nothing was decided since: what was
    forgotten can still be sent."""
    if request.status not in (*OPEN_STATUSES, RequestStatus.APPROVED):
        return None
    latest = request.askings.order_by("-asked_at", "-pk").first()
    if latest is None or latest.answered_at is None:
        return None
    decided = request.decided_at is not None and request.decided_at >= latest.asked_at
    return None if decided else latest


@transaction.atomic
def answer(
    request_id: UUID,
    *,
    user: User,
    text: str,
    files: Sequence[Received] = (),
    now: datetime,
) -> Request:
    """The applicant's answer, or what they add to it: words, files or both. The clock runs again;
    the délégation is told.

    After the deadline too, as long as the desk has not ended the matter: late is better than never.
    Whoever's access is suspended may write unasked: what they send may be what was missing (R110).
    """
    request = locked(request_id)
    asking = ensure_answerable(request, user, text=text, files=len(files))
    asking = asking or _unasked(request, now)
    text = text.strip()
    added = asking.answered_at is not None
    Upload.objects.bulk_create(
        Upload(
            request=request,
            asking=asking,
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
    if added:
        asking.answer = "\n\n".join(part for part in (asking.answer, text) if part)
    else:
        asking.answered_at = asking.closed_at = now
        asking.answer = text
    asking.save(update_fields=["answered_at", "closed_at", "answer"])
    if added:
        request.version += 1
        request.save(update_fields=["version"])
    else:
        _go_on(request, now)
    count = (
        f"{len(files)} fichier{'s' if len(files) > 1 else ''} joint{'s' if len(files) > 1 else ''}."
    )
    parts = ["Complément." if added else "", text, count if files else ""]
    event = request_history.write(
        request,
        Act.DOCUMENT_RECEIVED,
        by=user,
        now=now,
        text="\n".join(part for part in parts if part),
        detail={"files": len(files)},
    )
    _tell(RECEIVED, request, asking, now, again=f"-{event.pk}" if added else "")
    return request


@transaction.atomic
def prolong(
    request_id: UUID, *, version: int, last_day: date, actor_user: User, now: datetime
) -> Asking:
    """More time for the document that is awaited, also once its day is over: one mail, a new
    half-way reminder, and the clock stays where it stands.
    """
    request = locked(request_id)
    ensure_reviewer(request, actor_user)
    ensure_allowed(request, Act.DOCUMENT_PROLONGED, for_staff=True)
    ensure_version(request, version)
    asking = _open(request)
    today = paris_date(now)
    earliest = max(last_day_of(asking), today) + timedelta(days=1)
    latest = today + timedelta(days=MAX_DAYS)
    if not earliest <= last_day <= latest:
        raise Refused(
            "deadline",
            f"Choisissez une date entre le {french_date(earliest)} et le {french_date(latest)}.",
        )
    asking.deadline_at = end_of_paris_day(last_day)
    asking.remind_at = now + (asking.deadline_at - now) / 2
    asking.reminded_at = None
    asking.save(update_fields=["deadline_at", "remind_at", "reminded_at"])
    request.version += 1
    request.save(update_fields=["version"])
    request_history.write(
        request,
        Act.DOCUMENT_PROLONGED,
        by=actor_user,
        by_staff=True,
        now=now,
        text=(
            f"Réponse désormais attendue jusqu’au {french_date(last_day)} inclus (heure de Paris)."
        ),
    )
    _tell(PROLONGED, request, asking, now, again=f"-{last_day}")
    return asking


def last_day_of(asking: Asking) -> date:
    """The Paris date, inclusive: the deadline is 24:00 of that day."""
    return paris_date(asking.deadline_at - timedelta(minutes=1))


@transaction.atomic
def withdraw(request_id: UUID, *, actor_user: User, now: datetime) -> Request:
    """The document is not needed any more: the clock runs again, and the person is told."""
    request = locked(request_id)
    ensure_reviewer(request, actor_user)
    ensure_allowed(request, Act.DOCUMENT_WITHDRAWN, for_staff=True)
    asking = _open(request)
    asking.closed_at = now
    asking.save(update_fields=["closed_at"])
    _go_on(request, now)
    request_history.write(request, Act.DOCUMENT_WITHDRAWN, by=actor_user, by_staff=True, now=now)
    _tell(WITHDRAWN, request, asking, now)
    return request


@transaction.atomic
def remind(request_id: UUID, *, now: datetime) -> bool:
    """Half-way: once, by the portal. False when there is nothing to remind of any more."""
    request = locked(request_id)
    claimed = Asking.objects.open().filter(
        request=request, reminded_at__isnull=True, remind_at__lte=now, deadline_at__gt=now
    )
    asking = claimed.first()
    if asking is None or request.user.status != Status.ACTIVE:
        return False
    asking.reminded_at = now
    asking.save(update_fields=["reminded_at"])
    request_history.write(request, Act.DOCUMENT_REMINDED, by=None, now=now)
    _tell(REMINDED, request, asking, now, again=_once_a_day_named(request, asking))
    return True


def _open(request: Request) -> Asking:
    asking = request.askings.open().first()
    if asking is None:
        raise WrongState("not_asked", "Aucun document n’est attendu pour cette demande.")
    return asking


def _may_write_unasked(request: Request) -> bool:
    return request.status == RequestStatus.APPROVED and suspended_access(request) is not None


def _unasked(request: Request, now: datetime) -> Asking:
    """A row of its own for what the person of a suspended access sends."""
    return Asking.objects.create(
        request=request, asked_at=now, message="", deadline_at=now, remind_at=now
    )


def _go_on(request: Request, now: datetime) -> None:
    """Back to the desk, which has not read this yet: a page opened before is stale."""
    resume(request, now)
    if request.is_open:
        request.status = RequestStatus.SUBMITTED
    request.version += 1
    request.save(update_fields=["status", "paused_at", "due_at", "version"])


def _said(message: str, documents: Sequence[str], last_day: date) -> str:
    lines = [message, *(f"– {line}" for line in documents)]
    return "\n".join(
        [*lines, f"Réponse attendue jusqu’au {french_date(last_day)} inclus (heure de Paris)."]
    )


def _once_a_day_named(request: Request, asking: Asking) -> str:
    """A reminder leaves once for each last day: prolonged, it is another one."""
    moved = request.events.filter(act=Act.DOCUMENT_PROLONGED, at__gte=asking.asked_at).exists()
    return f"-{last_day_of(asking)}" if moved else ""


def _tell(kind: str, request: Request, asking: Asking, now: datetime, *, again: str = "") -> None:
    queue(
        kind,
        subject=request.pk,
        cycle=f"asking-{asking.pk}{again}",
        person=request.user.public_id,
        data={"asking": asking.pk},
        now=now,
    )
