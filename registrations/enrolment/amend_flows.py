"""Corrections and withdrawal of an open request by its author."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.people.models import User
from registrations.directory.company_lookup import merge_directory_hints
from registrations.directory.models import CompanyCheck
from registrations.enrolment.form_answers import ANSWERS, RequestAnswers
from registrations.enrolment.submit_flows import (
    RequestAlreadyOpen,
    apply_answers,
    ensure_no_accounting_firm,
    ensure_not_settled,
    ensure_requestable,
    find_open_request,
    keep_later_profile,
    list_compared_requests,
    notify_delegation,
    route_answers,
)
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request
from registrations.requests.request_guards import ensure_allowed, ensure_author, lock_request
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_clock import stop_awaiting_documents
from registrations.search.search_words import index_request


@transaction.atomic
def amend_request(request_id: UUID, user: User, answers: RequestAnswers, now: datetime) -> Request:
    """Replace the answers and route the request again; the due time stays, open decision pages
    become stale. Writes nothing when no answer has changed.
    """
    request = lock_request(request_id)
    ensure_author(request, user)
    ensure_allowed(request, RequestAct.AMENDED, for_staff=False)
    answers = keep_later_profile(request, answers)
    changed = [name for name in ANSWERS if getattr(request, name) != getattr(answers, name)]
    if not changed:
        return request
    if {"siret", "kind", "profile"} & set(changed):
        ensure_not_settled(user, answers, list_compared_requests(user, answers.siret, now))
        # An invitation is for one establishment: another one is asked for as anybody asks.
        ensure_requestable(user, answers)
    if "siret" in changed:
        ensure_no_accounting_firm(answers, now)
    before = request.delegation_id, request.dga_id
    asked_role = request.asked_role
    apply_answers(request, answers, route_answers(answers))
    if not {"kind", "profile"} & set(changed):
        request.asked_role = asked_role  # of the invitation, or of the rule when it was asked for
    # The directory's answer is kept, unless the SIRET changed: then a job asks again.
    check = CompanyCheck.objects.filter(request=request).first()
    request.signals = merge_directory_hints(request, check)
    request.declared_at = now  # declared again with the corrected answers
    request.version += 1
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        standing = find_open_request(user, answers.platform, answers.siret)
        if standing is None or standing.pk == request.pk:
            raise
        raise RequestAlreadyOpen(standing.reference) from None
    index_request(request)
    labels = [label for name, label in ANSWERS.items() if name in changed]
    moved = before != (request.delegation_id, request.dga_id)
    write_request_event(
        request,
        RequestAct.AMENDED,
        by=user,
        now=now,
        text=f"Champs corrigés\u00a0: {', '.join(labels)}.",
        reason="rerouted" if moved else "",
        detail={"fields": changed},
    )
    if moved:
        # The agent in charge may not belong to the new délégation.
        Request.objects.filter(pk=request.pk).update(assignee=None)
        request.assignee = None
        notify_delegation(request, now=now)
    return request


@transaction.atomic
def cancel_request(request_id: UUID, user: User, now: datetime) -> Request:
    """Withdraw the request. No mail is sent: the page confirms it."""
    request = lock_request(request_id)
    ensure_author(request, user)
    ensure_allowed(request, RequestAct.CANCELLED, for_staff=False)
    stop_awaiting_documents(request, now)
    request.status = RequestStatus.CANCELLED
    request.save_as_new_version("status", "due_at", "paused_at")
    write_request_event(request, RequestAct.CANCELLED, by=user, now=now)
    return request
