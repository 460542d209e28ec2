"""A platform that people enter by CAS, and somebody who may."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.cas.tickets import ticket_life
from accounts.entry.models import SessionRecord
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.people.models import User
from tests.factories.habilitations import make_access
from tests.factories.people import person

ORIGIN = "https://contributions.example.org"
SERVICE = f"{ORIGIN}/app/entree"


def make_platform(
    code: str = "m-contributions", origin: str = ORIGIN, path: str = "/", **fields: Any
) -> Platform:
    """A platform of the reference tables, entered at `origin`."""
    platform = Platform.objects.get(code=code)
    for name, value in fields.items():
        setattr(platform, name, value)
    platform.save()
    ServiceRule.objects.create(platform=platform, origin=origin, path=path)
    return platform


def make_visitor(platform: Platform, **fields: Any) -> User:
    """An active account with an open access to `platform`."""
    user = person(**fields)
    make_access(user=user, platform=platform, dashboard="")
    return user


def ticket_in(response: Any) -> str:
    """The ticket that a redirect hands over."""
    assert response.status_code == 303, response.status_code
    return str(parse_qs(urlsplit(response["Location"]).query)["ticket"][0])


def ask_ticket(client: Client, service: str = SERVICE, **more: str) -> str:
    """From a live session."""
    response: Any = client.get("/cas/login", {"service": service, **more})
    return ticket_in(response)


def issue(client: Client, service: str = SERVICE) -> str:
    """As `ask_ticket`, without the page."""
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    record = SessionRecord.objects.select_related("user").get(session_key=key)
    found = cas_services.find_service_match(service)
    assert found is not None, service
    ticket = ticket_life.issue_ticket(
        *(record.user, found.platform, found.service),
        session_key=key,
        new_login=False,
        now=timezone.now(),
    )
    assert ticket, service
    return ticket


def validate(
    client: Client,
    ticket: str,
    service: str = SERVICE,
    path: str = "/cas/p3/serviceValidate",
    **more: str,
) -> str:
    response: Any = client.get(path, {"service": service, "ticket": ticket, **more})
    assert response.status_code == 200
    return str(response.content.decode())
