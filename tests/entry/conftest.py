"""Somebody with an account, and the browser in which they have logged in; somebody without."""

from typing import Any

import pytest
from django.test import Client

from accounts.entry.links import mailed_links
from accounts.legal.models import TermsVersion
from accounts.people.models import User
from tests.factories.people import ADDRESS, PASSWORD, mailed_path, pending, person, settle, sign_in


@pytest.fixture
def user(db: None) -> User:
    return person()


@pytest.fixture
def owner(user: User) -> Client:
    """As through the page: the session knows its clocks, the browser is a known one."""
    client = Client()
    sign_in(client)
    return client


@pytest.fixture
def link(now: Any, terms: TermsVersion) -> str:
    """The path of the link that somebody got who has signed up a moment ago."""
    row = mailed_links.issue_link(pending(), mailed_links.Purpose.SIGN_UP, now=now)
    return f"/inscription/mot-de-passe/{mailed_links.sign_link_key(row)}/"


@pytest.fixture
def mailed_link(client: Client, now: Any, terms: TermsVersion) -> str:
    """The same, read in the mail that the sign-up brought."""
    client.post("/inscription/", {"email": ADDRESS, "email2": ADDRESS})
    settle(now)
    return mailed_path("entry.create_password", "/inscription/mot-de-passe/")


@pytest.fixture
def accepted(terms: TermsVersion) -> dict[str, str]:
    """A right answer to the page of that link."""
    typed = {"password1": PASSWORD, "password2": PASSWORD}
    return {**typed, "terms": "on", "terms_version": str(terms.pk)}
