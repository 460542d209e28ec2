"""The administration's lists, forms and confirmations speak French, on any screen."""

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.habilitations.reference.models import Delegation
from mgestion.templatetags.lists import yes_or_no
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)


@pytest.fixture
def national() -> Client:
    return client_of(make_staff("national"))


@pytest.mark.req("S42")
def test_a_list_is_called_by_its_name_and_not_by_a_half_french_sentence(
    reference: None, national: Client
) -> None:
    for table, title in (
        ("outbox/mail", "E-mails"),
        ("journal/entry", "Journal"),
        ("legal/termsacceptance", "Acceptations"),
        ("habilitations/department", "Départements"),
    ):
        page = national.get(f"/admin/{table}/").text
        assert f"<h1>{title}" in page or f'<h1 id="content-title">{title}' in page
        assert "Sélectionnez l’objet" not in page


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


def test_a_select_asks_to_choose_and_opens_no_other_table(
    reference: None, national: Client
) -> None:
    page = national.get("/admin/habilitations/access/add/").text
    assert "---------" not in page
    assert '<option value="" selected>Choisissez</option>' in page
    assert "related-widget-wrapper" not in page
