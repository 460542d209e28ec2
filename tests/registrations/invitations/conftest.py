"""An establishment, who invites, and the invitation of somebody who has no account."""

from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.enums import EstablishmentKind, Role
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from registrations.invitations.models import Invitation
from tests.factories.habilitations import make_access, make_establishment, make_user
from tests.factories.invitations import make_invitation
from tests.factories.people import give_session

INVITED = "iris.invitee@garage-exemple.example.org"


@pytest.fixture
def garage(reference: None) -> Establishment:
    return make_establishment(name="Garage fictif du Pont")


@pytest.fixture
def inviter(garage: Establishment, client: Client) -> User:
    """The Administrateur of the garage on M-Gestion, logged in to `client`."""
    inviter = make_user(first_name="Ada", last_name="Invitante")
    make_access(user=inviter, establishment=garage, administrator=True)
    give_session(client, inviter)
    return inviter


@pytest.fixture
def invitation(now: Any, inviter: User, garage: Establishment) -> Invitation:
    return make_invitation(inviter, garage, email=INVITED, now=now)


@pytest.fixture
def firm(reference: None) -> Establishment:
    """An HR firm, and who administers it on M-GEPP."""
    firm = make_establishment(
        name="Cabinet RH fictif", kind=EstablishmentKind.CABINET_RH, branch=None
    )
    head = make_user(first_name="Noé", last_name="Cabinet")
    make_access(
        user=head,
        establishment=firm,
        platform=Platform.objects.get(code="m-gepp-solution"),
        role=Role.ADMINISTRATEUR_CABINET_RH,
        dashboard="",
    )
    return firm
