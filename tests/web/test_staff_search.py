"""One search box on the staff pages: what each agent may open, and nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.search_words import match_establishments
from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import StaffRole
from accounts.people.search.search_words import index_accounts
from mgestion.admin import search_page
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_request
from tests.undrawn import undrawn

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
]
SEARCH = "/admin/recherche/"
EVERYBODY = (StaffRole.NATIONAL, StaffRole.AUDITOR, StaffRole.DPO, StaffRole.REVIEWER)


def seek(client: Client, text: str) -> Any:
    return client.get(SEARCH, {"q": text})


def titles(client: Client, text: str) -> list[str]:
    answer = seek(client, text).context["answer"]
    return [group.title for group in answer.groups]


@pytest.fixture
def national() -> Client:
    return client_of(make_staff(StaffRole.NATIONAL))


@pytest.mark.both
def test_one_text_finds_a_person_in_every_list(national: Client) -> None:
    person = make_user(first_name="Zélie", last_name="Clairière")
    make_request(user=person)
    make_access(user=person)
    for text in ("zelie", "Clairière Zél", person.email.upper()):
        found = titles(national, text)
        assert found[:2] == ["Demandes d’accès", "Comptes"], text
        assert "Accès" in found, text
    assert titles(national, "zelie introuvable") == []


@pytest.mark.both
def test_a_company_is_found_by_words_of_its_name_without_any_request(national: Client) -> None:
    place = make_establishment(name="Garage de l’Étoile du Nord")
    make_establishment(name="Garage du Sud")
    for text in ("etoile garage", "NORD", "Étoi"):
        assert list(Establishment.objects.filter(match_establishments(text))) == [place], text
        assert "Établissements" in titles(national, text)


@pytest.mark.both
def test_a_whole_reference_or_siret_opens_the_only_row_that_has_it(national: Client) -> None:
    item = make_request()
    page = reverse("admin:registrations_request_change", args=[item.pk])
    for text in (item.reference, item.reference.lower().replace("-", " "), item.siret):
        assert seek(national, text)["Location"] == page, text
    place = make_establishment(siret=item.siret)
    grouped = f"{item.siret[:3]} {item.siret[3:6]} {item.siret[6:9]} {item.siret[9:]}"
    opened = reverse("admin:habilitations_establishment_change", args=[place.pk])
    assert seek(national, grouped)["Location"] == opened
    make_establishment(siret=item.siret, training=True)
    assert titles(national, item.siret)[:2] == ["Demandes d’accès", "Établissements"]


def test_the_box_tells_a_reviewer_nothing_of_another_delegation() -> None:
    there = make_request(delegation="ARA", company_name="Rivage Lointain")
    client = client_of(make_staff(StaffRole.REVIEWER, delegations=("IDF",)))
    for text in (there.reference, there.siret, "rivage", there.user.email, there.last_name):
        page = seek(client, text)
        assert page.status_code == 200, text
        assert page.context["answer"].groups == [], text
        # The same words as for what does not exist.
        assert str(there.pk) not in page.text


def test_a_role_gets_the_lists_that_it_may_open_and_no_link_that_refuses() -> None:
    person = make_user(first_name="Zélie")
    make_request(user=person, delegation="IDF")
    make_access(user=person)
    for role in EVERYBODY:
        scope = ("IDF",) if role == StaffRole.REVIEWER else ()
        client = client_of(make_staff(role, delegations=scope))
        answer = seek(client, "zelie").context["answer"]
        lists = {group.title for group in answer.groups}
        assert ("Comptes" in lists) is (role != StaffRole.REVIEWER), role
        assert ("Demandes d’accès" in lists) is (role != StaffRole.DPO), role
        assert ("Accès" in lists) is (role != StaffRole.DPO), role
        urls = [url for group in answer.groups for url in (group.url, *(r.url for r in group.rows))]
        with undrawn():
            assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


@pytest.mark.both
def test_nonsense_gets_a_clear_page(national: Client) -> None:
    make_request()
    signs = ["", "   \t ", "%", "_", "\\", "%_%", "'; --", "🚗", "@", "-", "\u202e"]
    for text in (*signs, "a" * 10_000, "é" * 200):
        page = seek(national, text)
        assert page.status_code == 200, text
        answer = page.context.get("answer")
        assert answer is None or answer.groups == [], text
        assert "<h1>" in page.text


def test_a_group_shows_ten_rows_and_leads_to_the_same_list(
    national: Client, django_assert_max_num_queries: Any
) -> None:
    index_accounts(make_user(first_name="Zélie", last_name=f"Numéro{n}") for n in range(12))
    with django_assert_max_num_queries(40):
        answer = seek(national, "zélie").context["answer"]
    [people] = [group for group in answer.groups if group.title == "Comptes"]
    assert (len(people.rows), people.count) == (search_page.SHOWN, 12)
    assert national.get(people.url).context["cl"].result_count == 12


@pytest.mark.both
def test_an_agent_s_acts_are_found_in_the_journal_by_their_name(national: Client) -> None:
    agent = make_staff(StaffRole.NATIONAL, user=make_user(first_name="Ondine", last_name="Agente"))
    index_accounts([agent])
    write_journal_entry(HabilitationAct.ACCESS_ENDED, actor=Actor.staff(agent), now=NOW)
    listed = national.get("/admin/journal/entry/", {"q": "ondine"}).context["cl"]
    assert listed.result_count == 1
    assert "Journal" in titles(national, "Ondine Agente")
