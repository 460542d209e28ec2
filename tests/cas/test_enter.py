"""`/cas/login` as platforms use it: statements L1–L21 of the protocol list."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from accounts.cas.models import Ticket
from accounts.cas.protocol import addresses as protocol_addresses
from accounts.cas.tickets import ticket_life
from accounts.entry.models import SessionRecord
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms.flows import accept_version, publish_version
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.cas import ORIGIN, SERVICE, ask_ticket, make_visitor, ticket_in, validate
from tests.factories.habilitations import make_access
from tests.factories.people import ADDRESS, NOW, log_in, person, sign_in
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db


# --- services (S1–S5) ----------------------------------------------------------------------------


@pytest.mark.cas("S1", "S2", "S3", "S4", "A1", "A6")
@pytest.mark.req("R9", "S23")
def test_s1_s2_s3_s4_an_unregistered_service_is_refused_before_any_password(
    client: Client, visitor: User
) -> None:
    services = (
        "https://evil.example.net/",
        "https://contributions.example.org.evil.example/",
        "https://contributions.example.org@evil.example/",
        "http://contributions.example.org/",
        "//contributions.example.org/",
        "https://contributions.example.org/\r\nSet-Cookie: x=y",
        "https://contributions.example.org\\@evil.example/",
        "https://contributions.example.org/a/../b",
        "https://contributions.example.org/" + "x" * 2000,
    )
    flags: list[dict[str, str]] = [{}, {"gateway": "true"}, {"renew": "true"}]
    for logged_in in (False, True):
        if logged_in:
            sign_in(client)
        for number, service in enumerate(services):
            extra = flags[(number + logged_in) % 3]
            response: Any = client.get("/cas/login", {"service": service, **extra})
            assert response.status_code == 403, (service, extra)
            assert "n’est pas reconnu" in response.text
    assert not Ticket.objects.exists()


@pytest.mark.cas("S5")
def test_s5_a_disabled_platform_is_unregistered(inside: Client, contributions: Platform) -> None:
    ticket = ask_ticket(inside)
    Platform.objects.update(enabled=False)
    assert inside.get("/cas/login", {"service": SERVICE}).status_code == 403
    assert 'code="INVALID_SERVICE"' in validate(inside, ticket)


# --- asking for credentials (L1–L10) -------------------------------------------------------------


@pytest.mark.cas("L1", "L13")
@pytest.mark.req("R8", "R13")
def test_l1_l13_without_a_session_the_form_carries_the_service(
    client: Client, visitor: User
) -> None:
    page = client.get("/cas/login", {"service": SERVICE}).text
    assert f'name="service" value="{SERVICE}"' in page
    assert "csrfmiddlewaretoken" in page
    response = log_in(client, password="Mauvais-Mot-2026", service=SERVICE)
    assert response.status_code == 200
    page = response.text
    assert "est incorrect" in page
    assert f'name="service" value="{SERVICE}"' in page
    assert not Ticket.objects.exists()


@pytest.mark.cas("A14", "L2")
def test_l2_without_a_service_a_live_session_is_told_and_not_redirected(inside: Client) -> None:
    response = inside.get("/cas/login")
    assert response.status_code == 200
    assert "Vous êtes connecté" in response.text
    assert inside.head("/cas/login", {"service": SERVICE}).status_code == 200
    assert not Ticket.objects.exists()  # a HEAD gets none
    SessionRecord.objects.update(ended_at=NOW)  # nor does a session that no login opened
    assert 'name="password"' in inside.get("/cas/login", {"service": SERVICE}).text


@pytest.mark.both
@pytest.mark.cas("L3")
@pytest.mark.req("R8", "R60", "D36")
def test_l3_a_live_session_gets_a_fresh_ticket_and_no_form(inside: Client) -> None:
    response: Any = inside.get("/cas/login", {"service": SERVICE})
    ticket = ticket_in(response)
    assert response["Location"] == f"{SERVICE}?ticket={ticket}"
    assert ask_ticket(inside) != ticket


@pytest.mark.cas("L4", "L8")
def test_l4_l8_renew_asks_again_and_wins_over_gateway(inside: Client) -> None:
    for extra in ({"renew": "true"}, {"renew": "true", "gateway": "true"}):
        response = inside.get("/cas/login", {"service": SERVICE, **extra})
        assert response.status_code == 200
        page = response.text
        assert 'name="password"' in page
        assert "vous demande de vous identifier de nouveau" in page
    assert not Ticket.objects.exists()


@pytest.mark.cas("L5", "L6", "L7")
def test_l5_l6_l7_gateway_leads_back_with_a_ticket_or_without_and_shows_no_page(
    client: Client, visitor: User
) -> None:
    # Without a service it is the ordinary page.
    assert 'name="password"' in client.get("/cas/login", {"gateway": "true"}).text
    response: Any = Client().get("/cas/login", {"service": f"{SERVICE}?a=1#x", "gateway": "true"})
    assert (response.status_code, response["Location"]) == (303, f"{SERVICE}?a=1#x")
    assert not response.cookies
    sign_in(client)
    assert ask_ticket(client, gateway="true")
    Access.objects.all().delete()
    response = client.get("/cas/login", {"service": SERVICE, "gateway": "true"})
    assert (response.status_code, response["Location"]) == (303, SERVICE)


@pytest.mark.cas("L9")
def test_l9_a_flag_is_set_by_any_value_that_does_not_say_no(inside: Client) -> None:
    for value in ("true", "1", "yes", "", "false", "0"):
        response = inside.get("/cas/login", {"service": SERVICE, "renew": value})
        assert (response.status_code == 200) is (value in ("true", "1", "yes")), value


@pytest.mark.cas("L10")
@pytest.mark.foreign_html
def test_l10_method_post_sends_a_form_to_the_service(inside: Client) -> None:
    response: Any = inside.get("/cas/login", {"service": f"{SERVICE}?a=1&b=2", "method": "POST"})
    page = response.text
    form = page[page.index("data-send-now") - 300 :]
    assert response.status_code == 200
    assert f'action="{SERVICE}?a=1&amp;b=2"' in page
    found = re.search(r'name="ticket" value="(ST-[A-Za-z0-9]+)"', form)
    assert found
    assert "<noscript>" in page
    assert "csrfmiddlewaretoken" not in form.split("</form>")[0]
    assert f"form-action 'self' {ORIGIN}" in response["Content-Security-Policy"]
    assert "authenticationSuccess" in validate(inside, found[1], f"{SERVICE}?a=1&b=2")


@pytest.mark.cas("L10")
def test_l10_method_header_answers_in_headers_and_an_unknown_method_is_get(
    client: Client, visitor: User
) -> None:
    page = client.get("/cas/login", {"service": SERVICE, "method": "HEADER"}).text
    assert 'name="method" value="HEADER"' in page  # the form keeps it
    assert log_in(client, service=SERVICE, method="HEADER")["ticket"].startswith("ST-")
    response: Any = client.get("/cas/login", {"service": SERVICE, "method": "HEADER"})
    assert response.status_code == 200
    assert response["service"] == SERVICE
    assert "authenticationSuccess" in validate(client, response["ticket"])
    assert ask_ticket(client, method="PATCH")


# --- accepting credentials (L11–L21) -------------------------------------------------------------


@pytest.mark.cas("L11")
@pytest.mark.req("R8", "R28")
def test_l11_the_right_password_leads_to_the_service_by_a_get_that_hides_where_it_came_from(
    client: Client, visitor: User
) -> None:
    response: Any = log_in(client, service=SERVICE)
    assert response.status_code == 303
    assert ticket_in(response)
    assert response["Referrer-Policy"] == "no-referrer"
    assert ADDRESS not in response["Location"]
    assert response.cookies["sessionid"].value
    assert response.cookies["device"].value


@pytest.mark.cas("L12")
def test_l12_without_a_service_the_landing_page_says_that_the_session_started(
    client: Client, visitor: User
) -> None:
    response = log_in(client)
    assert response["Location"] == "/m-gestion/"
    assert "Vous êtes connecté." in client.get("/compte/").text


@pytest.mark.cas("L14")
def test_l14_the_ticket_stands_after_the_query_and_before_the_fragment() -> None:
    for service, onward in [
        (SERVICE, f"{SERVICE}?ticket=ST-1"),
        (f"{SERVICE}?a=1", f"{SERVICE}?a=1&ticket=ST-1"),
        (f"{SERVICE}?a=1#page", f"{SERVICE}?a=1&ticket=ST-1#page"),
        (f"{SERVICE}#page?x", f"{SERVICE}?ticket=ST-1#page?x"),
        (f"{SERVICE}?ticket=ST-old&a=1", f"{SERVICE}?a=1&ticket=ST-1"),
        (f"{SERVICE}?ticket=ST-old", f"{SERVICE}?ticket=ST-1"),
        (f"{SERVICE}?%74icket=ST-old&a=%2Fb", f"{SERVICE}?a=%2Fb&ticket=ST-1"),
        (f"{SERVICE}?", f"{SERVICE}?ticket=ST-1"),
    ]:
        assert protocol_addresses.add_ticket(service, "ST-1") == onward, (service, onward)


@pytest.mark.cas("L15")
def test_l15_a_service_with_an_encoded_query_survives_the_round_trip(
    client: Client, visitor: User
) -> None:
    service = f"{ORIGIN}/login/?next=%2Fdossiers%2F%3Fpage%3D2"
    page = client.get("/cas/login", {"service": service}).text
    assert f'name="service" value="{service}"' in page
    response: Any = log_in(client, service=service)
    assert response["Location"].startswith(f"{service}&ticket=ST-")
    assert "authenticationSuccess" in validate(client, ticket_in(response), service)


@pytest.mark.cas("L16")
def test_l16_nothing_is_kept_in_a_cache(client: Client) -> None:
    for path in ("/cas/login", "/cas/logout", "/cas/serviceValidate", "/cas/validate"):
        response = client.get(path)
        assert response["Cache-Control"] == "no-store", path
        assert response["Pragma"] == "no-cache", path
        assert response["Expires"] == "Thu, 01 Jan 1970 00:00:00 GMT", path


@pytest.mark.cas("L17")
def test_l17_warn_asks_before_every_later_ticket_and_a_refusal_issues_none(
    client: Client, visitor: User
) -> None:
    page = client.get("/cas/login", {"service": SERVICE, "warn": "true"}).text
    assert 'name="warn" value="true"' in page
    assert ticket_in(log_in(client, service=SERVICE, warn="true"))
    Ticket.objects.all().delete()
    response = client.get("/cas/login", {"service": SERVICE})
    assert response.status_code == 200
    assert "Entrer sur M-Contributions" in response.text
    assert ORIGIN in response["Content-Security-Policy"]
    assert not Ticket.objects.exists()
    stay = client.post("/cas/confirm", {"service": SERVICE, "answer": "stay"})
    assert stay["Location"] == "/m-gestion/"
    assert not Ticket.objects.exists()
    response = client.post("/cas/confirm", {"service": SERVICE, "answer": "go"})
    assert ticket_in(response)
    assert client.get("/cas/confirm", {"service": SERVICE}).status_code == 405


@pytest.mark.cas("L17")
def test_l17_the_confirmation_needs_a_session_and_a_registered_service(
    client: Client, contributions: Platform
) -> None:
    response: Any = client.post("/cas/confirm", {"service": SERVICE, "answer": "go"})
    assert response["Location"].startswith("/cas/login?service=")
    evil = {"service": "https://evil.example.net/", "answer": "go"}
    assert client.post("/cas/confirm", evil).status_code == 403


@pytest.mark.cas("L18")
def test_l18_remember_me_is_not_offered_and_ignored(client: Client, visitor: User) -> None:
    response: Any = log_in(client, service=SERVICE, rememberMe="true")
    assert not response.cookies["sessionid"]["max-age"]
    assert "<cas:longTermAuthenticationRequestTokenUsed>false<" in validate(
        client, ticket_in(response)
    )


# --- gates (L20) ---------------------------------------------------------------------------------


@pytest.mark.cas("L20")
@pytest.mark.req("R65")
def test_l20_the_terms_come_before_the_access_and_keep_the_service(
    client: Client, contributions: Platform, now: Any
) -> None:
    new = TermsVersion.objects.create(slug="ete", label="Été", body="<p>Texte.</p>")
    terms = publish_version(new, effective_at=NOW, actor=Actor.system("tests"), now=NOW)
    user = person()
    sign_in(client)
    response: Any = client.get("/cas/login", {"service": SERVICE})
    parts = urlsplit(response["Location"])
    assert parts.path == "/cgu/acceptation/"
    assert parse_qs(parts.query) == {"service": [SERVICE]}
    accept_version(user, terms, where=TermsAcceptance.Where.GATE, actor=Actor.person(user), now=NOW)
    assert (
        "/services/acces/m-contributions/"
        in client.get("/cas/login", {"service": SERVICE})["Location"]
    )


@pytest.mark.cas("L20")
@pytest.mark.req("R74", "S22", "S25")
def test_l20_without_access_the_person_learns_which_platform_which_role_and_what_to_do(
    client: Client, contributions: Platform, now: Any
) -> None:
    Platform.objects.filter(pk=contributions.pk).update(roles=["cabinet_comptable", "gestionnaire"])
    user = person()
    response: Any = log_in(client, service=SERVICE)
    assert response.status_code == 303
    assert not Ticket.objects.exists()
    page: Any = client.get(response["Location"])
    text = page.text
    assert page.status_code == 403
    for said in (
        "M-Contributions",
        "Cabinet comptable",
        "Gestionnaire",
        "Réessayer d’entrer",
        "OPCO Mobilités",
    ):
        assert said in text
    line = Entry.objects.get(act="platform.refused")
    assert (line.person, line.object_id, line.reason) == (
        user.public_id,
        "m-contributions",
        "no_access",
    )


@pytest.mark.cas("L20")
def test_l20_an_ended_access_and_an_access_to_another_platform_are_none(
    inside: Client, visitor: User
) -> None:
    Access.objects.update(ended_at=NOW)
    assert "/services/acces/" in inside.get("/cas/login", {"service": SERVICE})["Location"]
    other = Platform.objects.get(code="m-tutorat")
    ServiceRule.objects.create(platform=other, origin="https://tutorat.example.org", path="/")
    Access.objects.update(ended_at=None)
    assert (
        "/services/acces/m-tutorat/"
        in inside.get("/cas/login", {"service": "https://tutorat.example.org/"})["Location"]
    )


@pytest.mark.cas("L20")
def test_l20_a_platform_in_maintenance_says_so_and_issues_nothing(
    inside: Client, contributions: Platform
) -> None:
    Platform.objects.filter(pk=contributions.pk).update(
        maintenance_message="Retour mardi à 8 heures."
    )
    response = inside.get("/cas/login", {"service": SERVICE})
    assert response.status_code == 503
    assert "Retour mardi à 8 heures." in response.text
    assert not Ticket.objects.exists()


_SHUT: Any = {
    "terms": lambda user: TermsVersion.objects.create(
        slug="ete", label="Été", body="<p>Texte.</p>", published_at=NOW, effective_at=NOW
    ),
    "access": lambda user: Access.objects.update(ended_at=NOW),
    "status": lambda user: User.objects.filter(pk=user.pk).update(status=Status.SUSPENDED),
    "epoch": lambda user: User.objects.filter(pk=user.pk).update(session_epoch=7),
    "session": lambda user: SessionRecord.objects.update(ended_at=NOW),
    "platform": lambda user: Platform.objects.update(enabled=False),
    "maintenance": lambda user: Platform.objects.update(maintenance_message="Retour mardi."),
}


@pytest.mark.both
@pytest.mark.cas("L20")
def test_l20_a_gate_that_shuts_at_the_last_instant_is_asked_by_the_statement_that_issues(
    inside: Client, visitor: User, contributions: Platform
) -> None:
    key = SessionRecord.objects.get().session_key

    def issue(user: User = visitor) -> str | None:
        return ticket_life.issue_ticket(
            user, contributions, SERVICE, session_key=key, new_login=False, now=NOW
        )

    for gate, shut in _SHUT.items():
        with rolled_back():
            assert issue()
            shut(visitor)
            assert issue() is None, gate
            assert Ticket.objects.count() == 1
    # The session is another person's.
    assert issue(make_visitor(contributions, address="autre@garage.example.org")) is None


@pytest.mark.both
@pytest.mark.cas("L3", "V6")
def test_a_ticket_costs_four_statements_and_its_validation_three(
    inside: Client, visitor: User, django_assert_num_queries: Any
) -> None:
    ticket = ask_ticket(inside)
    validate(inside, ticket)  # notes the day
    with django_assert_num_queries(4):  # session, person, platform, ticket
        ticket = ask_ticket(inside)
    with django_assert_num_queries(3) as made:  # ticket, platform, who bears it
        validate(Client(), ticket)
    assert [query["sql"].lstrip()[:6] for query in made] == ["UPDATE", "SELECT", "SELECT"]


@pytest.mark.both
@pytest.mark.cas("L21", "A12")
def test_l21_only_a_ticket_of_a_new_login_satisfies_renew(client: Client, visitor: User) -> None:
    for again in (False, True):  # or of a password that was asked again
        if again:
            client.get("/cas/login", {"service": SERVICE, "renew": "true"})
        fresh = ticket_in(log_in(client, service=SERVICE))
        assert "<cas:isFromNewLogin>true<" in validate(client, fresh, renew="true"), again
    old = ask_ticket(client)
    assert 'code="INVALID_TICKET"' in validate(client, old, renew="true")


# --- the ticket (T1–T6) --------------------------------------------------------------------------


@pytest.mark.cas("T1", "T2", "T3", "T5")
def test_t1_t2_t3_t5_a_ticket_is_short_opaque_and_of_plain_letters() -> None:
    made = {protocol_addresses.mint_ticket("ST-") for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch(r"ST-[A-Za-z0-9]{29}", ticket) for ticket in made)


@pytest.mark.both
@pytest.mark.cas("T6")
def test_t6_only_the_hash_and_the_last_six_characters_are_kept_until_it_is_consumed(
    inside: Client, caplog: Any
) -> None:
    with caplog.at_level("INFO"):
        ticket = ask_ticket(inside)
        row = Ticket.objects.get()
        assert (row.digest, row.clear, row.tail) == (
            protocol_addresses.hash_ticket(ticket),
            "",
            ticket[-6:],
        )
        validate(inside, ticket)
    assert ticket not in caplog.text
    assert f"…{ticket[-6:]}" in caplog.text
    row.refresh_from_db()
    assert row.clear == ticket  # O15: for single logout


@pytest.mark.both
@pytest.mark.cas("T4")
def test_t4_a_ticket_lives_as_long_as_its_platform_says(
    inside: Client, contributions: Platform
) -> None:
    for seconds, age, good in ((60, 59, True), (60, 60, False), (10, 11, False), (300, 299, True)):
        Platform.objects.filter(pk=contributions.pk).update(ticket_seconds=seconds)
        ticket = ask_ticket(inside)
        with time_machine.travel(NOW + timedelta(seconds=age), tick=False):
            answer = validate(Client(), ticket)
        assert ("authenticationSuccess" in answer) is good, (seconds, age)


def test_the_portal_itself_is_a_service_and_drops_its_own_ticket(
    client: Client, reference: None, now: Any
) -> None:
    make_access(user=person())
    own = "http://127.0.0.1:8000/app/authenticate/automobile"
    response: Any = log_in(client, service=own)
    assert response["Location"].startswith(f"{own}?ticket=ST-")
    parts = urlsplit(response["Location"])
    onward = client.get(f"{parts.path}?{parts.query}")["Location"]
    assert onward.startswith("/") and "ticket" not in onward
