"""Somebody with an account, and the browser in which they have logged in."""

import pytest
from django.test import Client

from accounts.people.models import User
from tests.factories.people import log_in, person


@pytest.fixture
def user(db: None) -> User:
    return person()


@pytest.fixture
def owner(user: User) -> Client:
    """Through the page: the session knows its clocks, the browser is a known one."""
    client = Client()
    log_in(client)
    return client
