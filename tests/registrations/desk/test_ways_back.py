"""Whoever is awaited, or suspended, finds the road to send the document from wherever they land."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.desk.acts import assign
from registrations.desk.decision.panels.papers import get_request_documents
from registrations.desk.reminders import clock_flows
from registrations.documents import flows as documents_flows
from registrations.requests import suspension_flows
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access
from tests.factories.registrations import make_request
from tests.registrations.acting import in_state
from tests.registrations.papers import pdf

pytestmark = pytest.mark.usefixtures("reference")
BACKEND = "accounts.entry.login.backends.PasswordBackend"
SOON, PAST = NOW + timedelta(days=1), NOW + timedelta(days=40)


def _page(request: Request) -> str:
    return f"/demandes/{request.reference}/"


def _get(client: Client, user: User, path: str, now: Any = SOON) -> Any:
    with time_machine.travel(now, tick=False):
        client.force_login(user, backend=BACKEND)
        return client.get(path, follow=True)


def _suspended(agent: User, user: User, *, asked: bool) -> Request:
    request = in_state("approved-asked" if asked else "approved", agent, user)
    suspension_flows.suspend_access(
        request.pk, reason="Le justificatif n’est pas arrivé.", actor_user=agent, now=SOON
    )
    return request


@pytest.mark.req("R110", "D45", "D47", "D49")
@pytest.mark.parametrize(
    ("start", "asked"), [("/m-gestion/", True), ("/m-gestion/?branche=automobile", False)]
)
def test_a_suspended_person_is_led_to_the_page_that_takes_the_document(
    client: Client, user: User, agent: User, asked: bool, start: str
) -> None:
    request = _suspended(agent, user, asked=asked)
    answer = _get(client, user, start, PAST)
    assert answer.redirect_chain[-1][0] == _page(request)
    html = answer.text
    assert 'type="file"' in html and f'action="{_page(request)}repondre/"' in html
    assert "Le justificatif n’est pas arrivé." in html
    assert f"?subject=Demande%20{request.reference}" in html
    # Neither the badge nor the stepper says the contrary.
    assert 'state--stop">' in html and "Accès suspendu" in html
    assert "Demande acceptée</span>" not in html
    assert "Étape 4 sur 4&nbsp;: <strong>Accès suspendu</strong>" in html
    if not asked:
        return  # the services say the same of both
    banner, tiles = _get(client, user, "/services/").text.split('<ul class="tiles">')
    assert f"{_page(request)}#repondre" in banner
    assert "est suspendu" in banner
    tile = tiles.split("</li>")[0]
    assert "Accès suspendu" in tile and f"{_page(request)}#repondre" in tile


@pytest.mark.req("R109", "D45")
def test_an_awaited_document_is_said_on_the_dashboard_on_the_services_and_with_its_day(
    client: Client, user: User, agent: User
) -> None:
    request = in_state("approved-asked", agent, user)
    for path in ("/m-gestion/", "/services/"):
        html = _get(client, user, path).text
        assert f"{_page(request)}#repondre" in html, path
        assert "Nous attendons votre réponse" in html
        assert "Jusqu’au" in html
    assert "Un document est attendu de vous" in html
    assert "vous pouvez encore l’envoyer" in _get(client, user, "/m-gestion/", PAST).text
    documents_flows.record_answer(request.pk, user=user, text="Voici.", now=SOON)
    for path in ("/m-gestion/", "/services/"):
        assert "#repondre" not in _get(client, user, path).text, "nothing is said once answered"


@pytest.mark.req("R109")
def test_the_tile_of_a_pending_request_says_that_a_document_is_awaited(
    client: Client, user: User, agent: User
) -> None:
    request = in_state("awaiting", agent, user)
    html = _get(client, user, "/services/").text
    tile = html.split('<ul class="tiles">')[1].split("</li>")[0]
    assert "Document attendu" in tile and "Envoyer le document" in tile
    assert f"{_page(request)}#repondre" in tile


def test_an_awaited_document_elsewhere_is_said_on_the_dashboard_of_another_establishment(
    client: Client, user: User, agent: User
) -> None:
    request = in_state("approved-asked", agent, user)
    make_access(user=user, granted_at=NOW + timedelta(hours=9))
    assert f"{_page(request)}#repondre" in _get(client, user, "/m-gestion/").text
    suspension_flows.suspend_access(request.pk, reason="Sans réponse.", actor_user=agent, now=SOON)
    html = _get(client, user, "/m-gestion/").text
    assert f"Votre accès pour {request.company_name} est suspendu" in html


@pytest.mark.req("R110")
def test_a_suspended_person_sends_a_document_that_nobody_asked_for(
    client: Client, user: User, agent: User, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    request = _suspended(agent, user, asked=False)
    file = SimpleUploadedFile("attestation.pdf", pdf(), content_type="application/pdf")
    with time_machine.travel(SOON + timedelta(hours=1), tick=False):
        client.force_login(user)
        answer = client.post(
            f"{_page(request)}repondre/", {"text": "La voici.", "documents": [file]}, follow=True
        )
    assert "Votre réponse est envoyée à votre délégation" in answer.text
    made = Asking.objects.get(request=request)
    assert made.is_unasked and made.answer == "La voici." and made.closed_at is not None
    assert Upload.objects.get(request=request).asking_id == made.pk
    assert (
        RequestEvent.objects.filter(request=request, act=RequestAct.DOCUMENT_RECEIVED).count() == 1
    )
    assert (
        Mail.objects.filter(kind=documents_flows.RECEIVED_MAIL, subject_id=request.pk).count() == 1
    )
    # It decides nothing: the access stays suspended until an agent gives it back.
    assert Access.objects.get(user=user).suspended_at is not None
    assert 'type="file"' in answer.text  # and a second one may follow


def test_the_desk_reads_that_it_came_unasked(agent: User, user: User) -> None:
    request = _suspended(agent, user, asked=False)
    documents_flows.record_answer(request.pk, user=user, text="La voici.", now=PAST)
    assign.write_internal_note(request.pk, text="Vu.", actor_user=agent, now=PAST)
    said = render_to_string(
        "admin/registrations/request/papers.html",
        {"papers": get_request_documents(request, PAST), "item": request, "works": False},
    )
    assert "Envoyé par la personne" in said and "Demandé le" not in said


def test_an_accepted_request_whose_access_is_over_does_not_say_that_it_is_open(
    client: Client, user: User, agent: User
) -> None:
    request = in_state("approved", agent, user)
    Access.objects.filter(user=user).update(ended_at=SOON)
    html = _get(client, user, _page(request)).text
    assert "Votre accès a pris fin" in html and "Accès terminé" in html
    assert "Votre accès est ouvert" not in html


@pytest.mark.req("D49", "D11")
def test_after_a_refusal_the_person_lands_on_its_reason(
    client: Client, user: User, agent: User
) -> None:
    request = make_request(user, status=RequestStatus.REFUSED, agent=agent)
    for start in ("/app/authenticate/automobile", "/m-gestion/"):
        answer = _get(client, user, start)
        assert answer.redirect_chain[-1][0] == _page(request)
    assert "Pourquoi votre demande est refusée" in answer.text
    assert "Corriger et renvoyer" in answer.text
    assert 'href="/m-gestion/demande/">Demander un accès pour un autre établissement' in answer.text


@pytest.mark.req("D49")
def test_a_withdrawn_request_is_no_refusal_and_goes_through_no_step(
    client: Client, user: User, agent: User
) -> None:
    request = make_request(user, status=RequestStatus.CANCELLED)
    answer = _get(client, user, "/m-gestion/")
    assert answer.redirect_chain[-1][0] == "/m-gestion/demande/"
    assert "Étape" not in _get(client, user, _page(request)).text


@pytest.mark.req("D10", "R44")
def test_from_the_due_time_on_the_page_says_that_we_are_late_and_whom_to_ask(
    client: Client, user: User, agent: User
) -> None:
    request = make_request(user)
    assert "en retard" not in _get(client, user, _page(request), request.due_at - timedelta(1)).text
    html = _get(client, user, _page(request), request.due_at).text
    assert "le délai de 48\u00a0h est dépassé" in html
    assert "Veuillez nous en excuser" in html
    assert f"mailto:delegation-idf@example.org?subject=Demande%20{request.reference}" in html
    # A clock that stands still is not late.
    documents_flows.ask_for_documents(
        request.pk, version=request.version, message="Votre Kbis ?", actor_user=agent, now=SOON
    )
    assert "est dépassé" not in _get(client, user, _page(request), PAST).text


def test_an_account_that_is_not_active_gets_no_excuse(user: User) -> None:
    request = make_request(user)
    clock_flows.remind_and_escalate(request.due_at)
    mail = Mail.objects.get(kind=clock_flows.LATE_MAIL)
    assert build_message(mail, request.due_at) is not None
    User.objects.filter(pk=user.pk).update(status=Status.SUSPENDED)
    assert build_message(mail, request.due_at) is None


@pytest.mark.req("R86")
def test_the_menu_leads_an_administrator_to_the_establishment_and_nobody_else(
    client: Client, user: User
) -> None:
    assert "Mon établissement</a>" not in client.get("/services/").text
    access = make_access(user=user, role=Role.ADMINISTRATEUR)
    html = client.get("/services/").text
    assert 'href="/m-gestion/utilisateurs/">Mon établissement</a>' in html
    html = client.get("/m-gestion/utilisateurs/").text
    assert 'href="/m-gestion/utilisateurs/" aria-current="page">Mon établissement</a>' in html
    Platform.objects.filter(pk=access.platform_id).update(enabled=False)
    assert "Mon établissement</a>" not in client.get("/services/").text


def test_the_dashboard_leads_on_to_the_platform_once_it_is_linked(
    client: Client, user: User
) -> None:
    access = make_access(user=user)
    assert "ne sont pas encore reliés" in client.get("/m-gestion/").text
    Platform.objects.filter(pk=access.platform_id).update(
        entry_url="https://mgestion.example.org/?a=1&b=2"
    )
    html = client.get("/m-gestion/").text
    link = "/cas/login?service=https%3A%2F%2Fmgestion.example.org%2F%3Fa%3D1%26b%3D2"
    assert f'href="{link}">Ouvrir M-Gestion Entreprise</a>' in html
