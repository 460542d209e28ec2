"""Nobody types again what they have just given or proven (WCAG 3.3.7), and nothing leaks by it."""

import re

import pytest
from django.test import Client

from accounts.people.models import User
from tests.factories.factors import prove_mailbox
from tests.factories.people import ADDRESS, PASSWORD, mailed_path, person, settle, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "reference")]
IDENTIFIER = re.compile(r'<input type="text" name="username"([^>]*)>')


def _identifier(html: str) -> str:
    (attributes,) = IDENTIFIER.findall(html)
    value = re.search(r'value="([^"]*)"', attributes)
    return value.group(1) if value else ""


@pytest.mark.req("R27", "R28", "S25")
def test_the_first_login_knows_the_identifier_that_the_link_has_proven(
    client: Client, link: str, accepted: dict[str, str]
) -> None:
    assert _identifier(client.get("/cas/login").text) == ""
    answer = client.post(link, accepted)
    assert ADDRESS not in answer.headers["Location"]
    html = client.get(answer.headers["Location"]).text
    assert _identifier(html) == ADDRESS
    assert html.count(ADDRESS) == 1  # in its field, and in no list of messages
    # Once, and in this browser only.
    assert _identifier(client.get("/cas/login").text) == ""
    assert _identifier(Client().get("/cas/login").text) == ""


def test_a_used_or_a_wrong_link_tells_no_identifier(
    client: Client, link: str, accepted: dict[str, str]
) -> None:
    client.post(link, accepted)
    stranger = Client()
    for address in (link, "/inscription/mot-de-passe/inconnu/", "/mot-de-passe/inconnu/"):
        stranger.post(address, accepted)
        assert _identifier(stranger.get("/cas/login").text) == ""


@pytest.mark.req("R20")
def test_a_reset_hands_the_identifier_on_too(user: User, client: Client) -> None:
    client.post("/mot-de-passe/oublie/", {"email": user.email})
    settle()
    new = {"password1": "Tramway-Vert-2027", "password2": "Tramway-Vert-2027"}
    answer = client.post(mailed_path("entry.reset", "/mot-de-passe/"), new)
    assert _identifier(client.get(answer.headers["Location"]).text) == user.email


def test_a_message_of_another_kind_is_no_identifier(owner: Client) -> None:
    owner.get("/cas/logout")
    assert _identifier(owner.get("/cas/login").text) == ""


@pytest.mark.req("S16")
def test_every_page_that_takes_a_password_names_its_owner_to_password_managers(
    client: Client, link: str
) -> None:
    pages = {link: client.get(link).text}
    user = person("autre.personne@garage.example.org")
    client.post("/mot-de-passe/oublie/", {"email": user.email})
    settle()
    reset = mailed_path("entry.reset", "/mot-de-passe/")
    pages[reset] = client.get(reset).text
    sign_in(client, user.email)
    prove_mailbox(client)
    for address in ("/compte/mot-de-passe/", "/compte/adresse/", "/compte/fermeture/"):
        pages[address] = client.get(address).text
    pages["confirm"] = client.get("/compte/second-facteur/verification/").text
    pages["login"] = Client().get("/cas/login").text
    for address, html in pages.items():
        forms = re.findall(r"<form.*?</form>", html, re.DOTALL)
        taking = [form for form in forms if 'type="password"' in form]
        assert taking, address
        for form in taking:
            assert 'autocomplete="username"' in form, address


@pytest.mark.req("R63")
def test_a_forgotten_box_says_why_the_passwords_are_empty(
    client: Client, link: str, accepted: dict[str, str]
) -> None:
    html = client.post(link, accepted | {"terms": ""}).text
    assert "par sécurité, la page ne le garde pas" in html
    assert PASSWORD not in html
    # Where a password is wrong it is asked for anyway.
    html = client.post(link, {"password1": "court", "password2": "court"}).text
    assert "la page ne le garde pas" not in html


def test_correcting_an_address_starts_from_what_was_typed(client: Client) -> None:
    wrong = "prenom.nom@garage-de-la-longue-rue.example.org"
    answer = client.post("/inscription/", {"email": wrong, "email2": wrong}, follow=True)
    onward = re.search(r'href="(/inscription/\?[^"]*)">Corriger mon adresse', answer.text)
    assert onward and wrong not in onward.group(1)
    html = client.get(onward.group(1).replace("&amp;", "&")).text
    assert html.count(f'value="{wrong}"') == 2
    assert f'value="{wrong}"' not in client.get("/inscription/?suivi=faux").text


@pytest.mark.req("R7", "S45")
def test_the_rule_of_the_address_stands_at_its_field(client: Client) -> None:
    html = client.get("/inscription/").text
    field = re.search(r'<input[^>]*name="email"[^>]*>', html)
    assert field and 'aria-describedby="id_email_helptext"' in field.group()
    hint = re.search(r'id="id_email_helptext"[^>]*>([^<]*)<', html)
    assert hint and "À votre nom" in hint.group(1) and "contact@" in hint.group(1)
