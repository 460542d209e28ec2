"""The directory's answer on the enrolment forms, with and without JavaScript."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.habilitations.reference.models import Delegation
from accounts.people.models import User
from registrations.directory.models import DirectoryAnswer
from registrations.promise.models import ResponseTime
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.people import client_of
from tests.factories.registrations import make_request, posted
from tests.registrations.directory_server import Directory, directory_server, unit

pytestmark = pytest.mark.usefixtures("reference")
FORM, SEARCH = "/m-gestion/demande/", "/demandes/etablissement/"
ANSWER = f"{SEARCH}reponse/"
CONTRIBUTIONS = "/demandes/m-contributions/nouvelle/"
SIRET = "99990001200017"


@pytest.fixture
def directory(settings: Any) -> Iterator[Directory]:
    with directory_server() as server:
        settings.COMPANY_DIRECTORY_URL = server.address
        server.answers(unit(SIRET, liste_idcc=["1090"]))
        yield server


@pytest.fixture
def user() -> User:
    return make_newcomer()


@pytest.fixture
def page(user: User) -> Client:
    return client_of(user)


def _check(page: Client, form: str = FORM, **typed: str) -> str:
    """« Vérifier ce SIRET », without JavaScript."""
    fields = {"verifier": "1", "form_address": form, "siret": SIRET, **typed}
    return page.post(SEARCH, fields).text


def _answer(page: Client, text: str = SIRET, form: str = FORM, **typed: str) -> str:
    """What the script shows."""
    fields = {"recherche": text, "form_address": form, **typed}
    return str(page.post(ANSWER, fields).json()["html"])


def _hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([\w_]+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


def _selected(html: str, name: str) -> str:
    select = html.split(f'name="{name}"')[1].split("</select>")[0]
    return str((re.findall(r'value="([\w-]*)" selected', select) or [""])[0])


def _value(html: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
    assert tag
    found = re.search(r'value="([^"]*)"', tag.group())
    return str(unescape(found.group(1))) if found else ""


def test_the_form_says_later_where_no_directory_is_asked_and_keeps_what_was_typed(
    page: Client,
) -> None:
    html = page.get(FORM).text
    assert "vérifié plus tard" in html
    assert "data-directory" not in html
    assert re.search(r'<a [^>]*rel="external noopener"[^>]*>Trouver le SIRET', html)  # R131
    token = "0d3c0a4e-6f0e-4f5e-9d3c-0a4e6f0e4f5e"
    html = page.post(FORM, {"retour": "1", "company_name": "Été", "form_token": token}).text
    assert _value(html, "company_name") == "Été"
    assert _hidden(html)["form_token"] == token
    html = page.post(FORM, {"etablissement": "99990001200025", "siret": "1"}).text
    assert _value(html, "siret") == "1"  # nothing is known of what was chosen: a hand-made post


@pytest.mark.req("R30")
def test_without_javascript_the_establishment_is_found_and_fills_what_is_empty(
    page: Client, directory: Directory
) -> None:
    typed = {"last_name": "Fictif", "kind": "entreprise", "accept_terms": "on", "person": "x"}
    html = _check(page, f"{FORM}?branche=inconnue", **typed)
    for words in ("GARAGE FICTIF", "1 RUE INVENTEE 75012 PARIS 12", "45.20A", "Ouvert"):
        assert words in html
    assert "Entretien et réparation de véhicules automobiles" in html
    assert "Remplacer ma saisie" in html and re.search(r"data-replace\s+hidden", html)
    assert directory.asked == [SIRET]
    carried = _hidden(html)
    assert "accept_terms" not in carried  # a switch is moved on the form itself
    address = re.search(r'formaction="([^"#]*)#etablissement"[^>]*data-choose', html)
    assert address and address.group(1) == f"{FORM}?branche=inconnue"
    form = page.post(address.group(1), {**carried, "etablissement": SIRET}).text
    assert _value(form, "last_name") == "Fictif"
    assert _value(form, "siret").replace("\u202f", "") == SIRET
    assert _value(form, "company_name") == "GARAGE FICTIF"
    assert _selected(form, "department") == "75"
    assert _selected(form, "branch") == "automobile"
    assert "Le nom et le département sont remplis" in form
    assert "Votre saisie comporte" not in form and " checked" in form
    assert not Request.objects.exists()


@pytest.mark.req("D10", "R44")
def test_the_answer_and_the_form_that_is_filled_say_how_fast_the_delegation_is(
    page: Client, directory: Directory
) -> None:
    known = {"decided": 20, "median_hours": 7, "share": 95, "measured_at": timezone.now()}
    ResponseTime.objects.create(delegation=Delegation.objects.get(code="IDF"), **known)
    words = "Île-de-France\u00a0: réponse en 7\u00a0h"
    assert words in _answer(page)
    html = page.get(FORM).text
    assert words not in html
    # The enter key presses the first button of the form, which still sends it.
    first = re.findall(r"<button[^>]*>", html.split('class="form-card"')[1])[0]
    assert "formaction" not in first and 'type="submit"' in first
    assert words in page.post(FORM, {"etablissement": SIRET}).text


def test_what_was_typed_is_replaced_only_by_the_button_that_says_so(
    page: Client, directory: Directory
) -> None:
    typed = {"company_name": "Mon garage", "department": "92", "branch": "urbain"}
    html = _check(page, **typed)
    assert re.search(r"data-replace\s*>Remplacer ma saisie", html)
    kept = page.post(FORM, {**typed, "etablissement": SIRET}).text
    assert (_value(kept, "company_name"), _selected(kept, "department")) == ("Mon garage", "92")
    assert _selected(kept, "branch") == "urbain"
    assert "Ce que vous aviez saisi est gardé" in kept
    replaced = page.post(FORM, {**typed, "remplacer": SIRET}).text
    assert _value(replaced, "company_name") == "GARAGE FICTIF"
    assert (_selected(replaced, "department"), _selected(replaced, "branch")) == ("75", "urbain")
    # Another type has no branch.
    assert _selected(page.post(FORM, {"kind": "cfa", "etablissement": SIRET}).text, "branch") == ""


def test_a_name_in_a_departement_is_searched_when_the_person_says_so(
    page: Client, directory: Directory
) -> None:
    typed = {"company_name": "Garage <b>", "department": "75", "form_address": FORM}
    html = page.post(SEARCH, {**typed, "par_nom": "1"}).text
    assert _value(html, "recherche") == "Garage <b>"
    for text in ("x" * 10_000, "<b>", "   "):
        fields = {"chercher": "1", "recherche": text, "recherche_departement": "75"}
        answer = page.post(SEARCH, fields)
        assert answer.status_code == 200 and "Erreur" in answer.text
        assert _answer(page, text, recherche_departement="75")
    assert directory.asked == []
    html = page.post(SEARCH, {"chercher": "1", "recherche": "garage", **typed}).text
    assert "choisissez aussi le département" in html and "Erreur" in html
    found = {"chercher": "1", "recherche": "garage", "recherche_departement": "75"}
    html = page.post(SEARCH, found).text
    assert "GARAGE FICTIF" in html and directory.asked == ["garage"]


@pytest.mark.req("R41", "D14")
def test_an_accounting_firm_is_said_before_sending_and_told_where_it_may_go(
    page: Client, directory: Directory
) -> None:
    directory.answers(unit(SIRET, activite_principale="69.20Z"))
    html = _answer(page)
    assert "M-Gestion n’accepte pas les demandes des cabinets comptables" in html
    assert f'href="{CONTRIBUTIONS}"' in html
    assert "data-choose" not in html
    sent = page.post(FORM, posted(siret=SIRET)).text
    assert "activité 69.20" in sent and not Request.objects.exists()
    taken = _answer(page, form=CONTRIBUTIONS)
    assert "n’accepte pas" not in taken and "data-choose" in taken


def test_closed_hidden_unknown_and_silence_are_said_and_stop_nobody(
    page: Client, directory: Directory
) -> None:
    directory.answers(unit(SIRET, etat_administratif="F", date_fermeture="2025-01-31"))
    html = _check(page)
    assert "Fermé depuis le vendredi 31 janvier 2025" in html
    assert 'name="siren" value="999900012"' in html and "data-choose" in html
    page.post(SEARCH, {"siren": "999900012", "siret": SIRET})
    assert directory.asked[-1] == "999900012"
    DirectoryAnswer.objects.all().delete()
    directory.answers(unit(SIRET, statut_diffusion_etablissement="P"))
    html = _check(page)
    assert "choisi de ne pas diffuser" in html
    assert 'name="siren"' not in html and "data-choose" not in html
    DirectoryAnswer.objects.all().delete()
    directory.answers()
    assert "n’est pas dans l’annuaire public" in _answer(page)
    directory.status = 503
    assert "Vérification plus tard" in _answer(page)
    assert "Vérification plus tard" in _check(page)
    assert page.post(FORM, posted(siret=SIRET)).status_code == 302


def test_the_answer_for_the_script_is_the_same_and_what_the_directory_says_is_text(
    page: Client, directory: Directory
) -> None:
    html = _answer(page)
    assert 'data-name="GARAGE FICTIF"' in html
    assert 'data-department="75"' in html and 'data-branch="automobile"' in html
    assert "14 chiffres" in _answer(page, "9999")
    assert "choisissez aussi le département" in _answer(page, "garage")
    assert page.get(ANSWER).status_code == 405
    DirectoryAnswer.objects.all().delete()
    bad = '"><script>alert(1)</script>'
    directory.answers(unit(SIRET, adresse=bad) | {"nom_raison_sociale": bad})
    for html in (_answer(page), _check(page), page.post(FORM, {"etablissement": SIRET}).text):
        assert "<script>alert" not in html and "&lt;script&gt;" in html


def test_the_search_leads_back_to_a_form_of_the_person_only(
    user: User, page: Client, directory: Directory
) -> None:
    mine = make_request(user)
    address = f"/demandes/{mine.reference}/modifier/"
    assert f'formaction="{address}#etablissement"' in _check(page, address)
    form = page.post(address, {"siret": SIRET, "remplacer": SIRET}).text
    assert _value(form, "company_name") == "GARAGE FICTIF"
    mine.refresh_from_db()
    assert mine.status == RequestStatus.SUBMITTED and mine.company_name != "GARAGE FICTIF"
    other = f"/demandes/{make_request().reference}/modifier/"
    for address in (other, "//pirate.example.org/", "/é?#"):
        assert f'formaction="{FORM}#etablissement"' in _check(page, address)
