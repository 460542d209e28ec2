"""The choice on the measurement of audience: absent by default, and honest once there
(R125–R128, S36–S41, D46).
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from accounts.legal import checks
from accounts.legal.consent import audience_choice, cookie_register
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import User
from mgestion.settings import env
from tests.legal.conftest import NOW

pytestmark = pytest.mark.django_db
SCRIPT = "https://mesure.example.org/compter.js"
MEASURING = override_settings(
    MEASUREMENT_SCRIPT_URL=SCRIPT,
    MEASUREMENT_SITE_ID="7",
    MEASUREMENT_COOKIES={"_mesure": 393, "_visite": 0},
)
PAGES = ("/cgu/", "/confidentialite/", "/cookies/", "/aide/", "/roles/")
CHOICE = "/cookies/choix/"


@pytest.fixture(autouse=True)
def terms(reference: None) -> None:
    load_shipped_terms(NOW)


def choose(client: Client, choice: str, back: str = "/cgu/") -> Any:
    return client.post(CHOICE, {"choix": choice, "next": back})


@pytest.mark.req("D46", "S41", "R125")
def test_without_a_measurement_there_is_neither_banner_nor_script_nor_choice(
    client: Client,
) -> None:
    client.cookies["consent"] = audience_choice.ACCEPTED
    for page in PAGES:
        text = client.get(page).text
        assert "Mesure d’audience" not in text and "compter.js" not in text
        assert CHOICE not in text
        assert "/cookies/" in text
        assert ("ni mesure d’audience" in text) == (page == "/cookies/")
    assert not choose(client, "oui").cookies.get("consent")
    names = {cookie.name for cookie in cookie_register.list_used_cookies()}
    assert names == {cookie.name for cookie in cookie_register.COOKIES}


@MEASURING
@pytest.mark.req("S36", "S37", "R125")
def test_who_has_not_chosen_is_asked_and_not_measured(client: Client) -> None:
    for page in (*PAGES, "/cas/login", "/inscription/", PAGES[0]):  # browsing on is no consent
        answer = client.get(page)
        text = answer.text
        assert "compter.js" not in text, page
        assert "mesure.example.org" not in answer["Content-Security-Policy"], page
        banner = text[text.index('class="consent"') : text.index("site-header")]
        buttons = re.findall(
            r'<button type="submit" class="([^"]+)" name="choix" value="(\w+)"', banner
        )
        assert [value for _, value in buttons] == ["non", "oui"], page
        assert buttons[0][0] == buttons[1][0]  # the same weight


@MEASURING
@pytest.mark.req("S37", "R126", "R128")
def test_accepting_brings_the_script_to_texts_alone_and_withdrawing_takes_it_away(
    client: Client,
) -> None:
    answer = choose(client, "oui")
    assert (answer.status_code, answer["Location"]) == (303, "/cgu/")
    for page in PAGES:
        shown = client.get(page)
        assert f'<script src="{SCRIPT}" data-site-id="7" defer></script>' in shown.text
        policy = shown["Content-Security-Policy"]
        assert "script-src 'self' https://mesure.example.org" in policy
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert 'class="consent"' not in shown.text
    for page in ("/cas/login", "/inscription/", "/mot-de-passe/oublie/"):
        shown = client.get(page)
        assert "compter.js" not in shown.text
        assert "mesure.example.org" not in shown["Content-Security-Policy"]
    assert "Vous avez <strong>accepté</strong>" in client.get("/cookies/").text
    client.cookies["_mesure"] = "abc"
    refused = choose(client, "non", "/cookies/")
    assert refused.cookies["_mesure"]["max-age"] == 0
    shown = client.get("/cookies/")
    assert "Vous avez <strong>refusé</strong>" in shown.text
    assert "compter.js" not in shown.text and 'class="consent"' not in shown.text


@MEASURING
@pytest.mark.req("R126")
def test_nobody_who_is_signed_in_is_measured_nor_asked(client: Client, person: User) -> None:
    client.force_login(person, backend="accounts.entry.login.backends.PasswordBackend")
    for choice, page in (
        ("", "/cgu/"),
        *[("oui", page) for page in ("/aide/", "/compte/", "/cgu/")],
    ):
        client.cookies["consent"] = choice
        shown = client.get(page)
        assert "compter.js" not in shown.text and 'class="consent"' not in shown.text
        assert "mesure.example.org" not in shown["Content-Security-Policy"]


@MEASURING
@pytest.mark.req("S38")
def test_a_browser_that_refuses_is_obeyed_and_asked_nothing() -> None:
    for signal in ("DNT", "Sec-GPC"):
        client = Client(headers={signal: "1"})
        client.cookies["consent"] = audience_choice.ACCEPTED
        for page in ("/aide/", "/cookies/"):
            text = client.get(page).text
            assert "compter.js" not in text and 'class="consent"' not in text
        assert "Votre navigateur demande de ne pas être suivi" in text


@MEASURING
@pytest.mark.req("S39", "D46", "R127")
def test_the_choice_is_kept_six_months_and_says_nothing_of_the_person(client: Client) -> None:
    for choice in ("oui", "non"):
        morsel = choose(client, choice).cookies["consent"]
        assert morsel.value == choice
        assert timedelta(days=180) <= timedelta(seconds=morsel["max-age"]) <= timedelta(days=184)
        assert morsel["httponly"] and morsel["samesite"] == "Lax"


@MEASURING
def test_a_strange_post_leads_to_the_page_and_nowhere_else(client: Client) -> None:
    evil = {"choix": "oui", "next": "https://evil.example.org/"}
    for posted in ({}, {"choix": "peut-être"}, evil):
        answer = client.post(CHOICE, posted)
        assert (answer.status_code, answer["Location"]) == (303, "/cookies/")
        assert ("consent" in answer.cookies) == (posted == evil)


@pytest.mark.req("R125", "S40", "R128")
def test_the_page_lists_exactly_what_is_set_in_both_configurations(client: Client) -> None:
    necessary = ["sessionid", "csrftoken", "messages", "device"]

    def listed() -> list[str]:
        return re.findall(
            r'<th [^>]*scope="row" class="mono">([^<]+)</th>', client.get("/cookies/").text
        )

    assert listed() == necessary
    with MEASURING:
        assert listed() == [*necessary, "consent", "_mesure", "_visite"]
        assert "393\u00a0jours" in client.get("/cookies/").text


@pytest.mark.req("R127", "S40")
def test_the_check_refuses_a_measurement_of_394_days() -> None:
    for days, faults in ((393, 0), (394, 1)):
        with MEASURING, override_settings(MEASUREMENT_COOKIES={"_mesure": days}):
            assert len(checks.check_cookie_lives()) == faults


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MEASUREMENT_SCRIPT_URL", "http://mesure.example.org/x.js"),
        ("MEASUREMENT_SCRIPT_URL", "https://mesure.example.org;x/x.js"),
        ("MEASUREMENT_COOKIES", "_mesure"),
        ("MEASUREMENT_COOKIES", "_mesure=long"),
    ],
)
def test_the_environment_refuses_nonsense(variable: str, value: str, tmp_path: Any) -> None:
    variables = {"MGESTION_TESTING": "1", "DATA_DIR": str(tmp_path), variable: value}
    with pytest.raises(ImproperlyConfigured, match=variable):
        env.read_environment(variables, tmp_path)
