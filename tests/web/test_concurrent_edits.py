"""Two tabs on one row of a table: the second save never writes over the first one unseen."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.sessions.backends.db import SessionStore
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.habilitations.reference.models import Delegation, Department, Profile
from accounts.habilitations.staff.models import StaffMember
from accounts.people.enums import Status
from mgestion.admin.concurrent_edits import ConflictGuardForm
from registrations.requests.models import RefusalReason
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

_INPUT = re.compile(r"<input\b[^>]*>|<textarea\b.*?</textarea>|<select\b.*?</select>", re.DOTALL)


@pytest.fixture
def client() -> Client:
    return client_of(make_staff(StaffRole.NATIONAL))


def url_of(row: models.Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def tab(client: Client, row: models.Model) -> dict[str, Any]:
    """What a browser would send back of the page as it is drawn."""
    found: dict[str, Any] = {}
    for tag in _INPUT.findall(client.get(url_of(row)).content.decode()):
        name = re.search(r'\bname="([^"]+)"', tag)
        if name is None or name[1].startswith("_"):
            continue
        value = re.search(r'\bvalue="([^"]*)"', tag)
        if tag.startswith("<textarea"):
            found[name[1]] = unescape(re.sub(r"</?textarea[^>]*>", "", tag)).removeprefix("\n")
        elif tag.startswith("<select"):
            chosen = re.findall(r'value="([^"]*)"[^>]*\bselected', tag)
            found[name[1]] = chosen[0] if chosen else ""
        elif 'type="checkbox"' in tag:
            if " checked" in tag:
                found.setdefault(name[1], []).append(unescape(value[1]) if value else "on")
        else:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def save(client: Client, row: models.Model, fields: dict[str, Any]) -> str | None:
    """None when saved; else the page that came back."""
    response = client.post(url_of(row), fields)
    row.refresh_from_db()
    return None if response.status_code == 302 else unescape(response.content.decode())


@pytest.mark.req("R38")
def test_a_mailbox_is_not_reverted_by_a_tab_opened_before(client: Client) -> None:
    row = Delegation.objects.get(code="BRE")
    first, second = tab(client, row), tab(client, row)
    assert save(client, row, {**second, "email": "nouvelle@opco.example.org"}) is None
    page = save(client, row, {**first, "phone": "01 99 00 00 77"})
    assert page is not None
    assert "«\u00a0nouvelle@opco.example.org\u00a0», repris ci-dessous" in page
    assert 'value="nouvelle@opco.example.org"' in page
    assert 'value="01 99 00 00 77"' in page
    assert row.email == "nouvelle@opco.example.org"
    state = re.search(r'name="row_state" value="([^"]+)"', page)
    assert state
    again = {
        **first,
        "email": row.email,
        "phone": "01 99 00 00 77",
        "row_state": unescape(state[1]),
    }
    assert save(client, row, again) is None
    assert row.email == "nouvelle@opco.example.org"
    assert row.phone.endswith("77")


def test_what_both_changed_keeps_what_was_typed_and_says_the_other(client: Client) -> None:
    row = RefusalReason.objects.create(code="essai", label="Essai", text="Avant.\nDeux lignes.")
    first, second = tab(client, row), tab(client, row)
    assert save(client, row, {**second, "text": "Le texte du collègue."}) is None
    page = save(client, row, {**first, "text": "Mon texte à moi."})
    assert page is not None
    assert "«\u00a0Le texte du collègue.\u00a0», que votre saisie" in page
    assert "Mon texte à moi.</textarea>" in page
    assert row.text == "Le texte du collègue."


def test_a_tick_does_not_bring_an_old_text_back(client: Client) -> None:
    row = RefusalReason.objects.create(code="essai", label="Essai", text="Avant.")
    first, second = tab(client, row), tab(client, row)
    assert save(client, row, {**second, "text": "Après."}) is None
    unticked = {name: value for name, value in first.items() if name != "enabled"}
    page = save(client, row, unticked)
    assert page is not None
    assert "Après.</textarea>" in page
    assert not re.search(r'name="enabled"[^>]* checked', page)
    assert row.text == "Après."


def test_an_error_between_does_not_forget_what_was_read(client: Client) -> None:
    """The page that comes back for another fault still stands for the row as it was opened."""
    row = Delegation.objects.get(code="BRE")
    first, second = tab(client, row), tab(client, row)
    page = save(client, row, {**first, "email": "pas une adresse"})
    assert page is not None
    assert first["row_state"] in page
    assert save(client, row, {**second, "phone": "01 99 00 00 55"}) is None
    page = save(client, row, {**first, "email": "autre@opco.example.org"})
    assert page is not None
    assert "repris ci-dessous" in page


def test_the_same_change_twice_and_an_untouched_save_go_through(client: Client) -> None:
    row = Delegation.objects.get(code="BRE")
    first, second = tab(client, row), tab(client, row)
    assert save(client, row, {**second, "phone": "01 99 00 00 55"}) is None
    assert save(client, row, {**first, "phone": "01 99 00 00 55"}) is None
    for table in (Department, Profile, Platform):
        each = table.objects.order_by("pk")[0]
        assert save(client, each, tab(client, each)) is None, table


def test_a_list_of_addresses_is_compared_too(client: Client) -> None:
    row = Platform.objects.order_by("pk")[0]
    first = tab(client, row)
    ServiceRule.objects.create(platform=row, origin="https://ailleurs.example.org", path="/")
    page = save(client, row, first)
    assert page is not None
    assert "la liste a changé" in page


def test_the_effects_page_does_not_pass_over_it(client: Client) -> None:
    row = Department.objects.get(code="35")
    first, second = tab(client, row), tab(client, row)
    assert save(client, row, {**second, "name": "Ille-et-Vilaine (nouveau)"}) is None
    other = Delegation.objects.exclude(code="BRE").order_by("pk")[0]
    page = save(client, row, {**first, "delegation": str(other.pk), "effect": "keep"})
    assert page is not None
    assert "repris ci-dessous" in page
    assert row.delegation_id != other.pk


def test_the_scope_of_an_agent_is_compared_too(client: Client) -> None:
    agent = StaffMember.objects.get(user=make_staff(delegations=("IDF",)))
    first, second = tab(client, agent), tab(client, agent)
    breton = str(Delegation.objects.get(code="BRE").pk)
    assert save(client, agent, {**second, "delegations": [breton]}) is None
    page = save(client, agent, {**first, "role": StaffRole.AUDITOR})
    assert page is not None
    assert "repris ci-dessous" in page
    assert [row.code for row in agent.delegations.all()] == ["BRE"]


def test_a_form_of_another_row_is_not_taken_for_this_one(client: Client) -> None:
    row, other = Delegation.objects.get(code="BRE"), Delegation.objects.get(code="IDF")
    page = save(client, row, {**tab(client, row), "row_state": tab(client, other)["row_state"]})
    assert page is not None
    assert "ne correspond plus à cette ligne" in page


def test_each_table_that_is_edited_in_place_is_guarded() -> None:
    """Every registered table whose form writes a row's own columns."""
    http = RequestFactory().get(reverse("admin:index"))  # the addresses bring the pages along
    http.user = make_staff(StaffRole.NATIONAL)
    http.session = SessionStore()
    seen = set()
    for model, page in admin.site._registry.items():  # noqa: SLF001  # Django has no other list
        row = model(pk=1)
        if model._meta.label_lower == "accounts.user":
            row = make_user(status=Status.ACTIVE)
        try:
            writes = page.has_change_permission(http, row)
        except AttributeError:
            continue
        if writes:
            assert issubclass(page.get_form(http, row, change=True), ConflictGuardForm), model
            seen.add(model._meta.model_name)
    assert {"delegation", "branch", "platform", "refusalreason", "termsversion"} <= seen
