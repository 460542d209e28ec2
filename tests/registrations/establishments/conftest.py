"""An establishment and who looks after it."""

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Establishment
from accounts.people.models import User
from tests.factories.habilitations import make_access, make_establishment, make_user
from tests.factories.people import give_session


@pytest.fixture
def place(reference: None) -> Establishment:
    return make_establishment(name="Garage fictif du Port")


@pytest.fixture
def chief(place: Establishment, client: Client) -> User:
    """The Administrateur of the establishment, logged in to `client`."""
    chief = make_user(first_name="Ada", last_name="Cheffe")
    make_access(user=chief, establishment=place, administrator=True)
    give_session(client, chief)
    return chief
