"""Submission of an enrolment request."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.querysets import select_open_accesses
from accounts.habilitations.platforms.admission import (
    choose_admitted_role,
    is_given_later,
    is_requestable,
)
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.querysets import find_fallback_dga
from accounts.habilitations.reference.routing import Route, find_route
from accounts.leaving.block_list import is_blocked
from accounts.legal.terms.request_documents import accept_request_documents
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.people.notifications import notify_identity_change
from mgestion.errors import Refused
from mgestion.outbox.flows import queue_mail
from registrations.conversation.flows import attach_first_files
from registrations.directory.known_answers import is_known_accounting_firm
from registrations.documents.files import delete_files
from registrations.documents.received_files import ReceivedFile, describe_files
from registrations.enrolment.form_answers import ANSWERS, RequestAnswers
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request
from registrations.requests.request_history import write_invited_event, write_request_event
from registrations.requests.review.review_hints import compute_answer_hints
from registrations.requests.review.review_rules import (
    MAX_REQUESTS_A_DAY,
    build_name_key,
    generate_reference,
)
from registrations.search.models import RequestWord
from registrations.search.search_words import build_word_rows

if TYPE_CHECKING:
    from registrations.invitations.models import Invitation

_DAY: Final = timedelta(days=1)


class ResendWay(Enum):
    """How a refused request may be sent again."""

    ALONE = auto()
    WITH_INVITATION = auto()  # which proves the correction too
    NEW_INVITATION = auto()  # only once invited anew: nobody may ask for that by themselves


class RequestAlreadyOpen(Refused):
    """A person has one open request per platform and SIRET; `reference` is the existing one."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "already_open",
            "Vous avez déjà une demande en cours pour cet établissement\u00a0: la voici.",
        )
        self.reference = reference


@transaction.atomic
def submit_request(
    *,
    user: User,
    answers: RequestAnswers,
    form_token: UUID,
    resubmission_of: Request | None = None,
    origin: RequestOrigin = RequestOrigin.FORM,
    service: str = "",
    invitation_id: UUID | None = None,
    asked_role: str = "",
    files: Sequence[ReceivedFile] = (),
    now: datetime,
) -> Request:
    """Record the request, route it, start its clock, mail the person and the délégation (R33, R43).

    Idempotent per `form_token`: the same form posted again returns the request that it made.
    Raises RequestAlreadyOpen or Refused. `origin`: an invitation may give a profile that the form
    does not offer; `asked_role` is then its role, in the place of the rule's. `service`: a checked
    address of the platform, where the person was going.
    """
    # The person is locked first, as in every flow: two posts of one person are serialised.
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.status != Status.ACTIVE:
        raise Refused("account_not_active", "Votre compte n’est pas actif.")
    if is_blocked(person.email):
        raise Refused(
            "blocked",
            "Votre demande ne peut pas être enregistrée en ligne. Écrivez à "
            f"{settings.CONTACT_EMAIL}.",
        )
    earlier = list_compared_requests(person, answers.siret, now, form_token)
    made = next((each for each in earlier if each.form_token == form_token), None)
    if made is not None:
        delete_files(received.stored.token for received in files)
        return made
    if resubmission_of is not None:
        answers = keep_later_profile(resubmission_of, answers)
    _ensure_may_submit(person, answers, earlier, resubmission_of, now)
    carried = find_carried_invitation(resubmission_of, answers, now)
    if carried is not None and resubmission_of is not None:
        invitation_id, origin = carried.pk, RequestOrigin(resubmission_of.origin)
    if origin == RequestOrigin.INVITATION and carried is not None:
        asked_role = carried.role
    if origin == RequestOrigin.FORM:
        ensure_requestable(person, answers)
    where = route_answers(answers)
    request = Request(
        user=person,
        origin=origin,
        service=service,
        status=RequestStatus.SUBMITTED,
        declared_at=now,
        submitted_at=now,
        due_at=now + settings.REVIEW_DUE,
        form_token=form_token,
        resubmission_of=resubmission_of,
        email_key=person.email_key,
        invitation_id=invitation_id,
    )
    apply_answers(request, answers, where)
    request.asked_role = asked_role or request.asked_role
    insert_request(request)
    RequestWord.objects.bulk_create(build_word_rows(request))
    fill_account(person, answers, now)
    accept_request_documents(person, answers.platform.code, now=now)
    attach_first_files(request, files, form_token=form_token, now=now)
    write_request_event(
        request, RequestAct.SUBMITTED, by=person, now=now, text=describe_files(files)
    )
    if carried is not None:
        write_invited_event(request, carried, now)
    queue_mail("registrations.acknowledgment", subject=request.pk, person=person.public_id, now=now)
    notify_delegation(request, now=now)
    return request


