"""Writes messages about a request, and marks them as read. The mails tell of them without their
content.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.outbox.models import Mail, MailStatus
from registrations.conversation.models import RequestMessage
from registrations.documents.files import delete_files
from registrations.documents.flows import ask_for_documents, record_answer
from registrations.documents.received_files import (
    ReceivedFile,
    build_post_key,
    describe_files,
    save_uploads,
)
from registrations.requests.enums import RequestAct
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request
from registrations.requests.placeholders import fill_all_placeholders, fill_known_placeholders
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

TO_PERSON_MAIL: Final = "registrations.message_to_person"
FILES_APART: Final = (
    "Un fichier ne part pas avec une demande de réponse\u00a0: envoyez-le d’abord dans un message."
)
TO_DESK_MAIL: Final = "registrations.message_to_desk"


def ensure_writable(request: Request, user: User, *, text: str, files: int) -> None:
    """Check that the applicant may write now. Raises Refused.

    The view calls it before it inspects any file; `send_message` calls it again under the lock.
    """
    ensure_author(request, user)
    ensure_allowed(request, RequestAct.MESSAGE_RECEIVED, for_staff=False)
    if not text.strip() and not files:
        raise Refused("message_needed", "Écrivez un message ou joignez un fichier.")
    _ensure_room(request, files)


def _ensure_room(request: Request, files: int) -> None:
    if files and request.uploads.count() + files > settings.UPLOADS_PER_REQUEST:
        raise Refused(
            "files_many",
            f"Cette demande contient déjà beaucoup de fichiers\u00a0: "
            f"{settings.UPLOADS_PER_REQUEST} au plus. Envoyez votre message sans fichier.",
        )


@transaction.atomic
def send_message(
    request_id: UUID,
    *,
    user: User,
    text: str,
    files: Sequence[ReceivedFile] = (),
    form_token: UUID,
    shown: int | None = None,
    now: datetime,
) -> Request:
    """Record a message of the applicant, and tell those who review the request. The review clock
    goes on as it was; files that come while a document is awaited are the answer, which restarts
    it. `shown`: of `find_unshown_message`.
    """
    request = lock_request(request_id)
    text = text.strip()
    key = build_post_key(form_token, text, files)
    if _is_recorded(request, key):
        delete_files(received.stored.token for received in files)
        return request
    ensure_writable(request, user, text=text, files=len(files))
    if files and request.askings.open().exists():
        return record_answer(
            request_id, user=user, text=text, files=files, key=key, shown=shown, now=now
        )
    message = RequestMessage.objects.create(request=request, sent_at=now, text=text, post_key=key)
    save_uploads(request, files, message_id=message.pk, now=now)
    request.save_as_new_version()
    write_request_event(
        request,
        RequestAct.MESSAGE_RECEIVED,
        by=user,
        now=now,
        text=describe_files(files),
        detail={"files": len(files)},
        unshown=find_unshown_message(request, shown),
    )
    _queue_message_mail(TO_DESK_MAIL, request, message, now)
    return request


def attach_first_files(
    request: Request, files: Sequence[ReceivedFile], *, form_token: UUID, now: datetime
) -> None:
    """Keep the files that came with the form, as the first message of the conversation. Nobody is
    told: the request itself is new to everybody.
    """
    if not files:
        return
    key = build_post_key(form_token, "", files)
    message = RequestMessage.objects.create(request=request, sent_at=now, post_key=key)
    save_uploads(request, files, message_id=message.pk, now=now)


@transaction.atomic
def write_to_applicant(
    request_id: UUID,
    *,
    version: int,
    text: str,
    form_token: UUID,
    files: Sequence[ReceivedFile] = (),
    pause: bool = False,
    last_day: date | None = None,
    actor_user: User,
    now: datetime,
) -> Request:
    """Record a message of an agent, and tell the applicant. The review clock goes on, unless
    `pause`: the message is then an asking, with its deadline, its reminder and its own mail, and
    takes no files, since those of an asking are the answer.
    """
    request = lock_request(request_id)
    ensure_reviewer(request, actor_user)
    text = text.strip()
    key = build_post_key(form_token, text, files)
    if _is_recorded(request, key) or _is_asked(request, text, actor_user):
        delete_files(received.stored.token for received in files)
        return request
    ensure_allowed(request, RequestAct.MESSAGE_SENT, for_staff=True)
    ensure_version(request, version)
    ensure_reachable(request, now)
    if not text:
        raise Refused("text_needed", "Écrivez le message à la personne.")
    _ensure_room(request, len(files))
    if pause and files:
        raise Refused("files_apart", FILES_APART)
    if pause:
        ask_for_documents(
            request_id,
            version=version,
            message=text,
            last_day=last_day,
            actor_user=actor_user,
            now=now,
        )
        return lock_request(request_id)
    message = RequestMessage.objects.create(
        request=request,
        sent_at=now,
        written_by=actor_user.public_id,
        text=fill_all_placeholders(text, request),
        post_key=key,
    )
    save_uploads(request, files, message_id=message.pk, now=now)
    request.save_as_new_version()
    write_request_event(
        request,
        RequestAct.MESSAGE_SENT,
        agent=actor_user,
        now=now,
        text=describe_files(files),
        detail={"files": len(files)},
    )
    _queue_message_mail(TO_PERSON_MAIL, request, message, now)
    return request


@transaction.atomic
def mark_read_by_desk(
    request_id: UUID, *, version: int, actor_user: User, now: datetime
) -> Request:
    """An agent has read what the applicant wrote and has nothing to answer. Idempotent. A version
    that was not read is refused: it may hold a message that the page did not show.
    """
    request = lock_for_agent(request_id, RequestAct.MESSAGE_READ, actor_user, version)
    if request.desk_unread_since is not None:
        write_request_event(request, RequestAct.MESSAGE_READ, agent=actor_user, now=now)
    return request


@transaction.atomic
def mark_read_by_person(
    request_id: UUID, *, user: User, shown: int | None = None, now: datetime
) -> Request:
    """The applicant has read the messages of the desk and has nothing to answer. Idempotent. What
    was written since their page was shown still waits: they have not seen it.
    """
    request = lock_request(request_id)
    if request.user_id != user.pk:
        raise Refused("unknown_request", "Cette demande n’existe pas ou plus.")
    ensure_allowed(request, RequestAct.MESSAGE_SEEN, for_staff=False)
    if request.person_unread_since is not None:
        write_request_event(
            request,
            RequestAct.MESSAGE_SEEN,
            by=user,
            now=now,
            unshown=find_unshown_message(request, shown),
        )
    return request


def _is_recorded(request: Request, key: UUID) -> bool:
    """Whether this very post came before, as a message or as an answer."""
    return (
        RequestMessage.objects.filter(request=request, post_key=key).exists()
        or request.askings.filter(answer_key=key).exists()
    )


def _is_asked(request: Request, text: str, by: User) -> bool:
    """Whether this agent waits for an answer to this very text."""
    open_asking = request.askings.open().filter(asked_by=by.public_id).first()
    return open_asking is not None and open_asking.message == fill_known_placeholders(text, request)


def _queue_message_mail(
    kind: str, request: Request, message: RequestMessage, now: datetime
) -> None:
    """One mail tells of all messages of the next minutes: those that follow find it waiting."""
    waiting = Mail.objects.filter(
        kind=kind, subject_id=request.pk, status=MailStatus.QUEUED, next_at__gt=now
    )
    if not waiting.exists():
        later = now + settings.MESSAGE_MAIL_DELAY
        queue_request_mail(kind, request, message.pk, now, not_before=later)
