"""The abuse list §13: what somebody tries, and what he gets."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from accounts.cas.endpoints.entering import LOGGED_IN_FOR
from accounts.cas.models import Ticket
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.people.models import User
from mgestion.web.logging.masking import mask_keys
from tests.factories.cas import (
    ORIGIN,
    SERVICE,
    ask_ticket,
    make_platform,
    make_visitor,
    ticket_in,
    validate,
)
from tests.factories.factors import give_factor
from tests.factories.habilitations import load_reference
from tests.factories.people import NOW, letters, log_in, person, settle, sign_in
from tests.together import run_together

pytestmark = pytest.mark.django_db
EVIL = [
    "https://evil.example.net/",
    "//evil.example.net/",
    "https://contributions.example.org.evil.example/",
    "https://contributions.example.org@evil.example/",
    "https://evil.example\\\\@contributions.example.org/",
    "javascript:alert(1)",
    "https://contributions.example.org%2f@evil.example/",
    "https://contributions.example.org/%0d%0aLocation:%20https://evil.example/",
]


@pytest.mark.cas("A1", "A6", "S4", "O4")
@pytest.mark.req("S23", "R9")
def test_no_page_of_the_protocol_leads_elsewhere(inside: Client) -> None:
    for address in EVIL:
        names = ("service", "url", "next") if address in EVIL[:2] else ("service",)
        for path in ("/cas/login", "/cas/logout"):
            for name in names:
                response: Any = inside.get(path, {name: address})
                assert response.status_code in (200, 403), (address, path, name)
                assert "evil" not in response.headers.get("Location", ""), (address, path, name)
        response = inside.post("/cas/confirm", {"service": address, "answer": "go"})
        assert response.status_code == 403, address


@pytest.mark.cas("A3", "V7")
@pytest.mark.req("S21")
def test_a_ticket_is_useless_to_another_platform_and_to_one_that_took_the_address_over(
    inside: Client,
) -> None:
    tutorat = make_platform("m-tutorat", "https://tutorat.example.org")
    ticket = ask_ticket(inside)
    assert "INVALID_SERVICE" in validate(Client(), ticket, "https://tutorat.example.org/")
    assert "INVALID_TICKET" in validate(Client(), ticket)
    ticket = ask_ticket(inside)
    ServiceRule.objects.filter(origin=ORIGIN).update(platform=tutorat)
    assert "INVALID_SERVICE" in validate(Client(), ticket)


@pytest.mark.cas("A4", "V6")
@pytest.mark.postgres
@pytest.mark.req("S21")
@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_validations_of_one_ticket_make_exactly_one_success() -> None:
    load_reference()
    platform = make_platform()
    make_visitor(platform, now=timezone.now())
    client = sign_in(Client())
    ticket = ask_ticket(client)
    answers = run_together(*[partial(validate, Client(), ticket)] * 20)
    assert sum("authenticationSuccess" in answer for answer in answers) == 1
    assert sum('code="INVALID_TICKET"' in answer for answer in answers) == 19


@pytest.mark.cas("A5", "R5", "V14")
def test_markup_in_a_name_stays_text(
    inside: Client, visitor: User, contributions: Platform
) -> None:
    forged = "</cas:sn><cas:role>administrateur</cas:role><cas:sn>"
    User.objects.filter(pk=visitor.pk).update(last_name=forged, email="a&b<c>@example.org")
    Platform.objects.filter(pk=contributions.pk).update(
        attributes=["sn", "role"], principal="email"
    )
    tree = etree.fromstring(validate(Client(), ask_ticket(inside)))
    space = "{http://www.yale.edu/tp/cas}"
    assert [item.text for item in tree.iter(f"{space}sn")] == [forged]
    assert [item.text for item in tree.iter(f"{space}role")] == ["gestionnaire"]
    assert [item.text for item in tree.iter(f"{space}user")] == ["a&b<c>@example.org"]


@pytest.mark.cas("A8")
@pytest.mark.req("S24")
def test_a_login_cannot_be_forged_from_another_site(db: None, visitor: User) -> None:
    stranger = Client(enforce_csrf_checks=True)
    assert log_in(stranger, service=SERVICE).status_code == 403
    assert stranger.post("/cas/confirm", {"service": SERVICE, "answer": "go"}).status_code == 403


@pytest.mark.cas("A9")
@pytest.mark.req("S24", "R115")
def test_no_page_can_be_framed(client: Client) -> None:
    for path in ("/cas/login", "/cas/logout", "/cas/serviceValidate", "/cas/proxy"):
        response = client.get(path)
        assert response["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"], path


@pytest.mark.cas("A10")
@pytest.mark.req("S25")
def test_a_ticket_is_in_no_referer_and_in_no_access_log(inside: Client) -> None:
    response: Any = inside.get("/cas/login", {"service": SERVICE})
    assert response["Referrer-Policy"] == "no-referrer"
    ticket = ticket_in(response)
    line = f"GET /cas/serviceValidate?service={SERVICE}&ticket={ticket} HTTP/1.1"
    assert ticket not in mask_keys(line)
    # On a page it would make the browser send « Origin: null », and every form would be refused.
    assert inside.get("/cas/login")["Referrer-Policy"] == "same-origin"


@pytest.mark.cas("A11")
def test_the_form_may_end_on_the_validated_service_and_nowhere_else(
    client: Client, visitor: User
) -> None:
    def form_action(**given: str) -> str:
        policy = client.get("/cas/login", given)["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("form-action"))

    assert form_action() == "form-action 'self'"
    assert form_action(service=SERVICE) == f"form-action 'self' {ORIGIN}"
    assert form_action(service="https://evil.example.net/") == "form-action 'self'"
    # After a wrong password too: the next try must get through.
    again = log_in(client, password="Mauvais-Mot-2026", service=SERVICE)
    assert f"form-action 'self' {ORIGIN}" in again["Content-Security-Policy"]


@pytest.mark.cas("A13")
def test_a_gateway_ends_at_the_service_whatever_comes(client: Client, visitor: User) -> None:
    own = f"http://127.0.0.1:8000{reverse('registrations:authenticate', args=['automobile'])}"
    response: Any = client.get("/cas/login", {"service": own, "gateway": "true"})
    assert response["Location"] == own  # its next step asks for a login without `gateway`: no loop
    asked: Any = client.get(urlsplit(own).path)
    assert "gateway" not in parse_qs(urlsplit(asked["Location"]).query)


@pytest.mark.cas("L19")
def test_what_a_visitor_posts_gives_no_ticket_without_the_password(
    client: Client, visitor: User
) -> None:
    log_in(client, password="Mauvais-Mot-2026", service=SERVICE, renew="true", gateway="true")
    client.post("/cas/login", {"service": SERVICE})
    client.post("/cas/login", {"service": SERVICE, "ticket": "ST-x", "lt": "LT-x"})
    assert not Ticket.objects.exists()


def test_a_second_person_in_one_browser_gets_his_own_ticket(
    inside: Client, contributions: Platform
) -> None:
    person("luc.petit@garage.example.org")
    response: Any = log_in(inside, "luc.petit@garage.example.org", service=SERVICE)
    assert "/services/acces/" in response["Location"]  # the first one's access is not his


@pytest.mark.req("S22")
def test_the_refusal_page_shows_nothing_of_others_and_no_foreign_link(
    client: Client, contributions: Platform, now: Any
) -> None:
    person()
    sign_in(client)
    page = client.get("/services/acces/m-contributions/", {"service": "https://evil.example.net/"})
    assert page.status_code == 403
    assert "evil" not in page.text
    assert client.get("/services/acces/inconnue/").status_code == 404


@pytest.mark.cas("A16")
@pytest.mark.req("S24")
def test_a_forged_host_is_refused_and_never_in_a_mail(
    client: Client, terms: Any, reference: None, now: Any, settings: Any
) -> None:
    address = "luc.petit@garage.example.org"
    typed = {"email": address, "email2": address}
    refused = client.post("/inscription/", typed, headers={"host": "evil.example.net"})
    assert refused.status_code == 400
    for header in ("x-forwarded-host", "forwarded", "x-forwarded-server", "x-host"):
        sent = client.post("/inscription/", typed, headers={header: "evil.example.net"})
        assert sent.status_code == 303
    settle()
    (letter,) = letters()
    assert f"{settings.PUBLIC_URL}/inscription/mot-de-passe/" in letter.text
    assert "evil" not in letter.text + str(letter.html)


@pytest.mark.cas("T7")
@pytest.mark.req("S13")
def test_the_session_cookie_ends_with_the_browser_and_is_kept_from_scripts(
    client: Client, visitor: User
) -> None:
    cookie: Any = log_in(client).cookies["sessionid"]
    assert (cookie["expires"], cookie["max-age"], cookie["path"]) == ("", "", "/")
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"]


@pytest.mark.cas("A12", "L21")
@pytest.mark.req("S21")
def test_a_password_of_somebody_else_is_no_new_login_of_the_session_that_was_there(
    inside: Client,
) -> None:
    """Left at his second factor, a login of one's own does not vouch for the screen's owner."""
    give_factor(person("luc.petit@garage.example.org"))
    waiting: Any = log_in(inside, "luc.petit@garage.example.org", service=SERVICE)
    assert waiting["Location"] == "/compte/second-facteur/code/"
    answer = validate(Client(), ask_ticket(inside), renew="true")
    assert 'code="INVALID_TICKET"' in answer


@pytest.mark.cas("A12", "L21")
@pytest.mark.req("S21")
def test_a_login_completed_long_ago_is_no_new_login(inside: Client, settings: Any) -> None:
    session = inside.session
    session[LOGGED_IN_FOR] = [session["_auth_user_id"], SERVICE]
    session.save()
    with time_machine.travel(NOW + settings.RECENT_PROOF, tick=False):
        answer = validate(Client(), ask_ticket(inside), renew="true")
    assert 'code="INVALID_TICKET"' in answer
