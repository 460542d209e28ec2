"""The administration's second door: no page of it without a second factor (S11, S12, S18)."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.entry.second_factor import factors
from accounts.entry.second_factor.demo_factors import get_demo_secret, load_factors
from accounts.entry.sessions.middleware import StaffSecondFactorMiddleware
from accounts.habilitations.demo import AGENTS, load_staff
from accounts.people.models import User
from tests.factories.factors import code, give_factor, show_code, show_mailed_code, with_factor
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import NOW, log_in
from tests.test_permissions import BACKEND, addresses, outcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "now")]
PASSWORD = "Demonstration-Agent-2026"
OVERVIEW = "/compte/second-facteur/"
QUEUE = "/admin/habilitations/dga/"


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True


def test_it_is_required_wherever_the_portal_runs() -> None:
    from mgestion import settings

    assert settings.STAFF_SECOND_FACTOR_REQUIRED is True


def filled(route: str) -> str:
    """`route` with something in its holes: what is not looked at any more need not exist."""
    route = re.sub(r"\^\(\?P<app_label>.*", "habilitations/", route)
    route = re.sub(r"\(\?P<url>.*", "n-existe-pas", route)
    route = re.sub(r"<uuid:\w+>", "00000000-0000-4000-8000-000000000000", route)
    return re.sub(r"<\w+:\w+>", "1", route)


@pytest.mark.req("S11", "S18", "S12")
def test_no_page_of_the_administration_opens_without_one(
    client: Client, rf: RequestFactory
) -> None:
    """The middleware refuses each address; a few of them through the whole portal."""
    agent = make_staff("national")
    client.force_login(agent, backend=BACKEND)
    session = client.session
    limits = StaffSecondFactorMiddleware(lambda request: HttpResponse("inside"))
    paths = [
        filled(route)
        for name, route in addresses().items()
        if route.startswith("/admin/") and name not in ("admin:login", "admin:logout")
    ]
    assert len(paths) > 50
    for number, path in enumerate(paths):
        for method in ("GET", "POST"):
            request = rf.generic(method, path)
            request.user, request.session = agent, session
            match = request.resolver_match = resolve(path)
            for response in (
                limits.process_view(request, match.func, match.args, match.kwargs),
                *([client.generic(method, path)] if number % 40 == 0 else []),
            ):
                assert response is not None and response.status_code == 302, (path, method)
                assert response["Location"].startswith(f"{OVERVIEW}?next=%2Fadmin%2F"), path


@pytest.mark.req("S18")
def test_the_administrations_own_door_leads_to_the_same_check(client: Client) -> None:
    client.force_login(make_staff("national"), backend=BACKEND)
    through = client.get(f"/admin/login/?next={QUEUE}")
    assert through["Location"] == QUEUE
    assert client.get(QUEUE)["Location"].startswith(OVERVIEW)
    assert client.post("/admin/logout/").status_code == 307


@pytest.mark.req("S18")
def test_an_agent_without_one_is_led_to_enrolment_and_on_to_where_he_was_going(
    client: Client,
) -> None:
    agent = make_staff("national")
    log_in(client, agent.email, PASSWORD, next=QUEUE)
    asked = client.get(QUEUE)["Location"]
    assert "Obligatoire pour les agents" in client.get(asked).text
    # Once more the password: the page says why, and leads straight to the enrolment.
    again = client.post(f"{OVERVIEW}application/", {"next": QUEUE})["Location"]
    assert "même si vous venez de vous connecter" in client.get(again).text
    set_up = client.post(again, {"password": PASSWORD})["Location"]
    assert set_up.startswith(f"{OVERVIEW}application/?next=")
    assert client.get(set_up)["Location"].startswith(f"{OVERVIEW}code-recu/")
    show_mailed_code(client)  # agents too (D73)
    page = client.get(set_up).text
    start = page.index("secret=") + len("secret=")
    secret = page[start : start + 32]
    done = client.post(
        set_up, {"code": factors.get_code_at(secret, NOW.timestamp()), "next": QUEUE}
    )
    assert f'href="{QUEUE}"' in done.text
    assert client.get(QUEUE).status_code == 200


@pytest.mark.req("S18")
def test_an_agent_with_one_shows_it_at_login_and_walks_in(client: Client) -> None:
    agent = make_staff("national")
    codes = give_factor(agent)
    log_in(client, agent.email, PASSWORD, next=QUEUE)
    assert client.get(QUEUE)["Location"].startswith("/cas/login")
    assert show_code(client, code())["Location"] == QUEUE
    assert client.get(QUEUE).status_code == 200
    other = Client()
    log_in(other, agent.email, PASSWORD, next=QUEUE)
    show_code(other, codes[0])  # recovery works for agents too
    assert other.get(QUEUE).status_code == 200


def test_a_session_from_before_the_factor_shows_a_code_first(client: Client) -> None:
    agent = make_staff("national")
    log_in(client, agent.email, PASSWORD)
    give_factor(agent)
    asked = client.get(client.get(QUEUE)["Location"])["Location"]
    assert asked.startswith("/compte/second-facteur/verification/")
    said = {"password": PASSWORD, "code": code()}
    assert client.post(asked, said)["Location"] == QUEUE
    assert client.get(QUEUE).status_code == 200


def test_users_and_the_rest_of_the_portal_are_not_asked(client: Client) -> None:
    client.force_login(make_user(), backend=BACKEND)
    assert outcome(client.get("/admin/")) == "no"  # type: ignore[arg-type]
    agent = Client()
    agent.force_login(make_staff("national"), backend=BACKEND)
    assert agent.get("/compte/").status_code == 200


def test_it_costs_the_administration_no_statement(
    client: Client, django_assert_num_queries: Any, settings: Any
) -> None:
    client.force_login(make_staff("national"), backend=BACKEND)
    client.get("/admin/jsi18n/")
    with django_assert_num_queries(2):  # the session and the account
        client.get("/admin/jsi18n/")
    with_factor(client)
    with django_assert_num_queries(2):
        assert client.get("/admin/jsi18n/").status_code == 200


def test_the_demos_agents_have_a_factor_and_its_page_shows_their_codes(client: Client) -> None:
    load_staff(NOW)
    load_factors(NOW)
    load_factors(NOW)
    page = client.get("/codes/").text
    for agent in AGENTS:
        user = User.objects.get(email=agent.email)
        shown = factors.get_code_at(get_demo_secret(agent.email), NOW.timestamp())
        assert f"{shown[:3]} {shown[3:]}" in page
        assert factors.use_code(user, shown, now=NOW) == "application"


@pytest.mark.req("S11")
def test_the_pages_list_of_password_rules_says_sixteen_to_agents(client: Client) -> None:
    client.force_login(make_staff("national"), backend=BACKEND)
    assert "au moins 16 caractères" in client.get("/compte/mot-de-passe/").text
    client.force_login(make_user(), backend=BACKEND)
    page = client.get("/compte/mot-de-passe/").text
    assert "au moins 8 caractères" in page
    assert "16 caractères" not in page
