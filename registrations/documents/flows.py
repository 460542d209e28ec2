"""Asks the applicant for documents or an answer, and records the answer."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.habilitations.accesses.models import Access
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.text.dates import end_of_paris_day, french_date, paris_date
from registrations.documents.files import delete_files
from registrations.documents.received_files import ReceivedFile, describe_files, save_uploads
from registrations.requests.document_models import Asking
from registrations.requests.enums import OPEN_STATUSES, RequestAct, RequestStatus
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request
from registrations.requests.placeholders import fill_all_placeholders
from registrations.requests.request_guards import (
    ensure_allowed,
    ensure_author,
    ensure_reachable,
    ensure_reviewer,
    ensure_version,
    find_unshown_message,
    lock_for_agent,
    lock_request,
)
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_clock import pause_clock, resume_clock
from registrations.requests.suspension_flows import find_held_access, find_suspended_access

MAX_ASKING_DAYS: Final = 60
MAX_DOCUMENTS: Final = 10
_LINE_MAX: Final = 160
_BATCH: Final = 500
ASKED_MAIL = "registrations.document_asked"
REMINDED_MAIL = "registrations.document_reminder"
PROLONGED_MAIL = "registrations.document_prolonged"
WITHDRAWN_MAIL = "registrations.document_withdrawn"
RECEIVED_MAIL = "registrations.document_received"


def get_default_last_day(now: datetime) -> date:
    """The last day to answer by default: a Paris date, inclusive, 15 calendar days from `now`."""
    return paris_date(now) + timedelta(days=settings.ASKING_DAYS)


@transaction.atomic
def ask_for_documents(
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
    """Ask for `documents` or an answer until `last_day` inclusive (Paris date).

    The review clock of an open request is paused meanwhile. An approved request keeps its status;
    without an answer, agents are shown a proposal to suspend the access.
    """
    request = lock_request(request_id)
    ensure_reviewer(request, actor_user)
    if request.askings.open().exists():
        raise WrongState("asked", "Un document est déjà attendu pour cette demande.")
    ensure_allowed(request, RequestAct.DOCUMENT_ASKED, for_staff=True)
    ensure_version(request, version)
    ensure_reachable(request, now)
    message = fill_all_placeholders(message.strip(), request)
    if not message:
        raise Refused("message_needed", "Dites à la personne ce que vous attendez d’elle.")
    listed = [line.strip() for line in documents.splitlines() if line.strip()]
    if len(listed) > MAX_DOCUMENTS or any(len(line) > _LINE_MAX for line in listed):
        raise Refused(
            "documents_long",
            f"Au plus {MAX_DOCUMENTS} documents, un par ligne de {_LINE_MAX} caractères au plus.",
        )
    last_day = last_day or get_default_last_day(now)
    today = paris_date(now)
    latest = today + timedelta(days=MAX_ASKING_DAYS)
    if not today < last_day <= latest:
        raise Refused(
            "deadline",
            f"Choisissez une date entre demain et le {french_date(latest)}.",
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
        pause_clock(request, now)
        request.status = RequestStatus.AWAITING_DOCUMENT
    request.save_as_new_version("status", "paused_at")
    write_request_event(
        request,
        RequestAct.DOCUMENT_ASKED,
        agent=actor_user,
        now=now,
        text=_format_asking(message, listed, last_day),
        internal_note=internal_note.strip(),
    )
    _queue_asking_mail(ASKED_MAIL, request, asking, now)
    return asking


def ensure_answerable(request: Request, user: User, *, text: str, files: int) -> Asking | None:
    """Check that the person may answer now. Returns the asking that is answered or completed; None
    where the person writes unasked. Raises Refused.

    The view calls it before it inspects any file; `record_answer` calls it again under the lock.
    """
    ensure_author(request, user)
    asking = request.askings.open().first()
    if asking is None and not _may_write_unasked(request):
        asking = find_completable_asking(request)
        if asking is None:
            ensure_allowed(request, RequestAct.DOCUMENT_RECEIVED, for_staff=False)
            asking = _get_open_asking(request)
    if not text.strip() and not files:
        raise Refused("answer_needed", "Écrivez une réponse ou joignez un fichier.")
    if request.uploads.count() + files > settings.UPLOADS_PER_REQUEST:
        raise Refused("files_many", "Cette demande contient déjà beaucoup de fichiers.")
    return asking


def find_completable_asking(request: Request) -> Asking | None:
    """The latest asking if it is answered and nothing was decided since: a forgotten document can
    still be added to it. None otherwise."""
    if request.status not in (*OPEN_STATUSES, RequestStatus.APPROVED):
        return None
    latest = request.askings.order_by("-asked_at", "-pk").first()
    if latest is None or latest.answered_at is None:
        return None
    decided = request.decided_at is not None and request.decided_at >= latest.asked_at
    return None if decided else latest


@transaction.atomic
def record_answer(
    request_id: UUID,
    *,
    user: User,
    text: str,
    files: Sequence[ReceivedFile] = (),
    key: UUID | None = None,
    shown: int | None = None,
    now: datetime,
) -> Request:
    """Record the applicant's answer or an addition to it: text, files or both. Restarts the review
    clock and notifies the délégation.

    Accepted after the deadline too, until an agent closes the asking. A person whose access is
    suspended may write unasked, since they may send the missing document. `key`: of
    `build_post_key`; the same post received twice is one answer. `shown`: of
    `find_unshown_message`.
    """
    request = lock_request(request_id)
    if key is not None and request.askings.filter(answer_key=key).exists():
        delete_files(received.stored.token for received in files)
        return request
    asking = ensure_answerable(request, user, text=text, files=len(files))
    asking = asking or _create_unasked_asking(request, now)
    text = text.strip()
    added = asking.answered_at is not None
    save_uploads(request, files, asking=asking, now=now)
    if added:
        asking.answer = "\n\n".join(part for part in (asking.answer, text) if part)
    else:
        asking.answered_at = asking.closed_at = now
        asking.answer = text
    asking.answer_key = key
    asking.save(update_fields=["answered_at", "closed_at", "answer", "answer_key"])
    if added:
        request.save_as_new_version()
    else:
        _resume_review(request, now)
    unshown = find_unshown_message(request, shown)
    parts = ["Complément." if added else "", text, describe_files(files)]
    event = write_request_event(
        request,
        RequestAct.DOCUMENT_RECEIVED,
        by=user,
        now=now,
        text="\n".join(part for part in parts if part),
        detail={"files": len(files)},
        unshown=unshown,
    )
    _queue_asking_mail(RECEIVED_MAIL, request, asking, now, again=f"-{event.pk}" if added else "")
    return request


@transaction.atomic
def prolong_asking(
    request_id: UUID, *, version: int, last_day: date, actor_user: User, now: datetime
) -> Asking:
    """Move the deadline of the open asking, even after it has passed. Mails the person and plans a
    new half-way reminder; the review clock stays paused.
    """
    request = lock_for_agent(request_id, RequestAct.DOCUMENT_PROLONGED, actor_user, version)
    asking = _get_open_asking(request)
    today = paris_date(now)
    earliest = max(asking.last_day, today) + timedelta(days=1)
    latest = today + timedelta(days=MAX_ASKING_DAYS)
    if not earliest <= last_day <= latest:
        raise Refused(
            "deadline",
            f"Choisissez une date entre le {french_date(earliest)} et le {french_date(latest)}.",
        )
    asking.deadline_at = end_of_paris_day(last_day)
    asking.remind_at = now + (asking.deadline_at - now) / 2
    asking.reminded_at = None
    asking.save(update_fields=["deadline_at", "remind_at", "reminded_at"])
    request.save_as_new_version()
    write_request_event(
        request,
        RequestAct.DOCUMENT_PROLONGED,
        agent=actor_user,
        now=now,
        text=(
            f"Réponse désormais attendue jusqu’au {french_date(last_day)} inclus (heure de Paris)."
        ),
    )
    _queue_asking_mail(PROLONGED_MAIL, request, asking, now, again=f"-{last_day}")
    return asking


@transaction.atomic
def withdraw_asking(request_id: UUID, *, actor_user: User, now: datetime) -> Request:
    """Close the asking without an answer, restart the review clock and mail the person."""
    request = lock_for_agent(request_id, RequestAct.DOCUMENT_WITHDRAWN, actor_user)
    asking = _get_open_asking(request)
    asking.closed_at = now
    asking.save(update_fields=["closed_at"])
    _resume_review(request, now)
    write_request_event(request, RequestAct.DOCUMENT_WITHDRAWN, agent=actor_user, now=now)
    _queue_asking_mail(WITHDRAWN_MAIL, request, asking, now)
    return request


def close_moot_askings(now: datetime, user: User | None = None) -> int:
    """Close what is awaited for accesses that have ended for good, of `user` or of everybody:
    nothing depends on the answer any more. No mail: the end of the access was told.
    """
    held = Access.objects.open_or_suspended().filter(
        user=OuterRef("request__user"),
        platform=OuterRef("request__platform"),
        establishment=OuterRef("request__establishment"),
    )
    moot = Asking.objects.open().filter(~Exists(held), request__status=RequestStatus.APPROVED)
    if user is not None:
        moot = moot.filter(request__user=user)
    ids = list(moot.order_by("request_id").values_list("request_id", flat=True)[:_BATCH])
    return sum(_close_moot_asking(request_id, now) for request_id in ids)


@transaction.atomic
def _close_moot_asking(request_id: UUID, now: datetime) -> bool:
    request = lock_request(request_id)
    if request.is_open or find_held_access(request) or find_suspended_access(request):
        return False  # reopened, or given back, at this very moment
    if not request.askings.open().update(closed_at=now):
        return False
    request.save_as_new_version()
    write_request_event(request, RequestAct.DOCUMENT_WITHDRAWN, now=now, text="L’accès a pris fin.")
    return True


@transaction.atomic
def remind_applicant(request_id: UUID, *, now: datetime) -> bool:
    """Send the half-way reminder, once. Returns False when nothing is awaited any more."""
    request = lock_request(request_id)
    claimed = Asking.objects.open().filter(
        request=request, reminded_at__isnull=True, remind_at__lte=now, deadline_at__gt=now
    )
    asking = claimed.first()
    if asking is None or request.user.status != Status.ACTIVE:
        return False
    asking.reminded_at = now
    asking.save(update_fields=["reminded_at"])
    write_request_event(request, RequestAct.DOCUMENT_REMINDED, now=now)
    _queue_asking_mail(
        REMINDED_MAIL, request, asking, now, again=_get_reminder_suffix(request, asking)
    )
    return True


def _get_open_asking(request: Request) -> Asking:
    asking = request.askings.open().first()
    if asking is None:
        raise WrongState("not_asked", "Aucun document n’est attendu pour cette demande.")
    return asking


def _may_write_unasked(request: Request) -> bool:
    return request.status == RequestStatus.APPROVED and find_suspended_access(request) is not None


def _create_unasked_asking(request: Request, now: datetime) -> Asking:
    """An asking without a message, for what a person with a suspended access sends unasked."""
    return Asking.objects.create(
        request=request, asked_at=now, message="", deadline_at=now, remind_at=now
    )


def _resume_review(request: Request, now: datetime) -> None:
    """Restart the clock, and put the request back in the queue."""
    resume_clock(request, now)
    if request.is_open:
        request.status = RequestStatus.SUBMITTED
    request.save_as_new_version("status", "paused_at", "due_at")


def _format_asking(message: str, documents: Sequence[str], last_day: date) -> str:
    lines = [message, *(f"– {line}" for line in documents)]
    return "\n".join(
        [*lines, f"Réponse attendue jusqu’au {french_date(last_day)} inclus (heure de Paris)."]
    )


def _get_reminder_suffix(request: Request, asking: Asking) -> str:
    """Suffix of the reminder's idempotency key: one reminder per deadline, so a prolonged asking is
    reminded again."""
    moved = request.events.filter(
        act=RequestAct.DOCUMENT_PROLONGED, at__gte=asking.asked_at
    ).exists()
    return f"-{asking.last_day}" if moved else ""


def _queue_asking_mail(
    kind: str, request: Request, asking: Asking, now: datetime, *, again: str = ""
) -> None:
    cycle = f"asking-{asking.pk}{again}"
    queue_request_mail(kind, request, cycle, now, data={"asking": asking.pk})
