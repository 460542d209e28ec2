"""The demo's second platform in the registry, and the portal's interfaces as it uses them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.cas import demo_platform
from accounts.habilitations.accesses.flows import end_access
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.api.tokens import find_token
from accounts.habilitations.platforms.cas_services import match_platform
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.launch.demo_platform.portal import Portal, PortalTrouble, TicketRefused
from tests.factories.cas import ask_ticket, make_visitor
from tests.factories.people import NOW, client_of, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(reference: None) -> Platform:
    demo_platform.get_token_path().unlink(missing_ok=True)
    demo_platform.register_platform(NOW)
    return Platform.objects.get(code=demo_platform.CODE)


@pytest.fixture
def visitor(platform: Platform, now: datetime) -> User:
    return make_visitor(platform)


class DirectPortal(Portal):
    """The platform's own client, with Django's test client for a network."""

    def _get(self, path: str, headers: Any) -> tuple[dict[str, Any] | None, str]:
        answer: Any = Client().get(path, headers=dict(headers))
        if answer.status_code == 304:
            return None, headers["If-None-Match"]
        if answer.status_code != 200:
            raise PortalTrouble(str(answer.status_code))
        return answer.json(), answer.get("ETag", "")


@pytest.fixture
def client_there(platform: Platform) -> DirectPortal:
    token = demo_platform.get_token_path().read_text()
    return DirectPortal("http://127.0.0.1:8000", platform.entry_url, token)


def test_it_is_registered_once_at_the_address_of_today(platform: Platform, settings: Any) -> None:
    first = platform.entry_url
    assert match_platform(first) == platform
    key = demo_platform.get_token_path().read_text()
    settings.DEMO_PLATFORM_URL = "http://127.0.0.1:9123"
    call_command("register_demo_platform")
    assert match_platform(first) is None
    assert match_platform("http://127.0.0.1:9123/connexion") == platform
    assert match_platform("http://127.0.0.1:9123/autre") is None
    assert ServiceRule.objects.filter(platform=platform).count() == 1
    assert demo_platform.get_token_path().read_text() == key  # the same one still works
    assert demo_platform.get_token_path().stat().st_mode & 0o077 == 0


def test_a_kept_database_loses_the_page_that_played_a_platform_before(reference: None) -> None:
    older = Platform.objects.filter(code="m-contributions")
    older.update(entry_url="http://localhost:8000/demo/plateforme/")
    ServiceRule.objects.create(
        platform=older.get(), origin="http://localhost:8000", path="/demo/plateforme/"
    )
    user = make_visitor(older.get())
    demo_platform.register_platform(NOW)
    page = client_of(user).get("/services/").text
    assert "/demo/plateforme/" not in page and older.get().home_url in page
    assert match_platform("http://localhost:8000/demo/plateforme/") is None


def test_a_key_that_no_longer_works_is_replaced(platform: Platform) -> None:
    token = demo_platform.get_token_path()
    assert find_token(token.read_text(), NOW + timedelta(days=3 * 365)) is not None
    ApiToken.objects.update(revoked_at=NOW)
    demo_platform.register_platform(NOW)
    assert find_token(token.read_text(), NOW) is not None


def test_it_is_no_platform_of_production(platform: Platform, settings: Any) -> None:
    settings.EMBEDDED = False
    assert match_platform(platform.entry_url) is None  # plain http
    with pytest.raises(CommandError, match="production"):
        call_command("register_demo_platform")


@pytest.mark.req("R8", "R60", "D36")
def test_its_client_reads_the_ticket_the_people_and_the_changes(
    visitor: User, client: Client, client_there: DirectPortal
) -> None:
    sign_in(client)
    ticket = ask_ticket(client, client_there.service)
    arrival = client_there.validate_ticket(ticket)
    access = Access.objects.get(user=visitor)
    told = dict(arrival.attributes)
    assert arrival.subject == str(visitor.public_id)
    assert told["mail"] == visitor.email
    assert (told["role"], told["siret"]) == (access.role, access.establishment.siret)
    assert told["isFromNewLogin"] == "false"
    with pytest.raises(TicketRefused):
        client_there.validate_ticket(ticket)

    (person,), number = client_there.list_people()
    assert person["subject"] == str(visitor.public_id)
    none, known = client_there.list_changes(number, "")
    assert none is not None and none["changes"] == []
    assert client_there.list_changes(number, known) == (None, known)
    end_access(access.pk, actor=Actor.system("test"), reason="left", now=NOW)
    page, _ = client_there.list_changes(number, known)
    assert page is not None
    assert [change["kind"] for change in page["changes"]] == ["ended"]
    client_there.token = "mgp_none"
    with pytest.raises(PortalTrouble):
        client_there.list_people()