def find_carried_invitation(
    before: Request | None, answers: RequestAnswers, now: datetime
) -> "Invitation | None":
    """The invitation of a refused request that proves its correction too (D69): for the same
    platform, establishment and profile, while it and who invited stand.
    """
    invitation = before.invitation if before is not None else None
    if invitation is None or not invitation.may_prove_again(now):
        return None
    place = invitation.establishment
    of_invitation = (invitation.platform, place.siret, place.kind, invitation.profile)
    asked = (answers.platform, answers.siret, answers.kind, answers.profile)
    return invitation if of_invitation == asked else None


def find_resend_way(before: Request, now: datetime) -> ResendWay:
    """Of a refused request that may be sent again, with the same establishment and profile."""
    if before.invitation is None:
        return ResendWay.ALONE
    if before.invitation.may_prove_again(now):
        return ResendWay.WITH_INVITATION
    alone = before.platform.code in MGESTION or is_requestable(
        before.platform, before.kind, before.profile
    )
    return ResendWay.ALONE if alone else ResendWay.NEW_INVITATION


def route_answers(answers: RequestAnswers) -> Route:
    """The destination; without a branch in the form, that of the establishment when it is known."""
    mgestion = answers.platform.code in MGESTION
    branch = answers.branch
    if not mgestion:
        places = Establishment.objects.filter(siret=answers.siret, kind=answers.kind)
        place = places.select_related("branch__dga").first()
        branch = place.branch if place else None
    return find_route(
        kind=answers.kind,
        branch=branch,
        department=answers.department,
        fallback_dga=None if branch and branch.dga else find_fallback_dga(),
        mgestion=mgestion,
    )


def apply_answers(request: Request, answers: RequestAnswers, where: Route) -> None:
    """Copy the answers and the route to the request; the caller saves."""
    request.platform = answers.platform
    request.asked_role = choose_admitted_role(answers.platform, answers.kind, answers.profile)
    for name in ANSWERS:
        setattr(request, name, getattr(answers, name))
    request.delegation = where.delegation
    request.dga = where.dga
    request.dashboard = where.dashboard or ""
    request.name_key = build_name_key(answers.last_name, answers.first_name)
    request.signals = compute_answer_hints(
        email=request.email_key,
        last_name=answers.last_name,
        first_name=answers.first_name,
        company_name=answers.company_name,
        kind=answers.kind,
    )


def notify_delegation(request: Request, *, now: datetime) -> None:
    """Queue the notice to the délégation (R38): one per version, so a new route sends another."""
    queue_request_mail("registrations.to_delegation", request, request.version, now)


def find_open_request(user: User, platform: Platform, siret: str) -> Request | None:
    """For M-Gestion, an open request to either of its two platforms."""
    codes = _list_codes_with(platform)
    rows = Request.objects.open().filter(user=user, siret=siret, platform__code__in=codes)
    return rows.first()


def _list_codes_with(platform: Platform) -> tuple[str, ...]:
    """The platforms of which a person has one open request for a SIRET, with `platform`."""
    return MGESTION if platform.code in MGESTION else (platform.code,)


def list_compared_requests(
    user: User, siret: str, now: datetime, form_token: UUID | None = None
) -> list[Request]:
    """What a new request for `siret` is compared with, read once: the person's requests for the
    same SIRET, those of the last day, and the one that the same form made.
    """
    compared = Q(siret=siret) | Q(submitted_at__gt=now - _DAY)
    if form_token is not None:
        compared |= Q(form_token=form_token)
    return list(Request.objects.filter(compared, user=user).select_related("platform"))


def insert_request(request: Request, reference: str = "") -> None:
    """Insert the request; on a constraint error, look up which constraint: an open request of the
    same SIRET raises RequestAlreadyOpen, a taken reference is drawn again. `reference`: the one
    that was shown already."""
    for attempt in range(3):
        request.reference = (reference if attempt == 0 else "") or generate_reference()
        try:
            with transaction.atomic():
                request.save(force_insert=True)
            return
        except IntegrityError:
            standing = find_open_request(request.user, request.platform, request.siret)
            if standing is not None:
                raise RequestAlreadyOpen(standing.reference) from None
            if attempt == 2:
                raise


