"""One address, spelt as a client, a browser and a platform each spell it (L14, V8, S1)."""

import logging
import string
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.cas.models import Ticket
from accounts.entry.login.adapter import SeeService
from accounts.habilitations.enums import Dashboard
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.cas_services import (
    are_same,
    find_address_fault,
    parse_service_address,
)
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from tests.factories.cas import ORIGIN, SERVICE, ask_ticket, issue, ticket_in, validate
from tests.factories.habilitations import make_access
from tests.factories.people import log_in, person
from tests.rolled_back import rolled_back

RAW = "|{}^`"  # what browsers leave as it is in a query, and Django would encode


@pytest.mark.django_db
@pytest.mark.cas("L14", "V8")
@pytest.mark.req("R8", "R28")
def test_l14_v8_the_redirect_writes_the_address_as_it_was_received_and_two_spellings_are_taken(
    inside: Client,
) -> None:
    service = f"{SERVICE}?f=a{RAW}b"
    response: Any = inside.get(f"/cas/login?{urlencode({'service': service})}")
    address, _, ticket = response["Location"].partition("&ticket=")
    assert address == service
    # The client reads its own address from the request, and sends it so.
    assert "authenticationSuccess" in validate(Client(), ticket, address)
    # Or it encodes what the browser did not.
    given = f"{SERVICE}?f=a{quote(RAW)}b"
    assert "authenticationSuccess" in validate(Client(), issue(inside, service), given)
    for asked, given in ((f"{ORIGIN}:443/a?q=é", f"{ORIGIN}/a?q=%C3%A9"), (f"{ORIGIN}/?", ORIGIN)):
        assert "authenticationSuccess" in validate(Client(), issue(inside, asked), given)
        assert "authenticationSuccess" in validate(Client(), issue(inside, given), asked)
    assert "INVALID_SERVICE" in validate(Client(), issue(inside, f"{ORIGIN}/a?q=1"), ORIGIN)


@pytest.mark.cas("V8")
def test_v8_spellings_of_one_address_are_one() -> None:
    for asked, other in [
        (ORIGIN, f"{ORIGIN}/"),
        ("https://CONTRIBUTIONS.example.org/a", f"{ORIGIN}/a"),
        ("HTTPS://contributions.example.org/a", f"{ORIGIN}/a"),
        (f"{ORIGIN}:443/a", f"{ORIGIN}/a"),
        (f"{ORIGIN}/index.php?", f"{ORIGIN}/index.php"),
        (f"{ORIGIN}/index.php#/route", f"{ORIGIN}/index.php"),
        (f"{ORIGIN}/a?q=é", f"{ORIGIN}/a?q=%C3%A9"),
        (f"{ORIGIN}/a?q=%c3%a9", f"{ORIGIN}/a?q=%C3%A9"),
        (f"{ORIGIN}/a?q=l'eau", f"{ORIGIN}/a?q=l%27eau"),
    ]:
        assert are_same(asked, other) and are_same(other, asked), (asked, other)


@pytest.mark.cas("V7", "V8")
@pytest.mark.req("S21")
def test_v7_another_origin_path_or_query_stays_another_address() -> None:
    for other in [
        f"{ORIGIN}/A?q=1",
        f"{ORIGIN}/a?q=2",
        f"{ORIGIN}/a?q=1&",
        f"{ORIGIN}/a",
        f"{ORIGIN}/a/?q=1",
        f"{ORIGIN}/%61?q=1",
        f"{ORIGIN}:8443/a?q=1",
        "https://contributions.example.org.evil.example/a?q=1",
        "https://contributions.example.org\\@evil.example/a?q=1",
        "/a?q=1",
    ]:
        assert not are_same(f"{ORIGIN}/a?q=1", other), other


# --- properties ----------------------------------------------------------------------------------

_TEXT = st.text(alphabet=st.sampled_from(string.printable + "é\\%_🚗ſ\u200b"), max_size=30)
_QUERY = st.text(
    alphabet=st.sampled_from(string.ascii_letters + string.digits + "=&+%/?:@|{}^`'\"<>[]é🚗"),
    max_size=40,
)
_PATH = st.text(alphabet=st.sampled_from(string.ascii_letters + "/-_~|{}é"), max_size=20)


