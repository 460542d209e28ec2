"""The lines of the administrator's list of invitations. The same for every address."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mgestion.text.dates import french_date, last_day_before
from registrations.enrolment.request_presentation import StatusBadge
from registrations.invitations.models import Invitation, InvitationStatus

_BADGES: Final = {
    InvitationStatus.PENDING: StatusBadge("wait", "En attente"),
    InvitationStatus.ACCEPTED: StatusBadge("ok", "Acceptée"),
    InvitationStatus.REVOKED: StatusBadge("stop", "Retirée"),
    InvitationStatus.EXPIRED: StatusBadge("warn", "Expirée"),
}


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """`until`: when it ends or ended, in words."""

    invitation: Invitation
    badge: StatusBadge
    until: str
    may_resend: bool
    may_revoke: bool


def build_invitation_rows(
    invitations: Iterable[Invitation], administered: Collection[int], now: datetime
) -> list[InvitationRow]:
    """`administered`: the ids of the platforms that the viewer administers there."""
    return [
        build_invitation_row(row, may_act=row.platform_id in administered, now=now)
        for row in invitations
    ]


def build_invitation_row(invitation: Invitation, *, may_act: bool, now: datetime) -> InvitationRow:
    """Pure."""
    state = invitation.get_state(now)
    acts = may_act and invitation.status == InvitationStatus.PENDING
    return InvitationRow(
        invitation,
        _BADGES[state],
        _describe_end(invitation, state),
        may_resend=acts,
        may_revoke=acts and state == InvitationStatus.PENDING,
    )


def _describe_end(invitation: Invitation, state: InvitationStatus) -> str:
    if state in (InvitationStatus.PENDING, InvitationStatus.EXPIRED):
        word = "Jusqu’au" if state == InvitationStatus.PENDING else "Était valable jusqu’au"
        return f"{word} {french_date(last_day_before(invitation.expires_at))} inclus"
    return f"Le {french_date(invitation.closed_at)}" if invitation.closed_at else ""