def _ensure_may_submit(
    person: User,
    answers: RequestAnswers,
    earlier: Sequence[Request],
    resubmission_of: Request | None,
    now: datetime,
) -> None:
    codes = _list_codes_with(answers.platform)
    for each in earlier:
        if each.is_open and each.siret == answers.siret and each.platform.code in codes:
            raise RequestAlreadyOpen(each.reference)
    if resubmission_of is not None and resubmission_of.user_id != person.pk:
        raise Refused("unknown_request", "La demande à corriger n’existe pas.")
    ensure_not_settled(person, answers, earlier)
    ensure_no_accounting_firm(answers, now)
    if sum(each.submitted_at > now - _DAY for each in earlier) >= MAX_REQUESTS_A_DAY:
        raise Refused(
            "too_many",
            "Vous avez envoyé beaucoup de demandes depuis hier. "
            "Attendez demain ou contactez votre délégation.",
        )


def ensure_not_settled(person: User, answers: RequestAnswers, earlier: Sequence[Request]) -> None:
    """Refuse a request for an establishment where the person was refused for good, or has the same
    access already. Corrections check it too, since they can change the SIRET. `earlier`: of
    `list_compared_requests`.
    """
    asked = (answers.platform.pk, answers.siret)
    decisions = {
        each.decided_at: each
        for each in earlier
        if each.decided_at and (each.platform_id, each.siret) == asked
    }
    last = decisions[max(decisions)] if decisions else None
    if last is not None and last.status == RequestStatus.REFUSED and not last.may_resubmit:
        raise Refused(
            "resubmission_forbidden",
            f"Votre demande {last.reference} pour cet établissement a été refusée, et son motif ne "
            "permet pas de la renvoyer. Contactez votre délégation.",
        )
    held = select_open_accesses(person).filter(
        establishment__siret=answers.siret,
        establishment__kind=answers.kind,
        platform=answers.platform,
    )
    roles = set(held.values_list("role", flat=True))
    if roles and choose_admitted_role(answers.platform, answers.kind, answers.profile) in roles:
        raise Refused(
            "already_granted",
            f"Vous avez déjà cet accès à {answers.platform} pour cet établissement.",
        )


def keep_later_profile(before: Request, answers: RequestAnswers) -> RequestAnswers:
    """The answers that correct `before` with the profile that it asked for, where the form cannot
    offer it: a role that is asked for once the access is open.
    """
    same = (before.platform_id, before.siret, before.kind) == (
        answers.platform.pk,
        answers.siret,
        answers.kind,
    )
    if same and is_given_later(answers.platform, answers.kind, before.profile):
        return replace(answers, profile=before.profile)
    return answers


def ensure_requestable(person: User, answers: RequestAnswers) -> None:
    """Refuse what the platform does not offer, or no longer: it may change while a form is open.
    M-Gestion's form has its own rules, and a training organisation needs no profile there.
    """
    platform = answers.platform
    if platform.code in MGESTION and platform.enabled:
        return
    mine = select_open_accesses(person).filter(
        platform=platform, establishment__siret=answers.siret, establishment__kind=answers.kind
    )
    if not is_requestable(platform, answers.kind, answers.profile, holds_access=mine.exists()):
        raise Refused(
            "not_requestable",
            f"{platform} ne prend plus de demande en ligne pour ce type d’établissement et ce "
            "profil. Rien n’est enregistré. Rechargez la page pour voir ce qu’elle propose, ou "
            f"écrivez à {settings.CONTACT_EMAIL}.",
        )


def ensure_no_accounting_firm(answers: RequestAnswers, now: datetime) -> None:
    """Refuse on M-Gestion a SIRET that a stored answer of the directory says is an accounting
    firm (D14)."""
    if answers.platform.code in MGESTION and is_known_accounting_firm(answers.siret, now):
        raise Refused(
            "accounting_firm",
            "D’après le répertoire public des entreprises, ce SIRET est celui d’un cabinet "
            "comptable (activité 69.20)\u00a0: M-Gestion n’accepte pas leurs demandes. Rien n’est "
            "enregistré. Vérifiez le SIRET. Si le répertoire se trompe, écrivez à "
            f"{settings.CONTACT_EMAIL}.",
        )


def fill_account(person: User, answers: RequestAnswers, now: datetime) -> None:
    """Copy name and phone to an account that has none; nothing is overwritten."""
    fields: dict[str, str] = {}
    if not person.last_name and not person.first_name:
        fields = {"last_name": answers.last_name, "first_name": answers.first_name}
    if not person.phone:
        fields["phone"] = answers.phone
    if fields:
        User.objects.filter(pk=person.pk).update(**fields)
        for name, value in fields.items():
            setattr(person, name, value)
        notify_identity_change(person, fields, now=now)
