"""The page of a request for its author, and its withdrawal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people.signed_in import get_signed_in_user
from accounts.people.to_do import list_to_do
from mgestion.errors import Refused
from mgestion.personal_data import format_retention
from mgestion.web.kept_typing import kept_values, say_again
from registrations.conversation.forms import MessageForm
from registrations.conversation.thread import load_thread
from registrations.documents.forms import AnswerForm, PostedOnceForm
from registrations.enrolment import request_presentation
from registrations.enrolment.amend_flows import cancel_request
from registrations.enrolment.request_presentation import AccessState
from registrations.enrolment.status_words import describe_decision, describe_study, was_reopened
from registrations.enrolment.submit_flows import find_resend_way
from registrations.enrolment.views import CONFIRMATION_TAG
from registrations.promise.response_times import describe_response_time
from registrations.requests.activity import record_activity
from registrations.requests.contacts import get_handler_contact
from registrations.requests.enums import DueState, RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.platform_links import (
    build_form_url,
    find_entry_url,
    get_request_label,
)
from registrations.requests.querysets import select_applicant_events
from registrations.requests.request_guards import describe_request_state
from registrations.requests.review.review_rules import compute_due_state
from registrations.requests.signed_in_views import get_own_request
from registrations.requests.suspension_flows import (
    find_held_access,
    find_moved_access,
    find_suspended_access,
)


@require_safe
def request_status_view(request: HttpRequest, reference: str) -> HttpResponse:
    current = get_own_request(request, reference)
    now = timezone.now()
    record_activity(get_signed_in_user(request), now=now)
    _, said = kept_values(request, now)
    kept = said.get(MessageForm.text_field) or said.get(AnswerForm.text_field) or ""
    if kept:
        say_again(request)
    return render_request_page(request, current, unsent=kept)


def render_request_page(
    request: HttpRequest,
    current: Request,
    form: PostedOnceForm | None = None,
    *,
    unsent: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the request's page; `form` is a refused answer or message with its errors, `unsent`
    what was typed on a page that was stale.
    """
    now = timezone.now()
    due = compute_due_state(current, now)
    contact = get_handler_contact(current)
    events = list(select_applicant_events(current))
    own_page = reverse("registrations:request_status", args=[current.reference])
    answer = form if isinstance(form, AnswerForm) else AnswerForm(initial={"text": unsent})
    asked = request_presentation.find_awaited_answer(current, now)
    approved = current.status == RequestStatus.APPROVED
    filed = current.origin == RequestOrigin.STAFF
    suspended = find_suspended_access(current) if approved else None
    held = find_held_access(current) if approved else None
    over = approved and held is None and suspended is None
    moved = find_moved_access(current) if over else None
    access = request_presentation.compute_access_state(held, suspended, moved)
    may_correct = current.status == RequestStatus.REFUSED and current.may_resubmit
    may_send = asked is not None or suspended is not None
    # Of an open request, what was forgotten is a message.
    may_add = (
        not may_send and not current.is_open and request_presentation.may_add_documents(current)
    )
    return render(
        request,
        "registrations/enrolment/request_status.html",
        {
            "current": current,
            "filed": filed,
            "heading_short": "Mon justificatif" if filed else "Ma demande",
            "answers_title": "Ce dossier" if filed else "Vos réponses",
            "label": get_request_label(current.platform),
            "form_url": build_form_url(current.platform),
            "resend_url": build_form_url(current.platform, suite=current.reference),
            "entry_url": find_entry_url(current),
            "contact": contact,
            "badge": request_presentation.build_status_badge(current, access),
            "steps": request_presentation.list_steps(current, access),
            "step": request_presentation.get_current_step(current),
            "answers": request_presentation.list_answers(current),
            "events": [request_presentation.build_history_line(event) for event in events],
            "confirmed": current.is_open and _was_just_sent(request, current),
            "email": get_signed_in_user(request).email,
            "to_do": list_to_do(get_signed_in_user(request), now, here=own_page),
            "asked": asked,
            "may_add": may_add,
            "form": answer if may_send or may_add else None,
            "faulty": form,
            "person": get_signed_in_user(request),
            "thread": load_thread(current),
            "message_form": _choose_message_form(current, form, unsent, awaited=asked is not None),
            "unsent": "" if current.is_open else unsent,
            "kept_for": format_retention("uploads"),
            "sent": request_presentation.list_sent_files(current),
            "suspended": suspended,
            "late": due == DueState.OVERDUE,
            "moved": moved,
            "response_time": describe_response_time(now, delegation=current.delegation)
            if due in (DueState.ON_TIME, DueState.AMBER)
            else "",
            "study": describe_study(contact),
            "decision": describe_decision(current, now, reopened=was_reopened(events)),
            "access_ended": approved and access is AccessState.ENDED,
            "may_correct": may_correct,
            "resend_way": find_resend_way(current, now).name if may_correct else "",
        },
        status=status,
    )


def _choose_message_form(
    current: Request, posted: PostedOnceForm | None, unsent: str, *, awaited: bool
) -> MessageForm | None:
    """One writes while the request is open. While a document is awaited, files are the answer."""
    if not current.is_open:
        return None
    if isinstance(posted, MessageForm):
        return posted
    return MessageForm(initial={"message": "" if awaited else unsent}, with_files=not awaited)


def _was_just_sent(request: HttpRequest, current: Request) -> bool:
    """Whether this request was just sent; False once the page is reloaded."""
    return any(
        CONFIRMATION_TAG in message.tags and message.message == current.reference
        for message in messages.get_messages(request)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_request_view(request: HttpRequest, reference: str) -> HttpResponse:
    """Confirmation page on GET, withdrawal on POST."""
    current = get_own_request(request, reference)
    if not current.is_open:
        messages.warning(request, describe_request_state(current, for_staff=False))
        return redirect("registrations:request_status", reference)
    if request.method != "POST":
        return render(
            request,
            "registrations/enrolment/request_cancel.html",
            {"current": current, "label": get_request_label(current.platform)},
        )
    try:
        cancel_request(current.pk, get_signed_in_user(request), timezone.now())
    except Refused as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, f"Votre demande {reference} est annulée.")
    return redirect("registrations:request_status", reference)
