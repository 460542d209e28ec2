"""What the tests of the entry share: a portal with terms in force, and a reader of its outbox."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client

from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from tests.cas.platform_server import PlatformServer, platform_server
from tests.factories.cas import issue, make_platform, make_visitor, validate
from tests.factories.habilitations import make_access
from tests.factories.people import sign_in


@pytest.fixture
def contributions(reference: None) -> Platform:
    """M-Contributions, entered at https://contributions.example.org/."""
    return make_platform()


@pytest.fixture
def visitor(contributions: Platform, now: datetime) -> User:
    """Somebody with an access to M-Contributions."""
    return make_visitor(contributions)


@pytest.fixture
def inside(client: Client, visitor: User) -> Client:
    """That person's browser, logged in."""
    return sign_in(client)


@pytest.fixture
def server() -> Iterator[PlatformServer]:
    """A platform's own server, which the portal calls."""
    with platform_server() as started:
        yield started


@pytest.fixture
def entered(inside: Client, server: PlatformServer) -> str:
    """The ticket by which the person entered M-Contributions, whose server listens for logouts."""
    Platform.objects.filter(code="m-contributions").update(slo_url=f"{server.url}/logout")
    ticket = issue(inside)
    validate(Client(), ticket)
    return ticket


@pytest.fixture
def callback(server: PlatformServer, contributions: Platform) -> str:
    """Where M-Contributions, which may proxy, takes its granting tickets."""
    url = f"{server.url}/rappel"
    Platform.objects.filter(pk=contributions.pk).update(may_proxy=True, proxy_callbacks=[url])
    return url


@pytest.fixture
def target(visitor: User) -> Platform:
    """M-Tutorat, where the visitor has an access too."""
    platform = make_platform("m-tutorat", "https://tutorat.example.org")
    make_access(user=visitor, platform=platform, dashboard="")
    return platform
