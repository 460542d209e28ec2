"""Re-opening a decided request, and undoing the effects of its decision."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.habilitations.accesses.flows import end_access, grant_access
from accounts.habilitations.accesses.models import Access
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from registrations.enrolment.submit_flows import find_open_request, notify_delegation
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_for_agent
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_clock import stop_awaiting_documents
from registrations.requests.suspension_flows import find_held_access, find_suspended_access

REOPENED_MAIL: Final = "registrations.reopened"


@transaction.atomic
def reopen_request(
    request_id: UUID,
    *,
    version: int,
    reason: str,
    internal_note: str = "",
    actor_user: User,
    now: datetime,
) -> Request:
    """Open again, with a new clock of 48 h. `reason` is for the person, who is told.

    What an approval gave is taken back: the access ends, or has its former role again. An access
    that another act gave or changed since is not this decision's, and stays.
    """
    request = lock_for_agent(request_id, RequestAct.REOPENED, actor_user, version)
    if request.origin == RequestOrigin.STAFF:
        raise Refused(
            "no_request",
            "Aucune demande n’a ouvert cet accès\u00a0: il n’y a rien à rouvrir. Changez-le, "
            "suspendez-le ou mettez-y fin depuis sa page.",
        )
    reason = reason.strip()
    if not reason:
        raise Refused("reason_needed", "Dites pourquoi\u00a0: la personne reçoit ce texte.")
    if request.user.status != Status.ACTIVE:
        raise Refused(
            "account_not_active",
            "Le compte de cette personne n’est pas actif\u00a0: sa demande ne peut pas être "
            "rouverte.",
        )
    other = find_open_request(request.user, request.platform, request.siret)
    if other is not None:
        raise Refused(
            "already_open",
            "La personne a déjà renvoyé sa demande pour cet établissement\u00a0: traitez "
            f"{other.reference}.",
        )
    stop_awaiting_documents(request, now)
    if request.status == RequestStatus.APPROVED:
        _take_back_access(request, actor_user, now)
        suspended = find_suspended_access(request)
        if suspended is not None:  # the decision that gave it is taken back
            end_access(
                suspended.pk, actor=Actor.staff(actor_user), reason="request_reopened", now=now
            )
    request.status = RequestStatus.SUBMITTED
    request.due_at = now + settings.REVIEW_DUE
    request.decided_at = request.decided_by = None
    request.granted_role = request.previous_role = request.previous_dashboard = ""
    request.refusal_reason = None
    request.decision_text = ""
    request.may_resubmit = True
    request.assignee = None
    request.version += 1
    request.save()
    write_request_event(
        request,
        RequestAct.REOPENED,
        agent=actor_user,
        now=now,
        text=reason,
        internal_note=internal_note.strip(),
    )
    queue_request_mail(REOPENED_MAIL, request, request.version, now)
    notify_delegation(request, now=now)
    return request


def find_granted_access(request: Request) -> Access | None:
    """The open access that the decision on `request` made or changed, as it left it; one that was
    suspended and given back is still the decision's, and of its date."""
    access = find_held_access(request)
    if access is None or request.decided_at is None:
        return None
    return access if access.granted_at == request.decided_at else None


def _take_back_access(request: Request, actor_user: User, now: datetime) -> None:
    access = find_granted_access(request)
    if access is None:
        return
    if not request.previous_role:
        end_access(access.pk, actor=Actor.staff(actor_user), reason="request_reopened", now=now)
        return
    grant_access(
        user=request.user,
        platform_code=access.platform.code,
        role=request.previous_role,
        establishment=access.establishment,
        dashboard=request.previous_dashboard,
        actor=Actor.staff(actor_user),
        reason=f"Demande {request.reference} rouverte",
        now=now,
    )
