"""The invited person confirms: a request is born with the invitation as its evidence, and decided
at once where the table lets the administrator decide (D69).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses.flows import grant_access
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.reference.models import Branch
from accounts.leaving.block_list import is_blocked
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from registrations.enrolment.form_answers import RequestAnswers
from registrations.enrolment.submit_flows import find_open_request, submit_request
from registrations.invitations.emails import OPENED_BY_ADMINISTRATOR_MAIL
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.requests.enums import RegistrationAct, RequestAct, RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.request_guards import ensure_allowed, lock_request
from registrations.requests.request_history import write_invited_event, write_request_event
from registrations.requests.review.review_clock import stop_awaiting_documents

ENDED_WORDS = {
    InvitationStatus.EXPIRED: "Cette invitation a expiré\u00a0: demandez à la personne qui vous a "
    "invité de vous la renvoyer.",
    InvitationStatus.REVOKED: "Cette invitation a été retirée\u00a0: rien n’a été envoyé.",
}


@dataclass(frozen=True, slots=True)
class InvitedAnswers:
    """What the invited person fills in; the invitation says the rest. `branch`: where M-Gestion
    needs it and the establishment has none yet.
    """

    last_name: str
    first_name: str
    phone: str
    branch: Branch | None = None


@dataclass(frozen=True, slots=True)
class AcceptedInvitation:
    """`request` is None when the person had the access already. `opened`: the access is open now.
    `attached`: the invitation joined a request that was open.
    """

    request: Request | None
    opened: bool = False
    attached: bool = False


@transaction.atomic
def accept_invitation(
    user: User, invitation_id: UUID, *, answers: InvitedAnswers | None, now: datetime
) -> AcceptedInvitation:
    """Accept it once: a second post gets the outcome of the first. `answers` may be None only where
    `find_joined_request` names an open request.

    The inviter and the invited person are locked in the order of their keys, then the invitation,
    then the inviter's access: of an acceptance and of the end of that access at once, one comes
    first. Raises Refused, WrongState.
    """
    invitation, person, inviter = _lock_invitation(user, invitation_id)
    if invitation.status == InvitationStatus.ACCEPTED:
        request = find_born_request(person, invitation)
        opened = request is not None and request.status == RequestStatus.APPROVED
        return AcceptedInvitation(request, opened=opened)
    state = invitation.get_state(now)
    if state != InvitationStatus.PENDING:
        raise WrongState("wrong_state", ENDED_WORDS[state])
    obstacle = describe_obstacle(person, invitation)
    if obstacle:
        raise Refused("obstacle", obstacle)
    joined = find_joined_request(person, invitation)
    if joined is None and holds_invited_access(person, invitation):
        _close(invitation, person, now)
        return AcceptedInvitation(None, opened=True)
    if joined is not None:
        request = _join_request(joined, person, invitation)
    elif answers is None:
        raise Refused("answers_needed", "Complétez le formulaire avant de l’envoyer.")
    else:
        try:
            request = _submit(person, invitation, answers, now)
        except Refused as refused:
            if refused.code != "already_granted":
                raise
            # An agent granted it since the check above.
            _close(invitation, person, now)
            return AcceptedInvitation(None, opened=True)
    write_invited_event(request, invitation, now)
    _close(invitation, person, now)
    opened = inviter is not None and _is_decided_by(inviter, invitation, request)
    if inviter is not None and opened:
        _open_access(request, invitation, inviter, now)
    return AcceptedInvitation(request, opened=opened, attached=joined is not None)


def find_joined_request(person: User, invitation: Invitation) -> Request | None:
    """The open request of the person that the invitation joins, instead of a second one."""
    place = invitation.establishment
    standing = find_open_request(person, invitation.platform, place.siret)
    same = standing is not None and standing.platform_id == invitation.platform_id
    return standing if same else None


def find_born_request(person: User, invitation: Invitation) -> Request | None:
    """What came of an accepted invitation: the latest request that carries it, else the one for the
    same platform and establishment, which a later invitation has joined since.
    """
    mine = Request.objects.filter(user=person).order_by("-submitted_at", "-reference")
    same = {"platform": invitation.platform_id, "siret": invitation.establishment.siret}
    return mine.filter(invitation=invitation).first() or mine.filter(**same).first()


def describe_obstacle(person: User, invitation: Invitation) -> str:
    """Why an invitation that is pending cannot be accepted, in French, or empty."""
    if not invitation.platform.enabled:
        return (
            f"{invitation.platform} n’est plus ouverte\u00a0: rien n’est envoyé. Parlez-en à la "
            "personne qui vous a invité."
        )
    if invitation.invited_by_id == person.pk:
        return "Vous avez envoyé cette invitation vous-même\u00a0: un collègue doit vous inviter."
    return ""


def find_replaced_access(person: User, invitation: Invitation) -> Access | None:
    """The person's open access that the invited role would replace."""
    held = Access.objects.open().filter(
        user=person, platform=invitation.platform_id, establishment=invitation.establishment_id
    )
    return held.exclude(role=invitation.role).first()


def asks_branch(invitation: Invitation) -> bool:
    """M-Gestion asks a company for its branch."""
    company = invitation.establishment.kind == EstablishmentKind.ENTREPRISE
    return company and invitation.platform.code in MGESTION


def needs_branch(invitation: Invitation) -> bool:
    """The establishment was born on another platform, which does not ask."""
    return asks_branch(invitation) and invitation.establishment.branch is None


