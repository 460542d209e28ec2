"""A named agent accepts or refuses."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses.flows import create_establishment, grant_access
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import RefusalReason, Request
from registrations.requests.placeholders import fill_all_placeholders
from registrations.requests.request_guards import lock_for_agent
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_clock import stop_awaiting_documents
from registrations.requests.review.review_rules import (
    format_explanation_needed,
    is_explanation_missing,
)


@transaction.atomic
def approve_request(
    request_id: UUID,
    *,
    version: int,
    role: str,
    reason: str = "",
    evidence: str = "",
    internal_note: str = "",
    establishment: str = "",
    actor_user: User,
    now: datetime,
) -> Request:
    """Grants the access and queues the mail to the person.

    `establishment`: the name under which a SIRET that is new to the portal is registered, when the
    applicant's own is not the right one. A known establishment keeps its name.
    `role`: the profile's one, or another with a `reason` (D5). « Administrateur » needs `evidence`:
    what shows that the person may hold it for that SIRET.
    """
    request = lock_for_agent(request_id, RequestAct.APPROVED, actor_user, version)
    if request.user.status != Status.ACTIVE:
        raise Refused(
            "account_not_active",
            "Le compte de cette personne n’est pas actif "
            f"({request.user.get_status_display()})\u00a0: "
            "la demande ne peut pas être acceptée.",
        )
    reason, evidence, internal_note = reason.strip(), evidence.strip(), internal_note.strip()
    given = _check_granted_role(request, role, reason, evidence)
    place = create_establishment(
        siret=request.siret,
        kind=request.kind,
        name=establishment.strip() or request.company_name,
        department=request.department,
        branch=request.branch,
        now=now,
    )
    before = (
        Access.objects.open()
        .filter(user=request.user, platform=request.platform, establishment=place)
        .first()
    )
    grant_access(
        user=request.user,
        platform_code=request.platform.code,
        role=given,
        establishment=place,
        dashboard=request.dashboard,
        actor=Actor.staff(actor_user),
        reason=(reason or evidence or f"Demande {request.reference}")[:300],
        now=now,
    )
    request.status = RequestStatus.APPROVED
    request.granted_role = given
    request.previous_role = before.role if before else ""
    request.previous_dashboard = before.dashboard if before else ""
    request.establishment = place
    _close_request(request, actor_user, now)
    notes = [
        f"Motif du rôle\u00a0: {reason}" if reason else "",
        f"Justificatif\u00a0: {evidence}" if evidence else "",
        f"Établissement\u00a0: {place.name}" if place.name != request.company_name else "",
        internal_note,
    ]
    write_request_event(
        request,
        RequestAct.APPROVED,
        agent=actor_user,
        now=now,
        text=f"Rôle accordé\u00a0: {given.label}.",
        internal_note="\n".join(note for note in notes if note),
        reason=given.value,
    )
    queue_request_mail("registrations.approved", request, request.version, now)
    return request


@transaction.atomic
def refuse_request(
    request_id: UUID,
    *,
    version: int,
    reason: RefusalReason,
    text: str,
    internal_note: str = "",
    actor_user: User,
    now: datetime,
) -> Request:
    """Refuses the request, with a reason of the list and a text that says how to correct it.

    Placeholders of `text` are filled; one that stays without a value stops the act.
    """
    request = lock_for_agent(request_id, RequestAct.REFUSED, actor_user, version)
    text = fill_all_placeholders(text.strip(), request)
    if not text:
        raise Refused("text_needed", "Expliquez le refus\u00a0: ce texte est envoyé à la personne.")
    if is_explanation_missing(text, reason.text):
        raise Refused("text_needed", format_explanation_needed(reason.label))
    request.status = RequestStatus.REFUSED
    request.refusal_reason = reason
    request.decision_text = text
    request.may_resubmit = reason.may_resubmit
    _close_request(request, actor_user, now)
    write_request_event(
        request,
        RequestAct.REFUSED,
        agent=actor_user,
        now=now,
        text=f"Motif\u00a0: {reason.label}.",
        internal_note=internal_note.strip(),
        reason=reason.code,
    )
    queue_request_mail("registrations.refused", request, request.version, now)
    return request


def _check_granted_role(request: Request, role: str, reason: str, evidence: str) -> Role:
    if role not in request.platform.list_roles():
        raise Refused("unknown_role", f"Ce rôle ne peut pas être accordé sur {request.platform}.")
    given, usual = Role(role), Role(request.asked_role)
    if given != usual and not reason:
        raise Refused(
            "reason_needed",
            f"Le profil demandé donne le rôle {usual.label}\u00a0: dites pourquoi vous en accordez "
            "un autre.",
        )
    if given.is_administrator and not evidence:
        raise Refused(
            "evidence_needed",
            f"Pour accorder le rôle {given.label}, indiquez ce qui montre que la personne peut "
            "l’exercer dans cet établissement.",
        )
    return given


def _close_request(request: Request, actor_user: User, now: datetime) -> None:
    stop_awaiting_documents(request, now)
    request.decided_at = now
    request.decided_by = actor_user.public_id
    request.version += 1
    request.save()
