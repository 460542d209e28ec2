"""Public clients, unmodified, against a running server: python-cas, and django-cas-ng as a
platform.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cas import CASClient, CASError
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import Page

from accounts.cas.tasks import deliver_single_logouts
from accounts.entry.recovery.flows import set_password
from accounts.leaving import account_departures
from accounts.people.enums import DeactivationReason
from accounts.people.models import User
from accounts.profile.account.flows import log_out_everywhere
from mgestion.journal.actors import Actor
from tests.cas.platform_server import platform_server
from tests.factories.cas import make_platform, make_visitor
from tests.factories.habilitations import load_reference, make_access
from tests.factories.people import ADDRESS, PASSWORD
from tests.servers.processes import ChildProcess, free_port, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
SERVICE = "https://contributions.example.org/app/entree"
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")


@dataclass
class Browser:
    """A person’s browser without JavaScript: cookies, redirects, forms."""

    portal: str

    def __post_init__(self) -> None:
        self.session = requests.Session()

    def get(self, url: str, follow: bool = True) -> requests.Response:
        return self.session.get(url, allow_redirects=follow, timeout=60)

    def log_in(self, page: requests.Response, follow: bool = True) -> requests.Response:
        """Fills the login form of `page`."""
        assert 'name="password"' in page.text, page.text[:2000]
        form = page.text[page.text.index('action="/cas/login"') :].split("</form>")[0]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        fields = {**hidden, "username": ADDRESS, "password": PASSWORD}
        return self.session.post(
            f"{self.portal}/cas/login",
            data={name: value.replace("&amp;", "&") for name, value in fields.items()},
            allow_redirects=follow,
            timeout=60,
        )


@pytest.fixture
def surfer(live_server: Any) -> Iterator[Browser]:
    load_reference()
    found = Browser(live_server.url)
    with found.session:
        yield found


# --- python-cas ----------------------------------------------------------------------------------


@pytest.mark.cas("C1")
@pytest.mark.req("R8", "R60")
def test_python_cas_logs_a_person_in(surfer: Browser) -> None:
    platform = make_platform(attributes=["mail", "role"])
    user = make_visitor(platform, now=timezone.now())
    for version in (1, 2, 3):
        log_in_and_out(surfer, user, version)


def log_in_and_out(surfer: Browser, user: User, version: int) -> None:
    client = CASClient(
        version=version, server_url=f"{surfer.portal}/cas/", service_url=f"{SERVICE}?next=%2Fa%26b"
    )
    with client.session:
        response = surfer.log_in(surfer.get(client.get_login_url()), follow=False)
        assert response.status_code == 303
        ticket = parse_qs(urlsplit(response.headers["Location"]).query)["ticket"][0]
        name, attributes, granting = client.verify_ticket(ticket)
        assert (name, granting) == (str(user.public_id), None)
        if version == 3:
            assert attributes["mail"] == ADDRESS
            assert attributes["role"] == "gestionnaire"
            assert attributes["isFromNewLogin"] == "true"
        assert client.verify_ticket(ticket)[0] is None
        out = surfer.get(client.get_logout_url(SERVICE), follow=False)
    if version == 3:  # the older ones send `url`, which this protocol ignores (O5)
        assert out.headers["Location"] == SERVICE
    else:
        assert out.status_code == 200


@pytest.mark.cas("C1", "P2", "P4", "P5")
def test_python_cas_asks_for_proxy_tickets(surfer: Browser) -> None:
    with platform_server() as server:
        callback = f"{server.url}/rappel"
        platform = make_platform(may_proxy=True, proxy_callbacks=[callback])
        user = make_visitor(platform, now=timezone.now())
        behind = make_platform("m-tutorat", "https://tutorat.example.org")
        make_access(user=user, platform=behind, dashboard="")
        address = f"{surfer.portal}/cas/"
        mine = CASClient(
            version=3, server_url=address, service_url=SERVICE, proxy_callback=callback
        )
        target = "https://tutorat.example.org/api"
        other = CASClient(version=2, server_url=address, service_url=target)
        other.url_suffix = "proxyValidate"
        with mine.session, other.session:
            arrived = surfer.log_in(surfer.get(mine.get_login_url()), follow=False)
            ticket = parse_qs(urlsplit(arrived.headers["Location"]).query)["ticket"][0]
            name, _, iou = mine.verify_ticket(ticket)
            granting = {
                call.fields["pgtIou"][0]: call.fields["pgtId"][0] for call in server.received
            }
            proxy_ticket = other.get_proxy_ticket(granting[iou])
            assert proxy_ticket.startswith("PT-")
            seen = other.verify_ticket(proxy_ticket)
            assert (name, seen[0]) == (str(user.public_id), str(user.public_id))
            with pytest.raises(CASError):
                other.get_proxy_ticket("PGT-inconnu")


# --- django-cas-ng -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def platform_url(live_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second Django process, for all tests of this file."""
    port, folder = free_port(), tmp_path_factory.mktemp("platform")
    log = folder / "platform.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cas.relying_party"]
            + [str(port), f"{live_server.url}/cas/", str(folder / "platform.sqlite3")],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": ""},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(f"{url}/alive"), ChildProcess(process, log))
            yield url
        finally:
            process.terminate()
            process.wait(timeout=60)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=10).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