def _as_a_browser_writes(service: str) -> str:
    """The address that follows a redirect: what the URL standard encodes in a query, encoded."""
    return quote(service, safe=string.printable.translate({ord(c): None for c in "\"<>' "}))


@pytest.mark.cas("V8")
@given(path=_PATH, query=_QUERY)
def test_v8_what_a_browser_makes_of_an_address_is_still_that_address(path: str, query: str) -> None:
    service = f"https://h.example.org/{path}?{query}"
    if parse_service_address(service) is None:
        return
    location = SeeService(service)["Location"]
    assert are_same(service, _as_a_browser_writes(location))
    assert are_same(service, service.replace("https://h.", "HTTPS://H."))
    assert are_same(service, f"{service}#ici")


@pytest.mark.cas("V8")
@given(one=_TEXT, other=_TEXT)
def test_v8_two_that_are_one_have_the_same_origin_path_and_query(one: str, other: str) -> None:
    first, second = f"https://h.example.org{one}", f"https://h.example.org{other}"
    left, right = parse_service_address(first), parse_service_address(second)
    assert are_same(first, second) == are_same(second, first)
    if left is None or right is None:
        assert not are_same(first, second)
        return
    assert are_same(first, first)
    if are_same(first, second):
        assert left.origin == right.origin
        assert left.canonical.split("?")[0] == right.canonical.split("?")[0]
        assert left.canonical == right.canonical


@given(_TEXT | _TEXT.map(lambda tail: f"https://h.example.org/{tail}"))
def test_an_address_has_one_reading_or_a_reason(url: str) -> None:
    assert bool(find_address_fault(url)) == (parse_service_address(url) is None)


@pytest.mark.cas("A1", "A6")
@given(_QUERY)
def test_a_redirect_to_a_service_stays_at_its_origin(query: str) -> None:
    service = f"https://h.example.org/?{query}"
    if parse_service_address(service) is not None:
        location = SeeService(service)["Location"]
        assert location.startswith("https://h.example.org/?")
        assert "\n" not in location and "\r" not in location


