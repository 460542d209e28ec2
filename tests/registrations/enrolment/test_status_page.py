"""Where a request stands, for its author and nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.accesses.flows import change_role, end_access, suspend_access
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.moving_flows import move_access
from accounts.habilitations.reference.models import Department
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.text.dates import french_moment
from registrations.desk.acts.assign import take_request
from registrations.enrolment.amend_flows import amend_request, cancel_request
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_establishment, make_staff
from tests.factories.people import client_of
from tests.factories.registrations import make_answers, make_request, posted
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")


def _address(request: Request) -> str:
    return f"/demandes/{request.reference}/"


@pytest.mark.req("R44", "R42", "D10", "D19", "S57")
def test_an_open_request_says_its_reference_its_due_time_in_paris_and_who_handles_it(
    client: Client, user: User
) -> None:
    request = make_request(user)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        client.force_login(user)
        html = client.get(_address(request)).text
    assert request.reference in html
    assert "jeudi 19 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)" in html
    assert "jusqu’à 48\u00a0h" in html
    assert "Délégation régionale Île-de-France" in html
    assert "delegation-idf@example.org" in html
    assert "732" not in request.siret
    assert "Étape 2 sur 4" in html
    assert "<title>Demande" in html


@pytest.mark.req("R42", "S46", "D39")
def test_the_confirmation_window_is_a_named_dialog_that_opens_once_and_needs_no_javascript(
    client: Client, user: User
) -> None:
    new, fields = reverse("registrations:request_new"), posted()
    html = client.post(new, fields, follow=True).text
    request = Request.objects.get(user=user)
    window = re.search(r"<dialog[^>]*>.*?</dialog>", html, re.DOTALL)
    assert window
    assert 'aria-labelledby="confirmation-title"' in window.group()
    assert " open" in window.group().split(">")[0]
    assert 'method="dialog"' in window.group()
    for words in (request.reference, french_moment(request.due_at), user.email, "second e-mail"):
        assert words in window.group()
    above = html.split('<div class="messages"')[1].split("</div>")[0]
    assert request.reference not in above  # said once, by the window
    page = client.get(_address(request))
    assert "<dialog" not in page.text and "no-store" in page.headers["Cache-Control"]
    # The form sent twice is one request: its author is told once more.
    assert "<dialog" in client.post(new, fields, follow=True).text
    # Withdrawn before the page was seen, or another request's page: nothing to confirm.
    client.post(new, fields)
    other = make_request(user)
    assert "<dialog" not in client.get(_address(other)).text
    client.post(new, fields)
    cancel_request(request.pk, user, timezone.now())
    assert "<dialog" not in client.get(_address(request)).text


@pytest.mark.req("S14", "S22")
def test_only_its_author_sees_a_request(client: Client, user: User) -> None:
    other = make_request()
    for path in ("", "annuler/", "modifier/"):
        assert client.get(f"{_address(other)}{path}").status_code == 404
    assert client.post(f"{_address(other)}annuler/").status_code == 404
    assert client.get("/demandes/MG-AAAA-AAAA/").status_code == 404
    other.refresh_from_db()
    assert other.is_open
    agent = client_of(make_staff("national"))  # who reads it in the administration
    assert agent.get(_address(other)).status_code == 404


@pytest.mark.req("D10", "D11", "R45")
def test_a_refused_request_says_why_and_how_to_mend_it(client: Client, user: User) -> None:
    agent = make_staff("national")
    request = make_request(user, status=RequestStatus.REFUSED, agent=agent)
    html = client.get(_address(request)).text
    assert "Le SIRET ne correspond pas à l’établissement" in html
    assert "Le SIRET ne correspond pas." in html
    assert "Étudiée en moins d’1\u00a0h." in html
    assert f"?suite={request.reference}" in html
    assert "Corriger et renvoyer" in html
    final = make_request(
        user, status=RequestStatus.REFUSED, agent=agent, reason="cabinet-comptable"
    )
    html = client.get(_address(final)).text
    assert "Corriger et renvoyer" not in html
    assert "ne permet pas de renvoyer" in html


@pytest.mark.req("D67", "R111")
def test_an_access_is_found_from_its_request_where_it_was_moved(client: Client, user: User) -> None:
    agent = make_staff("national")
    request = make_request(user, status=RequestStatus.APPROVED, agent=agent)
    said: dict[str, Any] = {"reason": "Mauvais SIRET", "actor": Actor.staff(agent), "now": NOW}
    html = client.get(_address(request)).text
    assert "Demande acceptée" in html and "Étudiée en moins d’1\u00a0h." in html
    assert re.search(r'href="/m-gestion/">Ouvrir mon espace .*M-Gestion</span></a>', html)

    def look(place: str, state: str) -> None:
        page = client.get(_address(request)).text
        assert "Accès déplacé" in page and f"rattaché l’accès à {place}" in page
        assert request.company_name in page, "the history of the request stays"
        for words, when in (
            ("Ouvrir mon espace", "open"),
            ("suspendu depuis", "suspended"),
            ("a pris fin le", "ended"),
        ):
            assert (words in page) == (state == when), (place, state, words)

    for place in ("Garage juste", "Garage plus juste"):
        access = Access.objects.open().get(user=user)
        moved = move_access(access.pk, to=make_establishment(name=place), **said)
        # What is changed there later does not hide where it came from.
        change_role(moved.pk, role="administrateur", dashboard="automobile", **said)
    look(place, "open")
    suspend_access(moved.pk, **said)
    look(place, "suspended")
    end_access(moved.pk, **said)
    look(place, "ended")
    shown = client_of(agent).get(f"/admin/registrations/request/{request.pk}/change/").text
    assert "Accès déplacé vers" in shown and place in shown


def test_cancelling_asks_first_and_a_request_without_delegation_names_the_national_contact(
    client: Client, user: User
) -> None:
    Department.objects.filter(code="975").update(delegation=None)
    request = make_request(user, department="975")
    assert "contact@opcomobilites.fr" in client.get(_address(request)).text
    page = client.get(f"{_address(request)}annuler/")
    assert "Annuler ma demande" in page.text
    request.refresh_from_db()
    assert request.is_open
    answer = client.post(f"{_address(request)}annuler/", follow=True)
    assert f"Votre demande {request.reference} est annulée." in answer.text
    request.refresh_from_db()
    assert request.status == RequestStatus.CANCELLED


def test_a_long_history_costs_no_more_queries_and_names_the_opco_not_its_agents(
    client: Client, user: User
) -> None:
    agent, request = make_staff("national"), make_request(user)
    take_request(request.pk, actor_user=agent, now=NOW + timedelta(hours=1))
    client.get(_address(request))
    few = cost(client, _address(request))
    for number in range(2):
        answers = make_answers(siret=request.siret, first_name=f"Zoé{'é' * number}")
        amend_request(request.pk, user, answers, NOW)
    assert cost(client, _address(request)) == few <= 9
    html = client.get(_address(request)).text
    for words in ("Demande enregistrée", "Prise en charge", "Demande corrigée", "OPCO Mobilités"):
        assert words in html
    assert agent.last_name not in html


@pytest.mark.req("D34", "D22")
def test_the_page_counts_as_activity_once_a_day(client: Client, user: User) -> None:
    request = make_request(user)
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        client.force_login(user)
        client.get(_address(request))
        user.refresh_from_db()
        assert user.last_activity_at == NOW + timedelta(days=2)
    with time_machine.travel(NOW + timedelta(days=2, hours=3), tick=False):
        client.get(_address(request))
        user.refresh_from_db()
        assert user.last_activity_at == NOW + timedelta(days=2)