def holds_invited_access(person: User, invitation: Invitation) -> bool:
    return (
        Access.objects.open()
        .filter(
            user=person,
            platform=invitation.platform_id,
            establishment=invitation.establishment_id,
            role=invitation.role,
        )
        .exists()
    )


def _lock_invitation(user: User, invitation_id: UUID) -> tuple[Invitation, User, User | None]:
    """The invitation for the address of `user`, their account, and that of who invited."""
    inviter_id = (
        Invitation.objects.filter(pk=invitation_id).values_list("invited_by", flat=True).first()
    )
    both = User.objects.filter(pk__in=[user.pk, inviter_id or user.pk]).order_by("pk")
    people = {person.pk: person for person in both.select_for_update(no_key=True)}
    person = people.get(user.pk)
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related(
            "establishment__department__delegation",
            "establishment__branch__dga",
            "platform",
            "profile",
            "invited_by",
        )
        .filter(pk=invitation_id)
        .first()
    )
    if person is None or invitation is None or invitation.email_key != person.email_key:
        raise Refused("not_yours", "Cette invitation n’est pas adressée à votre compte.")
    if person.status != Status.ACTIVE:
        raise Refused("account_not_active", "Votre compte n’est pas actif.")
    inviter = people.get(invitation.invited_by_id) if invitation.invited_by_id else None
    return invitation, person, inviter


def _join_request(standing: Request, person: User, invitation: Invitation) -> Request:
    """The request keeps its answers; pages opened before are stale."""
    request = lock_request(standing.pk)
    ensure_allowed(request, RequestAct.INVITED, for_staff=False)
    request.invitation = invitation
    request.save_as_new_version("invitation")
    return request


def _submit(
    person: User, invitation: Invitation, answers: InvitedAnswers, now: datetime
) -> Request:
    place, branch = invitation.establishment, None
    if asks_branch(invitation):
        branch = place.branch or answers.branch
        if branch is None:
            raise Refused("branch_needed", "Choisissez la branche de l’établissement.")
    return submit_request(
        user=person,
        answers=RequestAnswers(
            platform=invitation.platform,
            last_name=answers.last_name,
            first_name=answers.first_name,
            phone=answers.phone,
            company_name=place.name,
            siret=place.siret,
            kind=place.kind,
            department=place.department,
            branch=branch,
            profile=invitation.profile,
        ),
        form_token=invitation.pk,
        origin=RequestOrigin.INVITATION,
        invitation_id=invitation.pk,
        asked_role=invitation.role,
        now=now,
    )


def _close(invitation: Invitation, person: User, now: datetime) -> None:
    invitation.status, invitation.closed_at = InvitationStatus.ACCEPTED, now
    invitation.save(update_fields=["status", "closed_at"])
    write_journal_entry(
        RegistrationAct.INVITATION_ACCEPTED,
        actor=Actor.person(person),
        object_type="invitation",
        object_id=str(invitation.pk),
        person=person.public_id,
        now=now,
    )


def _is_decided_by(inviter: User, invitation: Invitation, request: Request) -> bool:
    """Whether the administrator's signature is the decision: the table says so for that very role,
    and they administer the establishment on that platform at this moment, with an active account.
    Else the request goes to the desk. So it does for a person whose access there an agent has
    suspended: only an agent gives it back (R110).
    """
    rules = AdmissionRule.objects.filter(
        platform=invitation.platform_id,
        kind=invitation.establishment.kind,
        profile=invitation.profile_id,
        role=invitation.role,
        administrator_decides=True,
    )
    if request.asked_role != invitation.role or is_blocked(request.user.email):
        return False
    if (request.siret, request.kind) != (
        invitation.establishment.siret,
        invitation.establishment.kind,
    ):
        return False
    theirs = Access.objects.filter(
        user=request.user_id,
        platform=invitation.platform_id,
        establishment=invitation.establishment_id,
    ).order_by("pk")
    # Locked: of a suspension and of this decision at once, one comes first.
    if any(access.suspended_at is not None for access in theirs.select_for_update(of=("self",))):
        return False
    held = invitation.select_signatures().filter(user=inviter.pk).order_by("pk")
    return rules.exists() and bool(list(held.select_for_update(of=("self",))))


def _open_access(request: Request, invitation: Invitation, inviter: User, now: datetime) -> None:
    """Approve the request in the administrator's name (R46: a named person decides)."""
    place = invitation.establishment
    before = (
        Access.objects.open()
        .filter(user=request.user, platform=request.platform, establishment=place)
        .first()
    )
    grant_access(
        user=request.user,
        platform_code=invitation.platform.code,
        role=invitation.role,
        establishment=place,
        dashboard=request.dashboard,
        actor=Actor.person(inviter),
        reason=f"Invitation de l’administrateur, demande {request.reference}",
        now=now,
    )
    stop_awaiting_documents(request, now)
    request.status = RequestStatus.APPROVED
    request.granted_role = invitation.role
    request.previous_role = before.role if before else ""
    request.previous_dashboard = before.dashboard if before else ""
    request.establishment = place
    request.decided_at, request.decided_by = now, inviter.public_id
    request.version += 1
    request.save()
    write_request_event(
        request,
        RequestAct.APPROVED,
        by=inviter,
        now=now,
        text=f"Rôle accordé\u00a0: {invitation.get_role_display()}, par l’administrateur de "
        "l’établissement.",
        reason=invitation.role,
    )
    for kind in ("registrations.approved", OPENED_BY_ADMINISTRATOR_MAIL):
        queue_mail(
            kind,
            subject=request.pk,
            cycle=str(request.version),
            person=request.user.public_id,
            now=now,
        )