# --- the published links (R9) --------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.req("R5", "R8", "R9", "R28")
def test_the_published_link_of_m_gestion_leads_to_this_portal(inside: Client) -> None:
    published = "https://mgestion.opcomobilites.fr/app/authenticate/automobile"
    found = cas_services.find_service_match(published)
    assert found is not None and found.platform.code == "m-gestion-entreprise"
    response: Any = inside.get("/cas/login", {"service": published})
    # No access yet: this portal's own page follows, which leads to the form.
    assert (response.status_code, response["Location"]) == (303, "/app/authenticate/automobile")
    assert not Ticket.objects.exists()
    anonymous = Client().get("/cas/login", {"service": published})
    assert 'name="password"' in anonymous.text
    assert "mgestion.opcomobilites.fr" not in anonymous["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.req("R5", "R8", "R9", "R47", "D47")
def test_a_published_link_leads_from_the_login_to_the_space_of_its_branch(
    reference: None, now: datetime
) -> None:
    user = person()
    for branche in Dashboard.values:
        with rolled_back():
            client, published = (
                Client(),
                f"https://mgestion.opcomobilites.fr/app/authenticate/{branche}",
            )
            answer: Any = log_in(client, service=published)
            assert (answer.status_code, answer["Location"]) == (303, f"/app/authenticate/{branche}")
            if branche in (Dashboard.TRANSPORT, Dashboard.OF):
                enter_space(client, user, branche, published)


def enter_space(client: Client, user: User, branche: str, published: str) -> None:
    platform = cas_services.match_platform(published)
    assert platform is not None
    answer: Any = client.get("/cas/login", {"service": published})
    place = client.get(client.get(answer["Location"])["Location"])
    assert place["Location"] == f"/m-gestion/demande/?branche={branche}"
    make_access(user=user, platform=platform, dashboard=branche)
    again: Any = client.get("/cas/login", {"service": published})
    own = f"http://127.0.0.1:8000/app/authenticate/{branche}"
    assert again["Location"] == f"{own}?ticket={ticket_in(again)}"
    # The ticket is the portal's own: it opens nothing for who would show it from elsewhere.
    assert "INVALID_SERVICE" in validate(Client(), ticket_in(again), published)
    dashboard: Any = client.get(again["Location"].replace(own, f"/app/authenticate/{branche}"))
    dashboard = client.get(dashboard["Location"])
    assert '<h1><span class="nowrap">M-Gestion</span> ' in dashboard.text


@pytest.mark.django_db
@pytest.mark.cas("A1", "A11")
@pytest.mark.req("R8", "R9", "D47")
def test_a_published_link_leads_to_m_gestion_once_it_has_a_host_of_its_own(
    inside: Client, visitor: User
) -> None:
    published = "https://mgestion.opcomobilites.fr/app/authenticate/automobile"
    company = Platform.objects.get(code="m-gestion-entreprise")
    Platform.objects.filter(pk=company.pk).update(entry_url=published)
    refused: Any = inside.get("/cas/login", {"service": published})  # no access: to the form
    assert refused["Location"] == "/app/authenticate/automobile"
    make_access(user=visitor, platform=company)
    Platform.objects.filter(pk=company.pk).update(entry_url="https://ailleurs.example.org/")
    assert ask_ticket(inside, published)
    entered: Any = inside.get("/cas/login", {"service": published})
    assert entered["Location"].startswith("http://127.0.0.1:8000/app/authenticate/automobile?")
    Platform.objects.filter(pk=company.pk).update(entry_url=published)
    entered = inside.get("/cas/login", {"service": published})
    assert entered["Location"] == f"{published}?ticket={ticket_in(entered)}"
    assert "authenticationSuccess" in validate(Client(), ticket_in(entered), published)
    anonymous = Client().get("/cas/login", {"service": published})
    assert "https://mgestion.opcomobilites.fr" in anonymous["Content-Security-Policy"]
    for path in ("/", "/app/authenticate/inconnue"):
        assert cas_services.find_service_match(f"https://mgestion.opcomobilites.fr{path}") is None
    # The other platform has none, and this portal's own links stay its own.
    of = cas_services.find_service_match("https://mgestion.opcomobilites.fr/app/authenticate/of")
    assert of is not None and of.service == "http://127.0.0.1:8000/app/authenticate/of"
    mine = cas_services.find_service_match("http://127.0.0.1:8000/app/authenticate/automobile")
    assert mine is not None and mine.service.startswith("http://127.0.0.1:8000/")


@pytest.mark.django_db
@pytest.mark.req("R9")
def test_no_other_path_of_the_published_origin_is_registered(reference: None) -> None:
    for path in ("/", "/app/authenticate/inconnue", "/compte/"):
        assert cas_services.find_service_match(f"https://mgestion.opcomobilites.fr{path}") is None
    plain = "http://mgestion.opcomobilites.fr/app/authenticate/automobile"
    assert cas_services.find_service_match(plain) is None


# --- a refused service says why (S1) -------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.cas("S1")
@pytest.mark.req("R9")
def test_s1_the_refusal_shows_the_address_the_reason_and_a_number(
    client: Client, caplog: Any
) -> None:
    with caplog.at_level(logging.WARNING):
        page = client.get("/cas/login", {"service": f"{SERVICE}/mon espace?nom=martin"})
    text = page.text
    assert page.status_code == 403
    assert f"{SERVICE}/mon%20espace?nom=martin" in text
    assert "Elle contient une espace" in text
    assert page["X-Request-ID"] in text
    (line,) = [item.getMessage() for item in caplog.records if "service refused" in item.message]
    assert f"{SERVICE}/mon espace (malformed)" in line
    assert "martin" not in line


@pytest.mark.django_db
@pytest.mark.cas("S1", "A1")
def test_s1_an_unknown_service_is_no_link_and_tells_no_story(client: Client, caplog: Any) -> None:
    asked = "https://evil.example.net/<script>alert(1)</script>?Appelez le 0800\nERROR forged"
    page = client.get("/cas/login", {"service": asked}).text
    assert "<script>alert" not in page
    assert 'href="https://evil' not in page
    assert "Appelez le" not in page
    assert not any("\n" in record.getMessage() for record in caplog.records)
    registered = client.get("/cas/login", {"service": "https://inconnu.example.net/"})
    assert "n’est enregistrée pour aucune plateforme ouverte" in registered.text
