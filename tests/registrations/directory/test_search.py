"""A search in the company directory: two seconds at most, and silence for whatever goes wrong."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from registrations.directory import search_flows
from registrations.directory.company_http import (
    MAX_BYTES,
    MOST_COMPANIES,
    build_search_address,
    read_search_answer,
)
from registrations.directory.company_lookup import CompanyQuery, DirectoryDown
from registrations.directory.company_query import InvalidQuery, parse_query
from registrations.directory.known_answers import (
    find_known_company,
    is_known_accounting_firm,
    purge_old_answers,
)
from registrations.directory.models import DirectoryAnswer, DirectoryCircuit
from registrations.directory.search_flows import SearchAnswer, SearchState
from registrations.requests.enums import CompanyState
from tests.factories.accounts import NOW
from tests.registrations.directory_server import Directory, directory_server, unit

pytestmark = pytest.mark.django_db
RECORDED = json.loads(
    Path(__file__).with_name("recorded_company_search.json").read_text(encoding="utf-8")
)
SIRET, SEAT = "99990001200017", "99990001200025"
ADDRESS = "https://annuaire.example.org/search?q={siret}&per_page=1"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def directory(settings: Any) -> Iterator[Directory]:
    with directory_server() as server:
        settings.COMPANY_DIRECTORY_URL = server.address
        settings.COMPANY_SEARCH_TIMEOUT = 0.5
        yield server


def _search(typed: str = SIRET, department: str = "", **named: Any) -> SearchAnswer:
    return search_flows.search_companies(
        typed, department, **{"person": "one", "now": NOW, **named}
    )


# --- what is asked ---


@pytest.mark.req("S48")
def test_what_is_typed_is_a_number_or_a_name_in_a_departement() -> None:
    for typed, department, query in (
        ("SIRET : 999 900 012 00017", "", CompanyQuery(siret=SIRET)),
        (" 999 900 012 ", "", CompanyQuery(siren="999900012")),
        ("siren 999900012", "", CompanyQuery(siren="999900012")),
        ("Garage\u00a0 de l’Été", "2A", CompanyQuery(name="Garage de l’Été", department="2A")),
        ("4 roues", "75", CompanyQuery(name="4 roues", department="75")),
    ):
        assert parse_query(typed, department) == query


def test_what_cannot_be_searched_is_said() -> None:
    for typed, department in (
        ("", "75"),
        (" \u00a0\u200b\t", "75"),
        ("<b>Garage</b>", "75"),
        ("ab", "75"),
        ("...", "75"),
        ("a" * 10_000, "75"),
        ("a" * 81, "75"),
        ("Garage", ""),
        ("Garage", "75&q=autre"),
        ("999900013", ""),
        ("9999000120001", ""),
        ("99990001200018", ""),
        ("1", "75"),
    ):
        with pytest.raises(InvalidQuery) as wrong:
            parse_query(typed, department)
        assert wrong.value.message, typed


def test_nothing_is_asked_of_what_cannot_be_searched(directory: Directory) -> None:
    answer = _search("<b>Garage</b>", "75")
    assert answer.state == SearchState.INVALID and answer.message
    assert directory.asked == []


def test_only_what_was_typed_leaves() -> None:
    name = CompanyQuery(name="été & fils?", department="2A")
    assert build_search_address(ADDRESS, CompanyQuery(siret=SIRET)).endswith(
        f"/search?q={SIRET}&per_page=1"
    )
    assert build_search_address(ADDRESS, name) == (
        "https://annuaire.example.org/search?q=%C3%A9t%C3%A9+%26+fils%3F&per_page=10"
        "&limite_matching_etablissements=20&departement=2A"
    )
    with pytest.raises(DirectoryDown):  # an address that knows numbers only
        build_search_address("https://annuaire.example.org/{siret}", name)


# --- what is read ---


def test_a_recorded_answer_gives_the_establishments_of_a_company_open_ones_first() -> None:
    seat, old = read_search_answer(RECORDED, CompanyQuery(siren="999900012"))
    assert (seat.siret, seat.closed, seat.conventions) == (SEAT, False, ("1090",))
    assert (old.siret, old.closed, old.address) == (
        SIRET,
        True,
        "12 AVENUE IMAGINAIRE 20000 AJACCIO",
    )
    (only,) = read_search_answer(RECORDED, CompanyQuery(name="lumiere", department="69"))
    assert only.siret == SEAT
    (only,) = read_search_answer(RECORDED, CompanyQuery(siret=SIRET))
    assert only.name == "GARAGE LUMIERE FICTIF"


def test_an_answer_about_another_company_or_without_a_name_is_silence(
    directory: Directory,
) -> None:
    for found in (
        unit("99990002000010"),  # another company
        unit(SIRET) | {"nom_raison_sociale": "", "nom_complet": None},
        unit(SIRET) | {"nom_raison_sociale": {"a": 1}, "nom_complet": 7},
    ):
        directory.answers(found)
        assert _search().state == SearchState.LATER
        assert not DirectoryAnswer.objects.exists()


def test_what_is_hidden_has_no_name_and_is_found_by_its_number_only() -> None:
    answer = {"results": [unit(SIRET, statut_diffusion_etablissement="P")]}
    (hidden,) = read_search_answer(answer, CompanyQuery(siret=SIRET))
    assert (hidden.state, hidden.name) == (CompanyState.HIDDEN, "")
    assert read_search_answer(answer, CompanyQuery(name="garage", department="75")) == []


def test_a_long_answer_is_cut_to_what_is_shown(directory: Directory) -> None:
    found = [unit(f"99990001{number:01}00000") for number in range(10)]
    found[0]["matching_etablissements"] *= 500
    directory.body = json.dumps({"results": found * 20}).encode()
    assert len(_search("garage", "75").companies) <= MOST_COMPANIES


# --- what a server may do to us ---


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_slow_directory_is_left_at_the_timeout(directory: Directory, how: str) -> None:
    setattr(directory, how, True)
    assert _search().state == SearchState.LATER
    assert DirectoryCircuit.objects.get().failures == 1


def test_whatever_the_directory_answers_is_silence(directory: Directory, settings: Any) -> None:
    settings.COMPANY_FAILURES = 100
    answers: list[tuple[str, object]] = [
        ("body", b'{"results": {"a": 1}}'),
        ("body", b'{"results": [{"siege": []}, {"siege": {"siret": 5}}]}'),
        ("body", b"[" * 200_000),
        ("body", b" " * (MAX_BYTES + 2)),
        ("status", 302),
        ("status", 500),
    ]
    for count, (name, value) in enumerate(answers, start=1):
        setattr(directory, name, value)
        assert _search().state == SearchState.LATER, value
        assert DirectoryCircuit.objects.get().failures == count


def test_a_name_that_is_not_resolved_is_left_at_the_timeout(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver has no timeout of its own: the person is answered all the same, and while it
    holds its threads nobody else waits.
    """
    monkeypatch.setattr(
        "mgestion.http_client.socket.getaddrinfo", lambda *_, **__: directory.release.wait(90) or []
    )
    assert [_search(person=str(each)).state for each in range(2)] == [SearchState.LATER] * 2
    DirectoryCircuit.objects.all().delete()
    monkeypatch.setattr(search_flows, "_threads", None)  # would fail, if one were asked
    assert _search().state == SearchState.LATER
    directory.release.set()


