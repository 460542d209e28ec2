"""Querysets of invitations, and of what an administrator may offer."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import select_open_accesses
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.people.models import User
from registrations.invitations.models import Invitation, InvitationStatus


def select_invitations_with_details() -> QuerySet[Invitation]:
    """With the rows that a page or a mail shows."""
    return Invitation.objects.select_related(
        "establishment__department__delegation",
        "establishment__branch",
        "platform",
        "profile",
        "invited_by",
    )


def filter_by_invitation_state(state: str, now: datetime) -> Q:
    """`Invitation.get_state` as a queryset condition."""
    pending = Q(status=InvitationStatus.PENDING)
    return {
        InvitationStatus.PENDING: pending & Q(expires_at__gt=now),
        InvitationStatus.EXPIRED: Q(status=InvitationStatus.EXPIRED)
        | (pending & Q(expires_at__lte=now)),
        InvitationStatus.ACCEPTED: Q(status=InvitationStatus.ACCEPTED),
        InvitationStatus.REVOKED: Q(status=InvitationStatus.REVOKED),
    }[InvitationStatus(state)]


def select_administrator_accesses(user: User, place: Establishment) -> QuerySet[Access]:
    """The open accesses by which `user` administers `place`, each on its platform; none for an
    account that is not active.
    """
    held = select_open_accesses(user).filter(establishment=place, role__in=ADMINISTRATOR_ROLES)
    return held if user.is_active else held.none()


def list_offers(user: User, place: Establishment) -> list[AdmissionRule]:
    """What `user` may offer a colleague: the profiles of the rules of `place`'s type, on the
    platforms that they administer themselves.
    """
    held = select_administrator_accesses(user, place).order_by()
    rules = AdmissionRule.objects.filter(
        platform__in=held.values("platform_id"), kind=place.kind
    ).select_related("platform", "profile")
    rules = rules.order_by("platform__position", "platform__name", "profile__position", "pk")
    return [rule for rule in rules if rule.role in rule.platform.list_roles()]
