"""The company directory: asked by a worker, never waited for, deciding nothing."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.people.models import User
from mgestion.errors import Refused
from registrations.directory import company_lookup
from registrations.directory import flows as flow
from registrations.directory.company_http import (
    MAX_BYTES,
    HttpCompanyDirectory,
    read_company_answer,
)
from registrations.directory.company_lookup import Company, DirectoryDown
from registrations.directory.models import CompanyCheck
from registrations.enrolment import amend_flows
from registrations.enrolment.submit_flows import ensure_no_accounting_firm, submit_request
from registrations.requests.enums import CompanyState, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_hints import ReviewHint, split_hint_codes
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of
from tests.factories.registrations import load_reasons, make_answers, make_request
from tests.registrations.directory_server import Directory, directory_server, unit

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
RECORDED = Path(__file__).with_name("recorded_company_search.json")
SIRET = "99990001200017"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def directory(settings: Any) -> Iterator[Directory]:
    with directory_server() as server:
        settings.COMPANY_DIRECTORY_URL = server.address
        settings.COMPANY_DIRECTORY_TIMEOUT = 0.4
        yield server


@pytest.fixture
def agent() -> User:
    load_reasons()
    return make_staff("national")


def _page(agent: User, request: Request, query: str = "") -> str:
    client = client_of(agent)
    address = reverse("admin:registrations_request_change", args=[request.pk])
    return client.get(f"{address}{query}").text


def _check(request: Request) -> CompanyCheck:
    return CompanyCheck.objects.get(request=request)


def _signals(request: Request) -> frozenset[str]:
    request.refresh_from_db()
    return split_hint_codes(request.signals)


# --- what an answer says ---


def test_a_recorded_answer_gives_the_very_establishment_that_was_asked() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert read_company_answer(recorded, SIRET) == Company(
        state=CompanyState.FOUND,
        name="GARAGE LUMIERE FICTIF",
        activity="45.20A",
        closed=True,
        closed_on=date(2024, 6, 30),
        address="12 AVENUE IMAGINAIRE 20000 AJACCIO",
        department="2A",
        siret=SIRET,
        conventions=("1090",),
    )
    seat = read_company_answer(recorded, "99990001200025")
    assert (seat.department, seat.closed) == ("69", False)
    # The search is fuzzy: what it finds instead is not an answer.
    assert read_company_answer(recorded, "99990001200033").state == CompanyState.UNKNOWN


def test_the_departement_is_read_from_the_communes_code() -> None:
    for commune, department in (
        *(("75112", "75"), ("2B033", "2B"), ("97411", "974"), ("98735", "987")),
        *(("", ""), ("Paris", "")),
    ):
        answer = {"results": [unit(SIRET, commune=commune)]}
        assert read_company_answer(answer, SIRET).department == department


def test_what_is_not_public_is_not_kept() -> None:
    answer = {"results": [unit(SIRET, statut_diffusion_etablissement="P", adresse="[ND]")]}
    found = read_company_answer(answer, SIRET)
    assert (found.state, found.name, found.address) == (CompanyState.HIDDEN, "", "")
    assert found.activity == "45.20A"


@pytest.mark.req("S53")
def test_the_class_6920_counts_whatever_its_letter() -> None:
    for code in ("69.20Z", "6920Z", "69.20Y"):
        assert company_lookup.is_accounting_activity(code)
    for code in ("69.10Z", ""):
        assert not company_lookup.is_accounting_activity(code)


# --- what a server may do to us ---


def _find(directory: Directory) -> Company:
    return HttpCompanyDirectory(directory.address, 0.4).find(SIRET)


def test_an_answer_that_makes_no_sense_is_no_answer(directory: Directory, settings: Any) -> None:
    for body in (b"", b"<html>", b"[]", b"null", b'{"results": [3]}', b"\xff\xfe", b"{}"):
        directory.body = body
        with pytest.raises(DirectoryDown):
            _find(directory)
    directory.body = b" " * (MAX_BYTES + 2)
    with pytest.raises(DirectoryDown, match="too long"):
        _find(directory)
    for status in (301, 404, 503):
        directory.status = status
        with pytest.raises(DirectoryDown, match=f"HTTP {status}"):
            _find(directory)
    assert set(directory.callers) == {f"M-Gestion (+{settings.PUBLIC_URL})"}


# --- the sweep ---


@pytest.mark.req("D14")
def test_by_default_nobody_is_asked_and_the_desk_says_so_with_a_refusal_at_hand(
    agent: User,
) -> None:
    request = make_request()
    assert flow.look_up_due_companies(NOW) == {"known": 0, "asked": 0, "failed": 0}
    assert not CompanyCheck.objects.exists()
    page = _page(agent, request, "?motif=cabinet-comptable")
    assert "Non vérifié au répertoire" in page
    assert "Ce portail n’en consulte aucun" in page
    assert 'value="cabinet-comptable"' in page
    assert 'id="refuser" open' in page
    form = page[page.index('id="refuse_text"') :]
    assert "M-Gestion n’accepte pas" in form[: form.index("</textarea>")]
    assert 'id="refuser">' in _page(agent, request, "?motif=inconnu")


@pytest.mark.both
def test_an_open_request_is_asked_once_and_shows_what_came(
    directory: Directory, agent: User
) -> None:
    request = make_request()
    assert directory.asked == []  # a submission never waits for it
    directory.answers(unit(request.siret, liste_idcc=["1090", "0787", "9999"]))
    assert flow.look_up_due_companies(NOW)["asked"] == 1
    assert flow.look_up_due_companies(NOW + MINUTE)["asked"] == 0
    assert directory.asked == [request.siret]
    page = _page(agent, request)
    assert "Établissement vérifié au répertoire" in page
    assert "GARAGE FICTIF, 1 RUE INVENTEE 75012 PARIS 12" in page
    assert "IDCC\u00a01090 (Services de l’automobile), IDCC\u00a00787 (Cabinets d’experts-" in page
    assert "commissaires aux comptes, OPCO ATLAS), IDCC\u00a09999." in page
    version = request.version
    assert not _signals(request) & {"ferme", "activite", "ailleurs"}
    assert request.version == version  # the reviewer's page is not stale by it


def test_what_came_raises_signals_with_a_refusal_ready_and_decides_nothing(
    directory: Directory, agent: User
) -> None:
    found = {
        ReviewHint.CLOSED: (
            {"etat_administratif": "F", "date_fermeture": "2025-01-31"},
            "Fermé depuis le vendredi 31 janvier 2025",
        ),
        ReviewHint.ACTIVITY: ({"activite_principale": "69.20Z"}, "Activité comptable (69.20)"),
        ReviewHint.ELSEWHERE: ({"commune": "69383"}, "Département différent au répertoire"),
    }
    requests = {signal: make_request() for signal in found}
    for signal, (place, _) in found.items():
        company = read_company_answer({"results": [unit(SIRET, **place)]}, SIRET)
        siret = requests[signal].siret
        assert flow.record_company_answer(requests[signal].pk, siret, company, NOW)
        assert _signals(requests[signal]) & {each.value for each in found} == {signal.value}
    request = make_request()
    all_of_it: dict[str, str] = {}
    for place, _ in found.values():
        all_of_it |= place
    directory.answers(unit(request.siret, **all_of_it))
    flow.look_up_due_companies(NOW)
    assert _signals(request) == {signal.value for signal in found}
    assert request.status == RequestStatus.SUBMITTED
    page = _page(agent, request)
    for _, words in found.values():
        assert words in page
    assert page.count("Préparer le refus avec ce motif") == len(found)


def test_a_directory_that_is_down_is_asked_again_later_and_later(
    directory: Directory, agent: User
) -> None:
    first, second = make_request(now=NOW), make_request(now=NOW + MINUTE)
    directory.status = 503
    assert flow.look_up_due_companies(NOW + MINUTE) == {"known": 0, "asked": 0, "failed": 1}
    assert len(directory.asked) == 1  # the second one would have waited in vain
    later = NOW + 2 * MINUTE
    flow.look_up_due_companies(later)
    assert directory.asked == [first.siret, second.siret]
    assert (
        flow.look_up_due_companies(later + timedelta(seconds=10))["failed"] == 0
    )  # none is due yet
    flow.look_up_due_companies(NOW + timedelta(minutes=10))
    assert _check(first).state == CompanyState.WAITING
    assert "Il n’a pas encore répondu" in _page(agent, first)
    directory.status = 200
    directory.answers(unit(first.siret))
    flow.look_up_due_companies(NOW + timedelta(hours=6))
    assert _check(first).state == CompanyState.FOUND
    assert (
        company_lookup.get_retry_delay(1)
        < company_lookup.get_retry_delay(2)
        < company_lookup.get_retry_delay(3)
    )
    assert company_lookup.get_retry_delay(30) == timedelta(hours=6)


@pytest.mark.both
def test_an_answer_of_today_serves_another_request_of_the_same_siret(directory: Directory) -> None:
    first = make_request()
    directory.answers(unit(first.siret))
    flow.look_up_due_companies(NOW)
    second = make_request(siret=first.siret, now=NOW + MINUTE)
    assert flow.look_up_due_companies(NOW + 2 * MINUTE)["known"] == 1
    assert len(directory.asked) == 1
    # A copy is as old as what it copies: it does not keep an answer alive for ever.
    assert _check(second).checked_at == _check(first).checked_at
    make_request(siret=first.siret, now=NOW + DAY)
    flow.look_up_due_companies(NOW + DAY + MINUTE)
    assert len(directory.asked) == 2


def test_a_corrected_siret_is_asked_anew_and_what_was_said_of_the_old_one_goes(
    directory: Directory, agent: User
) -> None:
    request = make_request()
    directory.answers(unit(request.siret, etat_administratif="F"))
    flow.look_up_due_companies(NOW)
    assert "ferme" in _signals(request)
    same = {"siret": request.siret, "company_name": "Garage fictif corrigé"}
    amend_flows.amend_request(request.pk, request.user, make_answers(**same), NOW + MINUTE)
    assert "ferme" in _signals(request)  # another field: the answer still stands
    amend_flows.amend_request(request.pk, request.user, make_answers(), NOW + 2 * MINUTE)
    assert "ferme" not in _signals(request)
    assert "Non vérifié au répertoire" in _page(agent, request)
    directory.answers(unit(request.siret))
    flow.look_up_due_companies(NOW + 3 * MINUTE)
    assert directory.asked[-1] == request.siret
    assert "Établissement vérifié" in _page(agent, request)


def test_a_siret_corrected_meanwhile_or_a_closed_request_gets_no_answer(
    directory: Directory,
) -> None:
    request = make_request()
    closed = Company(CompanyState.FOUND, closed=True)
    assert flow.record_company_answer(request.pk, SIRET, closed, NOW) is False
    assert _signals(request) == frozenset()
    amend_flows.cancel_request(request.pk, request.user, NOW)
    assert flow.look_up_due_companies(NOW)["asked"] == 0
    assert not CompanyCheck.objects.filter(request=request).exists()


def test_a_sweep_with_nothing_to_ask_costs_two_statements(
    directory: Directory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_request()
    flow.look_up_due_companies(NOW)
    flow.look_up_due_companies(NOW)
    with django_assert_num_queries(2):
        flow.look_up_due_companies(NOW + timedelta(seconds=1))


# --- the one refusal (D14) ---


def _submit(siret: str) -> None:
    submit_request(
        user=make_newcomer(),
        answers=make_answers(siret=siret),
        form_token=uuid4(),
        now=NOW + MINUTE,
    )


@pytest.mark.req("D14", "R41")
def test_an_accounting_firm_is_refused_at_submission_only_when_it_is_known_already(
    directory: Directory, settings: Any
) -> None:
    first = make_request()
    directory.answers(unit(first.siret, activite_principale="69.20Z"))
    make_request(siret=first.siret)  # not known yet: a signal at most
    flow.look_up_due_companies(NOW)
    with pytest.raises(Refused, match="cabinet comptable") as refused:
        _submit(first.siret)
    assert refused.value.code == "accounting_firm"
    other = make_request(now=NOW + MINUTE)
    with pytest.raises(Refused, match="cabinet comptable"):
        amend_flows.amend_request(
            other.pk, other.user, make_answers(siret=first.siret), NOW + 2 * MINUTE
        )
    answers = make_answers(siret=first.siret)
    ensure_no_accounting_firm(answers, NOW + 2 * DAY)  # too old to be held against anybody
    settings.COMPANY_DIRECTORY_URL = ""  # what is known is forgotten when it is switched off
    _submit(first.siret)
