"""The views where applicants answer a request for documents, and download their own files."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entry.limits.rate_limits import count_event
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused, WrongState
from mgestion.web.errors import too_many_requests
from registrations.documents import flows as documents_flows
from registrations.documents import intake
from registrations.documents.download import build_download_response
from registrations.documents.forms import AnswerForm
from registrations.enrolment.status_views import render_request_page
from registrations.requests.document_models import Upload
from registrations.requests.models import Request
from registrations.requests.signed_in_views import get_own_request

ANSWER_SENT: Final = "Votre réponse est envoyée. L’étude de votre demande continue."
ANSWER_SENT_AFTER_DECISION: Final = (
    "Votre réponse est envoyée à votre délégation, qui en est prévenue. Elle vous écrira."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_view(request: HttpRequest, reference: str) -> HttpResponse:
    """Store the files, then record the answer; if it is refused, the files are deleted."""
    current, user, now = (
        get_own_request(request, reference),
        get_signed_in_user(request),
        timezone.now(),
    )
    if request.method != "POST":  # the URL stays in the address bar after a refused answer
        return redirect("registrations:request_status", reference)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_request_page(request, current, form)
    text, files = form.cleaned_data["text"], form.cleaned_data["documents"]
    # Checked before any file is inspected, then again when the answer is recorded.
    try:
        documents_flows.ensure_answerable(current, user, text=text, files=len(files))
    except Refused as refused:
        return _show_refusal(request, current, form, refused)
    wait = count_event(f"answer:{user.public_id}", settings.ANSWERS_PER_PERSON, now=now)
    if wait:
        return too_many_requests(request, wait)
    try:
        received = intake.receive_files(files)
    except Refused as refused:
        form.add_error("documents", refused.message)
        return render_request_page(request, current, form)
    try:
        documents_flows.record_answer(current.pk, user=user, text=text, files=received, now=now)
    except Refused as refused:
        intake.discard_received_files(received)
        return _show_refusal(request, current, form, refused)
    except BaseException:
        intake.discard_received_files(received)
        raise
    messages.success(request, ANSWER_SENT if current.is_open else ANSWER_SENT_AFTER_DECISION)
    return redirect("registrations:request_status", reference)


def _show_refusal(
    request: HttpRequest, current: Request, form: AnswerForm, refused: Refused
) -> HttpResponse:
    if isinstance(refused, WrongState):  # the form was posted from a stale page
        messages.warning(request, refused.message)
        return redirect("registrations:request_status", current.reference)
    form.add_error(None, refused.message)
    return render_request_page(request, current, form)


@never_cache
@require_safe
def own_document_view(request: HttpRequest, reference: str, upload_id: UUID) -> HttpResponseBase:
    """Download a file of one's own request; 404 for somebody else's."""
    current = get_own_request(request, reference)
    upload = Upload.objects.filter(request=current, pk=upload_id).first()
    if upload is None:
        raise Http404
    return build_download_response(upload)
