"""Who acts in the tests of requests."""

import pytest
from django.test import Client

from accounts.people.models import User
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.registrations import load_reasons


@pytest.fixture
def agent(reference: None) -> User:
    """A reviewer of Île-de-France; the shipped reasons of refusal are there."""
    load_reasons()
    return make_staff("reviewer", delegations=("IDF",))


@pytest.fixture
def user(client: Client, reference: None) -> User:
    """Somebody who has just signed up, logged in to `client`."""
    user = make_newcomer()
    client.force_login(user)
    return user
