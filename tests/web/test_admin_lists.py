"""The administration's lists, forms and confirmations speak French, on any screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.models import StaffMember
from mgestion.templatetags.lists import plural, yes_or_no
from tests.factories.habilitations import make_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)


@pytest.fixture
def national(client: Client, settings: object) -> Client:
    settings.STAFF_SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    client.force_login(make_staff("national"))
    return client


@pytest.mark.req("S43", "S44")
def test_each_cell_of_a_list_carries_the_name_of_its_column_and_its_role(
    reference: None, national: Client
) -> None:
    page = national.get("/admin/habilitations/department/").text
    assert '<th scope="row" role="rowheader" data-label="Code" class="field-code">' in page
    assert '<td role="cell" data-label="Délégation" class="field-delegation nowrap">' in page
    assert 'class="results" role="region" aria-label="Départements" tabindex="0"' in page


def test_delegations_are_filtered_by_the_name_of_their_region(
    reference: None, national: Client
) -> None:
    for table in ("department", "staffmember", "establishment"):
        page = national.get(reverse(f"admin:habilitations_{table}_changelist")).text
        choices = page.partition('data-filter-title="')[2].partition("</nav>")[0]
        assert ">Bretagne</a>" in choices, table
        assert "Délégation régionale" not in choices, table


@pytest.mark.req("S42")
def test_a_boolean_is_said_in_words_on_a_list_and_on_a_form_to_read(
    reference: None, national: Client
) -> None:
    page = national.get("/admin/habilitations/department/").text
    assert '<span class="said-yes">Oui</span>' in page
    assert 'alt="True"' not in page
    user = make_staff("auditor")
    page = national.get(reverse("admin:accounts_user_change", args=[user.pk])).text
    assert '<span class="said-yes">Oui</span>' in page


def test_what_a_person_typed_is_never_taken_for_a_picture() -> None:
    typed = '<img src="/icon-yes.svg" alt="True">'
    assert yes_or_no(typed) == typed


@pytest.mark.parametrize(("number", "said"), [(0, ""), (1, ""), (2, "s"), (None, "")])
def test_zero_is_singular_in_french(number: int | None, said: str) -> None:
    assert plural(number) == said
    assert plural(number, "al,aux") == ("aux" if said else "al")


def test_a_list_says_how_many_it_holds_and_what_to_do_when_it_is_empty(
    reference: None, national: Client
) -> None:
    empty = national.get("/admin/accounts/allowedaddress/").text
    assert "0\u00a0adresse autorisée" in empty
    assert "Rien ici pour le moment." in empty
    assert "Autoriser une adresse" in empty
    none = national.get("/admin/habilitations/delegation/?q=nulle-part").text
    assert "Aucun résultat pour cette recherche." in none
    assert "Voir toute la liste" in none


@pytest.mark.parametrize("app", ["accounts", "journal", "lifecycle", "outbox", "registrations"])
def test_a_room_is_called_by_a_name_and_shows_its_tables_only(
    reference: None, national: Client, app: str
) -> None:
    page = national.get(f"/admin/{app}/").text
    assert "Administration de" not in page
    assert "Les douze dernières semaines" not in page
    names = re.findall(r'class="section"[^>]*>([^<]+)<', page)
    assert len(names) == 1
    assert names[0][0].isupper()


def test_the_tables_stand_in_the_order_of_a_dictionary(reference: None, national: Client) -> None:
    rooms = admin.site.get_app_list(national.get("/admin/").wsgi_request)
    tables = next(room for room in rooms if room["app_label"] == "habilitations")["models"]
    names = [str(table["name"]) for table in tables]
    assert names.index("Établissements") < names.index("Jetons d’API")


@pytest.mark.req("S42")
def test_the_faults_of_a_form_are_listed_by_the_name_of_their_field(
    reference: None, national: Client
) -> None:
    page = national.post("/admin/habilitations/delegation/add/", {"code": "X"}).text
    assert "data-error-summary" in page
    assert '<a href="#id_email">Adresse générique</a>' in page


def test_a_change_is_told_by_the_journal_alone_and_offers_no_history(
    reference: None, national: Client
) -> None:
    row = Delegation.objects.get(code="ARA")
    address = reverse("admin:habilitations_delegation_change", args=[row.pk])
    assert "Historique" not in national.get(address).text
    given = {"name": "Autre nom", "email": row.email, "phone": ""}
    assert national.post(address, given).status_code == 302
    assert not LogEntry.objects.exists()


def test_a_row_that_is_used_says_why_it_stays(reference: None, national: Client) -> None:
    row = Delegation.objects.create(code="ESSAI", name="Essai", email="essai@example.org")
    address = reverse("admin:habilitations_delegation_delete", args=[row.pk])
    page = national.get(address).text
    assert "Supprimer\u00a0: délégation" in page
    assert "est définitif" in page
    assert "Voulez-vous vraiment" not in page


def test_a_select_asks_to_choose_and_opens_no_other_table(
    reference: None, national: Client
) -> None:
    page = national.get("/admin/habilitations/access/add/").text
    assert "---------" not in page
    assert '<option value="" selected>Choisissez</option>' in page
    assert "related-widget-wrapper" not in page


def test_what_was_done_is_said_in_a_sentence(reference: None, national: Client) -> None:
    given = {"code": "ESSAI", "name": "Essai", "email": "essai@example.org", "phone": ""}
    page = national.post("/admin/habilitations/delegation/add/", given, follow=True).text
    assert "Enregistré\u00a0: Essai." in page
    row = Delegation.objects.get(code="ESSAI")
    address = reverse("admin:habilitations_delegation_delete", args=[row.pk])
    page = national.post(address, {"post": "yes"}, follow=True).text
    assert "Supprimé\u00a0: Essai." in page
    assert "avec succès" not in page


def test_the_role_of_an_agent_is_taken_back_in_words(reference: None, national: Client) -> None:
    member = StaffMember.objects.get(user=make_staff("auditor"))
    address = reverse("admin:habilitations_staffmember_delete", args=[member.pk])
    page = national.get(address).text
    assert "Retirer le rôle d’agent" in page
    assert "object (" not in page
    assert "Rôle retiré" in national.post(address, {"post": "yes"}, follow=True).text


def test_a_row_that_is_gone_is_said_on_its_list(reference: None, national: Client) -> None:
    answer = national.get("/admin/habilitations/delegation/99999/change/", follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/habilitations/delegation/"
    assert "Cette ligne n’existe pas" in answer.text


def test_an_action_on_nothing_asks_to_tick_a_row(national: Client) -> None:
    given = {"action": "send_again", "index": "0"}
    page = national.post("/admin/outbox/mail/", given, follow=True).text
    assert "Cochez d’abord une ligne" in page


def test_what_a_token_lacks_is_a_fault_of_its_field_and_what_was_typed_stays(
    reference: None, national: Client
) -> None:
    given = {"platform": "", "label": "Essai du soir", "expires_on": "2020-01-01"}
    page = national.post("/admin/habilitations/apitoken/add/", given).text
    assert "Choisissez au moins un droit." in page
    assert "Choisissez un jour à venir, dans l’année." in page
    assert 'value="Essai du soir"' in page


def test_an_address_of_service_is_added_without_a_script(reference: None, national: Client) -> None:
    page = national.get("/admin/habilitations/platform/1/change/").text
    assert "nouvelle adresse" in page
    assert "js-inline-admin-formset" not in page
