"""The invitations that wait for a person's answer (`slots.to_do`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from registrations.invitations.evidence import describe_inviter
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.invitations.querysets import filter_by_invitation_state


def select_awaited_invitations(user: User, now: datetime) -> QuerySet[Invitation]:
    """Those that can be accepted (`acceptance_flows.describe_obstacle`)."""
    return Invitation.objects.filter(
        filter_by_invitation_state(InvitationStatus.PENDING, now),
        email_key=user.email_key,
        platform__enabled=True,
    ).exclude(invited_by=user)


def list_invitation_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    rows = select_awaited_invitations(user, now).select_related(
        "platform", "establishment", "invited_by"
    )
    for row in rows:
        yield ToDoLine(
            Urgency.OFFERED,
            f"Vous êtes invité à rejoindre {row.establishment.name}",
            f"Par {describe_inviter(row)}. Sur {row.platform.name}, avec le rôle "
            f"{row.get_role_display()}.",
            "Répondre à l’invitation",
            reverse("registrations:invited", args=[row.pk]),
            row.expires_at,
            platform=row.platform.code,
            tile="Une invitation vous attend",
        )


_WAITS: Final = f"""
    EXISTS (SELECT 1 FROM registrations_invitation AS invitation
            WHERE invitation.email_key = %s AND invitation.expires_at > %s
              AND invitation.status = '{InvitationStatus.PENDING}')"""  # noqa: S608 - SQL of ours
SOURCE: Final = ToDoSource(
    waits=lambda user, now: (_WAITS, [user.email_key, now]), list_lines=list_invitation_lines
)
