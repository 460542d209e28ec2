"""The views where applicants write about their request, answer a request for documents, and
download their own files.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entry.limits.rate_limits import count_event, describe_wait
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused, WrongState
from mgestion.web.kept_typing import forget_typing
from registrations.conversation import flows as conversation_flows
from registrations.conversation.forms import MessageForm
from registrations.documents import flows as documents_flows
from registrations.documents import intake
from registrations.documents.download import build_download_response
from registrations.documents.forms import AnswerForm, PostedOnceForm
from registrations.documents.received_files import ReceivedFile, build_post_key
from registrations.enrolment.status_views import render_request_page
from registrations.requests.document_models import Upload
from registrations.requests.models import Request
from registrations.requests.signed_in_views import get_own_request, read_shown_message

ANSWER_SENT: Final = "Votre réponse est envoyée. L’étude de votre demande continue."
ANSWER_SENT_AFTER_DECISION: Final = (
    "Votre réponse est envoyée à votre délégation, qui en est prévenue. Elle vous écrira."
)
MESSAGE_SENT: Final = "Votre message est envoyé\u00a0: vos interlocuteurs en sont prévenus."
TOO_MANY: Final = (
    "Vous avez envoyé beaucoup de messages en peu de temps. Le vôtre n’est pas parti\u00a0: il est "
    "gardé ci-dessous."
)
MESSAGE_CAME: Final = "Un autre message est arrivé depuis\u00a0: il vous attend ci-dessous."
MESSAGES_READ: Final = "C’est noté\u00a0: vous avez lu les messages de votre interlocuteur."


@require_http_methods(["GET", "HEAD", "POST"])
def answer_view(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer what is asked, or add to an answer."""
    current, user = get_own_request(request, reference), get_signed_in_user(request)
    if request.method != "POST":  # the URL stays in the address bar after a refused answer
        return redirect("registrations:request_status", reference)
    form = AnswerForm(request.POST, request.FILES)

    def record(files: list[ReceivedFile], now: datetime) -> None:
        text = form.cleaned_data["text"]
        key = build_post_key(form.form_token, text, files)
        documents_flows.record_answer(
            current.pk,
            user=user,
            text=text,
            files=files,
            key=key,
            shown=read_shown_message(request.POST),
            now=now,
        )

    def check(text: str, files: int) -> None:
        documents_flows.ensure_answerable(current, user, text=text, files=files)

    rate = (f"answer:{user.public_id}", settings.ANSWERS_PER_PERSON)
    said = ANSWER_SENT if current.is_open else ANSWER_SENT_AFTER_DECISION
    return _send_post(request, current, form, check=check, record=record, rate=rate, said=said)


@require_http_methods(["GET", "HEAD", "POST"])
def message_view(request: HttpRequest, reference: str) -> HttpResponse:
    """Write a message about an open request."""
    current, user = get_own_request(request, reference), get_signed_in_user(request)
    if request.method != "POST":
        return redirect("registrations:request_status", reference)
    form = MessageForm(request.POST, request.FILES)

    def record(files: list[ReceivedFile], now: datetime) -> None:
        conversation_flows.send_message(
            current.pk,
            user=user,
            text=form.cleaned_data["message"],
            files=files,
            form_token=form.form_token,
            shown=read_shown_message(request.POST),
            now=now,
        )

    def check(text: str, files: int) -> None:
        conversation_flows.ensure_writable(current, user, text=text, files=files)

    rate = (f"message:{user.public_id}", settings.MESSAGES_PER_PERSON)
    return _send_post(
        request, current, form, check=check, record=record, rate=rate, said=MESSAGE_SENT
    )


def _send_post(
    request: HttpRequest,
    current: Request,
    form: PostedOnceForm,
    *,
    check: Callable[[str, int], None],
    record: Callable[[list[ReceivedFile], datetime], None],
    rate: tuple[str, tuple[int, timedelta]],
    said: str,
) -> HttpResponse:
    """Take the files in, then record the post with those that are kept, and say which are not.
    Where all are refused nothing is recorded; what was typed stays in its box.

    `check` runs before any file is inspected; `record` checks again under the lock.
    """
    text_field, files_field = form.text_field, form.files_field
    if not form.is_valid():
        return render_request_page(request, current, form)
    text, files = form.cleaned_data[text_field], form.cleaned_data[files_field]
    try:
        check(text, min(len(files), settings.UPLOAD_MAX_FILES))
    except Refused as refused:
        return _show_refusal(request, current, form, refused)
    wait = count_event(*rate, now=timezone.now())
    if wait:
        form.add_error(None, f"{TOO_MANY} {describe_wait(wait).capitalize()}")
        return render_request_page(request, current, form, status=429)
    try:
        taken = intake.receive_files(files)
    except Refused as refused:
        form.add_error(files_field, refused.message)
        return render_request_page(request, current, form)
    if files and not taken.received:
        for sentence in taken.refused:
            form.add_error(files_field, sentence)
        return render_request_page(request, current, form)
    try:
        with intake.discard_on_failure(taken.received):
            record(taken.received, timezone.now())
    except Refused as refused:
        return _show_refusal(request, current, form, refused)
    forget_typing(request)
    messages.success(request, said)
    for sentence in taken.refused:
        messages.warning(request, f"{sentence} Le reste est envoyé.")
    return redirect("registrations:request_status", current.reference)


def _find_form_page(reference: str) -> str:
    """Where these forms stand, for `KeptTypingMiddleware`."""
    return reverse("registrations:request_status", args=[reference])


for _view in (answer_view, message_view):
    _view.form_page = _find_form_page  # type: ignore[attr-defined]


def _show_refusal(
    request: HttpRequest, current: Request, form: PostedOnceForm, refused: Refused
) -> HttpResponse:
    """The page with what was typed. From a stale page, as the request stands now."""
    if not isinstance(refused, WrongState):
        nothing_said = refused.code in ("message_needed", "answer_needed")
        form.add_error(form.text_field if nothing_said else None, refused.message)
        return render_request_page(request, current, form)
    text = form.cleaned_data[form.text_field]
    messages.warning(request, refused.message)
    if not text:
        return redirect("registrations:request_status", current.reference)
    now = get_own_request(request, current.reference)
    return render_request_page(request, now, unsent=text, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
def messages_read_view(request: HttpRequest, reference: str) -> HttpResponse:
    """The applicant says that they have read, and have nothing to answer."""
    current, user = get_own_request(request, reference), get_signed_in_user(request)
    if request.method == "POST":
        try:
            read = conversation_flows.mark_read_by_person(
                current.pk,
                user=user,
                shown=read_shown_message(request.POST),
                now=timezone.now(),
            )
        except Refused as refused:
            messages.warning(request, refused.message)
        else:
            if read.person_unread_since is None:
                messages.success(request, MESSAGES_READ)
            else:
                messages.warning(request, MESSAGE_CAME)
    return redirect("registrations:request_status", reference)


@require_safe
def own_document_view(request: HttpRequest, reference: str, upload_id: UUID) -> HttpResponseBase:
    """Download a file of one's own request; 404 for somebody else's."""
    current = get_own_request(request, reference)
    upload = Upload.objects.filter(request=current, pk=upload_id).first()
    if upload is None:
        raise Http404
    return build_download_response(upload)
