"""Invitations for tests, made by the real verbs."""

import itertools
from datetime import datetime

from accounts.habilitations.accesses.models import Establishment
from accounts.people.models import User
from registrations.invitations.acceptance_flows import InvitedAnswers
from registrations.invitations.flows import invite_colleague
from registrations.invitations.models import Invitation
from tests.factories.habilitations import NOW

_numbers = itertools.count(1)
ANSWERS = InvitedAnswers("Invitée", "Iris", "+33199001234")


def make_invitation(
    inviter: User,
    place: Establishment,
    *,
    email: str = "",
    platform: str = "m-gestion-entreprise",
    profile: str = "ENT-GEST",
    now: datetime = NOW,
) -> Invitation:
    """`inviter` administers `place` on that platform."""
    return invite_colleague(
        inviter,
        place.key,
        email=email or f"iris.fictive{next(_numbers)}@garage-exemple.example.org",
        platform_code=platform,
        profile_code=profile,
        now=now,
    )