def test_without_a_directory_it_is_verified_later(settings: Any) -> None:
    settings.COMPANY_DIRECTORY_URL = ""
    assert _search().state == SearchState.LATER


# --- cache, circuit, rate ---


@pytest.mark.both
def test_an_answer_serves_for_a_day_and_each_establishment_by_its_number(
    directory: Directory,
) -> None:
    directory.body = json.dumps(RECORDED).encode()
    first = _search("lumiere", "69")
    again = _search("LUMIERE", "69", now=NOW + 60 * MINUTE)
    assert again.companies == first.companies
    assert _search(SEAT, now=NOW + 60 * MINUTE).companies == first.companies
    assert len(directory.asked) == 1
    _search(SEAT, now=NOW + timedelta(hours=25))
    assert len(directory.asked) == 2
    assert purge_old_answers(NOW + timedelta(hours=26)) == 1
    assert find_known_company(SEAT, NOW + timedelta(hours=26)) is not None
    assert find_known_company("\0", NOW) is None  # as a form may send it; PostgreSQL knows no NUL


@pytest.mark.req("R41", "D14", "S53")
def test_an_accounting_firm_that_a_search_found_is_known_when_the_form_is_sent(
    directory: Directory,
) -> None:
    directory.answers(unit(SIRET, activite_principale="69.20Y"))
    assert not is_known_accounting_firm(SIRET, NOW)
    (firm,) = _search().companies
    assert firm.is_accounting_firm
    assert is_known_accounting_firm(SIRET, NOW + MINUTE)


@pytest.mark.both
def test_after_three_failures_in_a_row_nobody_waits_for_a_while(directory: Directory) -> None:
    directory.status = 503
    for _ in range(5):
        assert _search().state == SearchState.LATER
    assert len(directory.asked) == 3
    # One tries again after the pause, and a second failure in it doubles the next.
    later = NOW + MINUTE + timedelta(seconds=1)
    assert [_search(now=later).state for _ in range(2)] == [SearchState.LATER] * 2
    assert len(directory.asked) == 4
    assert _search(now=later + MINUTE + timedelta(seconds=1)).state == SearchState.LATER
    assert len(directory.asked) == 4
    directory.status = 200
    directory.answers(unit(SIRET))
    assert _search(now=later + 3 * MINUTE).state == SearchState.FOUND
    assert DirectoryCircuit.objects.get().failures == 0


def test_a_success_starts_the_count_of_failures_again(directory: Directory) -> None:
    """A number that is not known is said, and asked again."""
    for _ in range(2):
        directory.status = 503
        _search()
        _search()
        directory.status = 200
        assert _search().state == SearchState.NONE
    assert len(directory.asked) == 6


@pytest.mark.both
def test_one_person_who_searches_without_end_is_stopped_and_no_other(
    directory: Directory, settings: Any
) -> None:
    settings.COMPANY_SEARCHES_PER_PERSON = (2, 10 * MINUTE)
    states = [_search().state for _ in range(3)]
    assert states == [SearchState.NONE, SearchState.NONE, SearchState.TOO_MANY]
    assert len(directory.asked) == 2
    assert _search(person="two").state == SearchState.NONE
    assert _search(now=NOW + 10 * MINUTE).state == SearchState.NONE
