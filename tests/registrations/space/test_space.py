"""Where a person lands, and what each state opens (D49, R47, R48)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.safestring import SafeString

from accounts.habilitations.accesses.models import PlatformActivity
from accounts.habilitations.enums import Dashboard
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.templatetags.portal import keep_names_whole
from registrations.requests.enums import RequestStatus
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_staff
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")
BRANCHES: dict[Dashboard, dict[str, Any]] = {
    Dashboard.AUTOMOBILE: {"branch": "automobile"},
    Dashboard.TRANSPORT: {"branch": "transport-routier"},
    Dashboard.URBAIN: {"branch": "urbain"},
    Dashboard.OF: {"kind": "cfa"},
}


@pytest.mark.req("R2", "D49")
def test_an_account_without_anything_lands_on_the_form(client: Client, user: User) -> None:
    assert client.get("/m-gestion/").headers["Location"] == "/m-gestion/demande/"


@pytest.mark.req("R48", "D49")
def test_an_open_request_lands_on_its_status(client: Client, user: User) -> None:
    request = make_request(user)
    for path in ("/m-gestion/", "/app/authenticate/automobile"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0] == f"/demandes/{request.reference}/"
        assert "Demande en cours" in answer.text


@pytest.mark.req("R47", "R36", "D49")
def test_once_accepted_the_person_lands_on_the_dashboard_of_their_branch() -> None:
    agent = make_staff("national")
    assert set(BRANCHES) == set(Dashboard)
    for dashboard, said in BRANCHES.items():
        request = make_request(status=RequestStatus.APPROVED, agent=agent, **said)
        answer = client_of(request.user).get("/m-gestion/")
        assert answer.status_code == 200
        title = {"of": "M-Gestion OF"}.get(dashboard, f"M-Gestion {dashboard.capitalize()}")
        assert keep_names_whole(SafeString(f"<h1>{title}</h1>")) in answer.text


@pytest.mark.req("R134", "R47")
def test_the_dashboard_shows_access_establishment_delegation_and_history(
    client: Client, user: User
) -> None:
    request = make_request(user, status=RequestStatus.APPROVED, agent=make_staff("national"))
    html = client.get("/m-gestion/").text
    siret = request.siret
    for words in (
        "Gestionnaire",
        "M-Gestion Entreprise",
        request.company_name,
        f"{siret[:3]}\u202f{siret[3:6]}\u202f{siret[6:9]}\u202f{siret[9:]}",
        "Délégation régionale Île-de-France",
        "delegation-idf@example.org",
        request.reference,
        "Demande acceptée",
        'href="/services/"',
    ):
        assert words in html


@pytest.mark.req("D49")
def test_another_access_only_lands_on_the_services(client: Client, user: User) -> None:
    make_access(user=user, platform=Platform.objects.get(code="m-tutorat"))
    assert client.get("/m-gestion/").headers["Location"] == "/services/"


@pytest.mark.req("R110", "D49")
def test_a_suspended_person_is_told_and_not_given_a_blank_form(client: Client, user: User) -> None:
    make_access(user=user, ended_at=NOW, suspended_at=NOW, suspension_reason="Sans justificatif.")
    for address in ("/m-gestion/", "/m-gestion/?branche=automobile"):
        answer = client.get(address, follow=True)
        assert answer.redirect_chain[-1][0] == "/services/"
        assert "suspendu" in answer.text


def test_an_ended_access_opens_nothing(client: Client, user: User) -> None:
    make_access(user=user, ended_at=NOW)
    assert client.get("/m-gestion/").headers["Location"] == "/m-gestion/demande/"


def test_an_agent_without_access_is_led_to_his_work(client: Client) -> None:
    client.force_login(make_staff("national"))
    assert client.get("/m-gestion/").headers["Location"] == "/admin/"


@pytest.mark.req("D47", "R47")
def test_a_published_link_leads_to_the_dashboard_of_its_branch(client: Client, user: User) -> None:
    first = make_access(user=user, dashboard="automobile")
    make_access(user=user, dashboard="urbain", granted_at=NOW + timedelta(days=1))
    assert '<h1><span class="nowrap">M-Gestion</span> Urbain</h1>' in client.get("/m-gestion/").text
    answer = client.get("/app/authenticate/automobile", follow=True)
    assert '<h1><span class="nowrap">M-Gestion</span> Automobile</h1>' in answer.text
    assert first.establishment.name in answer.text


@pytest.mark.req("D47")
def test_a_published_link_without_access_leads_to_the_form_in_its_context(
    client: Client, user: User
) -> None:
    for branche in Dashboard.values:
        assert client.get(f"/app/authenticate/{branche}").status_code == 302
        away = client.get(f"/m-gestion/?branche={branche}").headers["Location"]
        assert away == f"/m-gestion/demande/?branche={branche}"
    answer = client.get(f"/app/authenticate/{branche}", follow=True)
    assert answer.redirect_chain[-1][0] == f"/m-gestion/demande/?branche={branche}"
    assert answer.status_code == 200
    make_access(user=user, platform=Platform.objects.get(code="m-tutorat"))
    answer = client.get("/app/authenticate/urbain", follow=True)
    assert answer.redirect_chain[-1][0] == "/m-gestion/demande/?branche=urbain"


def test_a_link_to_a_dashboard_one_has_not_says_whose_this_is(client: Client, user: User) -> None:
    make_access(user=user, dashboard="automobile")
    answer = client.get("/app/authenticate/urbain", follow=True)
    assert '<h1><span class="nowrap">M-Gestion</span> Automobile</h1>' in answer.text
    assert "Voici votre espace" in answer.text


@pytest.mark.req("S25")
def test_a_ticket_does_not_stay_in_the_address(client: Client, user: User) -> None:
    answer = client.get("/app/authenticate/automobile?ticket=ST-secret&x=1", follow=True)
    assert not any("ticket" in address for address, _ in answer.redirect_chain)
    assert "ST-secret" not in answer.text


def test_an_unknown_branch_is_not_found(client: Client, user: User) -> None:
    assert client.get("/app/authenticate/fusee").status_code == 404


@pytest.mark.req("R2")
def test_a_published_link_asks_to_log_in_first(client: Client) -> None:
    answer = client.get("/app/authenticate/automobile")
    assert answer.headers["Location"].startswith("/cas/login")
    assert "authenticate/automobile" in answer.headers["Location"]


@pytest.mark.req("D48")
def test_several_establishments_are_listed_and_chosen(client: Client, user: User) -> None:
    for number, name in enumerate(("Garage Un", "Garage Deux")):
        make_access(
            user=user,
            establishment=make_establishment(name=name),
            granted_at=NOW + timedelta(days=number),
        )
    html = client.get("/m-gestion/").text
    link = re.search(r'href="(/m-gestion/\?etablissement=[\w-]+)">Garage Un<', html)
    assert link
    assert re.search(r"<strong[^>]*>Garage Deux</strong>", html)
    chosen = client.get(link.group(1)).text
    assert re.search(r"<strong[^>]*>Garage Un</strong>", chosen)


@pytest.mark.req("S14", "S22")
def test_the_establishment_of_somebody_else_is_not_chosen(client: Client, user: User) -> None:
    make_access(user=user, establishment=make_establishment(name="Le mien"))
    other = make_access(establishment=make_establishment(name="Pas le mien"))
    siret = other.establishment.siret
    html = client.get(f"/m-gestion/?etablissement={siret}-entreprise").text
    assert "Le mien" in html
    assert "Pas le mien" not in html


@pytest.mark.req("D47")
def test_the_services_say_where_the_person_stands_with_each(client: Client, user: User) -> None:
    make_access(user=user, platform=Platform.objects.get(code="m-tutorat"))
    request = make_request(user)
    html = client.get("/services/").text
    assert html.count('class="tile') >= Platform.objects.count()
    assert html.index("M-Tutorat") < html.index("M-Gestion</span> Entreprise")
    for words in ("Accès ouvert", "Demande en cours", "Sans accès", request.reference):
        assert words in html


def test_a_closed_platform_is_not_a_service(client: Client, user: User) -> None:
    make_access(user=user)
    Platform.objects.filter(code="m-gestion-entreprise").update(enabled=False)
    assert "M-Gestion Entreprise" not in client.get("/services/").text
    assert client.get("/m-gestion/").headers["Location"] == "/m-gestion/demande/"


@pytest.mark.req("R48", "D56")
def test_before_the_decision_no_page_of_m_gestion_shows_more_than_the_request(
    client: Client, user: User
) -> None:
    make_request(user)
    for path in ("/m-gestion/", "/m-gestion/?branche=urbain", "/m-gestion/?etablissement=x"):
        assert "/demandes/MG-" in client.get(path).headers["Location"]
    assert client.get("/services/").status_code == 200


def test_pages_cost_the_same_with_one_row_and_with_more(client: Client, user: User) -> None:
    make_request(user, status=RequestStatus.APPROVED, agent=make_staff("national"))
    make_request(user)
    for path in ("/m-gestion/", "/services/"):
        client.get(path)
    few = {path: cost(client, path) for path in ("/m-gestion/", "/services/")}
    for _ in range(2):
        make_access(user=user, granted_at=NOW - timedelta(days=1))
        make_request(user)
    assert {path: cost(client, path) for path in few} == few
    assert few == {"/m-gestion/": 7, "/services/": 7}  # one of them is the gate of the terms


@pytest.mark.req("D22", "D34")
def test_the_dashboard_counts_as_activity_of_its_platform_once_a_day(
    client: Client, user: User
) -> None:
    make_access(user=user)
    for days, hours, expected in ((2, 0, 2), (2, 4, 2), (3, 0, 3)):
        with time_machine.travel(NOW + timedelta(days=days, hours=hours), tick=False):
            client.force_login(user)
            client.get("/m-gestion/")
        activity = PlatformActivity.objects.get(user=user)
        assert activity.platform.code == "m-gestion-entreprise"
        assert activity.last_at == NOW + timedelta(days=expected)
