"""An administrator invites, sends again, withdraws. The invitation of an address and its outcome
are the same whether the address has an account or not (S8).
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.entry.limits.rate_limits import count_event, hash_address
from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.staff.permissions import get_staff, may_decide
from accounts.people.addresses import clean_address, fold_address, fold_mailbox
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import end_of_paris_day, french_date, french_last_day, paris_date
from registrations.establishments.colleagues import (
    list_administered_establishments,
)
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.invitations.querysets import (
    filter_by_invitation_state,
    list_offers,
    select_administrator_accesses,
)
from registrations.requests.enums import RegistrationAct

INVITATION_MAIL: Final = "registrations.invitation"
NOT_YOUR_INVITATION: Final = (
    "Cette invitation n’est pas d’un établissement et d’une plateforme que vous "
    "administrez\u00a0: rien n’a été changé."
)
NOT_OFFERED: Final = (
    "Ce profil ne peut pas être proposé\u00a0: choisissez-en un de la liste, sur une plateforme "
    "que vous administrez."
)


def compute_invitation_end(sent_at: datetime) -> datetime:
    """24:00, Paris time, of the last day. Pure."""
    return end_of_paris_day(paris_date(sent_at) + timedelta(days=int(settings.INVITATION_DAYS)))


@transaction.atomic
def invite_colleague(
    viewer: User,
    establishment_key: str,
    *,
    email: str,
    platform_code: str,
    profile_code: str,
    now: datetime,
) -> Invitation:
    """Record the invitation and queue its mail. `email` has passed the rules of the sign-up. Raises
    Refused; none of the refusals depends on an account of the invited address (D69).
    """
    me = User.objects.select_for_update(no_key=True).get(pk=viewer.pk)
    place = _find_administered_place(me, establishment_key)
    rule = _find_offer(me, place, platform_code, profile_code)
    key = fold_address(email)
    if key == me.email_key:
        raise Refused("oneself", "C’est votre propre adresse\u00a0: invitez un collègue.")
    _check_daily_limit(me, now)
    same = Invitation.objects.filter(
        email_key=key, establishment=place, platform=rule.platform, status=InvitationStatus.PENDING
    )
    same.filter(filter_by_invitation_state(InvitationStatus.EXPIRED, now)).update(
        status=InvitationStatus.EXPIRED, closed_at=now
    )
    standing = same.first()
    if standing is not None:
        raise _build_already_invited(standing)
    _check_mailbox_limit(key, now)
    invitation = Invitation(
        establishment=place,
        platform=rule.platform,
        profile=rule.profile,
        role=rule.role,
        email=clean_address(email),
        email_key=key,
        invited_at=now,
    )
    _sign(invitation, me, now)
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError:
        # Another administrator invited the same address between our look-up and our insert.
        standing = same.first()
        if standing is None:
            raise
        raise _build_already_invited(standing) from None
    _queue_invitation_mail(invitation, now)
    _write_invitation_entry(
        RegistrationAct.INVITATION_SENT, invitation, Actor.person(me), now, by=me
    )
    return invitation


@transaction.atomic
def resend_invitation(
    viewer: User, establishment_key: str, invitation_id: UUID, *, now: datetime
) -> Invitation:
    """Send the mail again, for another full period, in the name of who sends it. An invitation that
    expired lives again. Raises Refused, WrongState.
    """
    me, invitation = _lock_own_invitation(viewer, establishment_key, invitation_id)
    _ensure_pending(invitation)
    rule = _find_offer(
        me, invitation.establishment, invitation.platform.code, invitation.profile.code
    )
    wait = invitation.sent_at + settings.LINK_COOLDOWN - now
    if wait > timedelta(0):
        seconds = max(1, round(wait.total_seconds()))
        raise Refused(
            "cooldown",
            f"Un message vient de partir à cette adresse. Attendez encore {seconds}\u00a0secondes "
            "avant d’en envoyer un autre.",
        )
    _check_resending_limit(me, now)
    _check_mailbox_limit(invitation.email_key, now)
    invitation.role = rule.role  # staff may have changed it since
    invitation.sendings += 1
    _sign(invitation, me, now)
    invitation.save()
    _queue_invitation_mail(invitation, now)
    _write_invitation_entry(
        RegistrationAct.INVITATION_RESENT, invitation, Actor.person(me), now, by=me
    )
    return invitation


@transaction.atomic
def revoke_invitation(
    viewer: User, establishment_key: str, invitation_id: UUID, *, now: datetime
) -> Invitation:
    """Its link opens nothing any more; nobody is told. Raises Refused, WrongState."""
    me, invitation = _lock_own_invitation(viewer, establishment_key, invitation_id)
    return _revoke(invitation, Actor.person(me), now)


@transaction.atomic
def revoke_invitation_by_staff(invitation_id: UUID, *, actor: Actor, now: datetime) -> Invitation:
    """By an agent, in their scope. Raises Refused, WrongState."""
    staff = get_staff(User.objects.filter(public_id=actor.ref).first())
    rows = Invitation.objects.filter(in_staff_scope(staff, "establishment__"))
    if not may_decide(staff) or not rows.filter(pk=invitation_id).exists():
        raise Refused("out_of_scope", "Cette invitation n’est pas dans votre périmètre.")
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)
    return _revoke(invitation, actor, now)


def _revoke(invitation: Invitation, actor: Actor, now: datetime) -> Invitation:
    _ensure_pending(invitation)
    invitation.status, invitation.closed_at = InvitationStatus.REVOKED, now
    invitation.save(update_fields=["status", "closed_at"])
    _write_invitation_entry(RegistrationAct.INVITATION_REVOKED, invitation, actor, now)
    return invitation


def _find_administered_place(me: User, establishment_key: str) -> Establishment:
    for place in list_administered_establishments(me):
        if place.key == establishment_key:
            return place
    raise Refused("not_yours", NOT_YOUR_INVITATION)


def _find_offer(
    me: User, place: Establishment, platform_code: str, profile_code: str
) -> AdmissionRule:
    for rule in list_offers(me, place):
        if (rule.platform.code, rule.profile.code) == (platform_code, profile_code):
            return rule
    raise Refused("not_offered", NOT_OFFERED)


def _lock_own_invitation(
    viewer: User, establishment_key: str, invitation_id: UUID
) -> tuple[User, Invitation]:
    """The invitation of an establishment and a platform that the viewer administers now."""
    me = User.objects.get(pk=viewer.pk)
    place = _find_administered_place(me, establishment_key)
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("establishment", "platform", "profile")
        .filter(pk=invitation_id, establishment=place)
        .first()
    )
    administered = select_administrator_accesses(me, place)
    if (
        invitation is None
        or not administered.filter(platform=invitation.platform).order_by().exists()
    ):
        raise Refused("not_yours", NOT_YOUR_INVITATION)
    return me, invitation


def _sign(invitation: Invitation, me: User, now: datetime) -> None:
    """Who sends it, with which role, and until when; the caller saves."""
    held = select_administrator_accesses(me, invitation.establishment)
    access = held.filter(platform=invitation.platform).first()
    if access is None:
        raise Refused("not_yours", NOT_YOUR_INVITATION)
    invitation.invited_by, invitation.inviter_role = me, access.role
    invitation.sent_at, invitation.expires_at = now, compute_invitation_end(now)


def _check_daily_limit(me: User, now: datetime) -> None:
    most, period = settings.INVITATIONS_PER_ADMINISTRATOR
    sent = Invitation.objects.filter(invited_by=me, invited_at__gt=now - period)
    if sent.count() >= most:
        raise Refused(
            "too_many",
            f"Vous avez envoyé {most}\u00a0invitations depuis hier à la même heure\u00a0: c’est le "
            "nombre permis. Attendez demain pour en envoyer d’autres.",
        )


def _check_resending_limit(me: User, now: datetime) -> None:
    """As many as new ones: whoever has invited a thousand people does not mail them all at once."""
    counter = f"invitation-again:{me.public_id}"
    most, period = settings.INVITATIONS_PER_ADMINISTRATOR
    if count_event(counter, (most, period), now=now):
        raise Refused(
            "too_many",
            f"Vous avez renvoyé {most}\u00a0invitations aujourd’hui\u00a0: c’est le nombre permis. "
            "Attendez demain pour en renvoyer d’autres.",
        )


def _check_mailbox_limit(email_key: str, now: datetime) -> None:
    """Counts invitations alone: what else was sent to that mailbox would tell of its account."""
    counter = f"invitation:{hash_address(fold_mailbox(email_key))}"
    if count_event(counter, settings.INVITATIONS_PER_MAILBOX, now=now):
        raise Refused(
            "mailbox_full",
            "Cette adresse a déjà reçu beaucoup d’invitations\u00a0: attendez demain avant de lui "
            "en envoyer une autre.",
        )


def _build_already_invited(standing: Invitation) -> Refused:
    return Refused(
        "already_invited",
        "Cette adresse a déjà une invitation en cours pour cet établissement sur "
        f"{standing.platform}, jusqu’au {french_last_day(standing.expires_at)}. Depuis la liste, "
        "vous pouvez la renvoyer ou la retirer.",
    )


def _ensure_pending(invitation: Invitation) -> None:
    if invitation.status != InvitationStatus.PENDING:
        day = f" depuis le {french_date(invitation.closed_at)}" if invitation.closed_at else ""
        raise WrongState(
            "wrong_state",
            f"Cette invitation est déjà {invitation.get_status_display()}{day}\u00a0: rien n’a été "
            "changé.",
        )


def _queue_invitation_mail(invitation: Invitation, now: datetime) -> None:
    queue_mail(INVITATION_MAIL, subject=invitation.id, cycle=str(invitation.sendings), now=now)


def _write_invitation_entry(
    act: RegistrationAct,
    invitation: Invitation,
    actor: Actor,
    now: datetime,
    *,
    by: User | None = None,
) -> None:
    """Without the address: it may be nobody's account, and the journal is not erased by it."""
    write_journal_entry(
        act,
        actor=actor,
        object_type="invitation",
        object_id=str(invitation.pk),
        person=by.public_id if by else None,
        detail={"platform": invitation.platform.code, "role": invitation.role},
        now=now,
    )