@pytest.fixture
def visitor(surfer: Browser, platform_url: str) -> User:
    """Somebody with an access to that process, which is registered as M-Contributions."""
    platform = make_platform(
        origin=platform_url,
        attributes=["mail", "givenName", "sn", "habilitation"],
        slo_url=f"{platform_url}/login/",
    )
    return make_visitor(platform, first_name="Jeanne", last_name="Martin", now=timezone.now())


LEAVING: dict[str, Callable[[User, Browser], Any]] = {
    "logout": lambda user, surfer: surfer.get(f"{surfer.portal}/cas/logout"),
    "logout everywhere": lambda user, surfer: log_out_everywhere(user, now=timezone.now()),
    "password change": lambda user, surfer: set_password(
        user,
        password_hash=make_password(PASSWORD),
        reason="reset",
        actor=Actor.person(user),
        now=timezone.now(),
    ),
    "deactivation": lambda user, surfer: account_departures.deactivate_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=timezone.now()
    ),
}


@pytest.mark.cas("C2")
@pytest.mark.req("R1", "R8", "R60", "D36", "D60", "S20")
def test_django_cas_ng_logs_in_reads_who_came_and_loses_its_session_by_single_logout(
    surfer: Browser, platform_url: str, visitor: User
) -> None:
    for way, leave in LEAVING.items():
        page = surfer.get(f"{platform_url}/?from=mail")
        assert page.url.startswith(f"{surfer.portal}/cas/login?service=")
        arrived = surfer.log_in(page)
        assert arrived.url == f"{platform_url}/?from=mail", arrived.text[:2000]
        told = surfer.get(platform_url, follow=False).json()
        assert told["user"] == str(visitor.public_id)
        assert told["email"] == ADDRESS
        assert told["attributes"]["last_name"] == "Martin"
        assert told["attributes"]["habilitation"].endswith(":entreprise:gestionnaire")
        visitor.refresh_from_db()
        leave(visitor, surfer)
        assert surfer.get(platform_url, follow=False).status_code == 200, way  # not told yet
        deliver_single_logouts()
        gone = surfer.get(platform_url, follow=False)
        assert (gone.status_code, gone.headers["Location"]) == (302, "/login/?next=/"), way
        assert 'name="password"' in surfer.get(platform_url).text, way


@pytest.mark.req("D36", "R60")
def test_django_cas_ng_lets_in_whoever_has_a_session_without_a_form(
    surfer: Browser, platform_url: str, visitor: User
) -> None:
    surfer.log_in(surfer.get(f"{surfer.portal}/cas/login"))
    arrived = surfer.get(f"{platform_url}/?from=tile")
    assert arrived.url == f"{platform_url}/?from=tile"
    assert arrived.json()["user"]


@pytest.mark.cas("A11")
@pytest.mark.browser
@pytest.mark.req("R8", "R28", "S24")
def test_a_browser_is_let_through_the_content_policy_to_the_platform(
    page: Page, platform_url: str, visitor: User
) -> None:
    """`form-action` names the service's origin, or Chromium stops the redirect that follows the
    form.
    """
    page.goto(f"{platform_url}/?from=mail")
    page.locator("[name=username]").fill(ADDRESS)
    page.locator("[name=password]").fill("Mauvais-Mot-2026")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(f"{platform_url}/?from=mail")
    assert ADDRESS in page.inner_text("body")
