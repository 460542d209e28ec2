"""Changing a routing table says what it would move, and moves it only when told to."""

import html
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga
from mgestion.outbox.models import Mail
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import closed, make_request, messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def change(client: Client, row: Department | Branch, **said: Any) -> Any:
    if isinstance(row, Department):
        name = "department"
        values: dict[str, Any] = {
            "name": row.name,
            "region_name": row.region_name,
            "position": row.position,
            "delegation": row.delegation_id or "",
            "in_territory": "on",
        }
    else:
        name = "branch"
        values = {
            "label": row.label,
            "position": row.position,
            "dashboard": row.dashboard,
            "dga": row.dga_id or "",
        }
    values = {**values, "selectable": "on", **said}
    with time_machine.travel(NOW, tick=False):
        return client.post(reverse(f"admin:habilitations_{name}_change", args=[row.pk]), values)


@pytest.fixture
def paris() -> Department:
    return Department.objects.select_related("delegation").get(code="75")


@pytest.fixture
def client() -> Client:
    return client_of(make_staff(StaffRole.NATIONAL))


@pytest.mark.req("R38", "R49")
def test_the_count_is_shown_before_anything_is_saved(client: Client, paris: Department) -> None:
    for _ in range(3):
        make_request()
    closed(make_request())
    make_request(delegation="ARA")  # re-routed by hand: the table's no more
    make_request(department=Department.objects.get(code="92"))
    bre = Delegation.objects.get(code="BRE")
    page = html.unescape(change(client, paris, delegation=bre.pk).text)
    assert "3 demandes ouvertes changeraient de délégation" in page
    assert bre.name in page
    assert "Rien n’est encore enregistré" in page
    paris.refresh_from_db()
    assert paris.delegation != bre


@pytest.mark.req("R38", "R49")
def test_the_choice_keeps_them_or_moves_them(client: Client, paris: Department) -> None:
    bre = Delegation.objects.get(code="BRE")
    idf = paris.delegation
    row = make_request()
    change(client, paris, delegation=bre.pk, effect="keep")
    paris.refresh_from_db()
    row.refresh_from_db()
    assert (paris.delegation, row.delegation) == (bre, idf)
    paris.delegation = idf
    paris.save()
    moved = change(client, paris, delegation=bre.pk, effect="move")
    assert "1 demande déplacée." in messages_of(moved)
    row.refresh_from_db()
    assert (row.delegation, row.version) == (bre, 2)
    assert RequestEvent.objects.filter(request=row, act=RequestAct.REROUTED).count() == 1
    assert Mail.objects.filter(kind="registrations.to_delegation").count() == 1


def test_what_one_request_refuses_takes_no_other_with_it(paris: Department) -> None:
    agent = make_staff(StaffRole.NATIONAL)
    make_request(user=agent)  # his own: he may not act on it
    other = make_request()
    bre = Delegation.objects.get(code="BRE")
    said = messages_of(change(client_of(agent), paris, delegation=bre.pk, effect="move"))
    assert "1 demande déplacée." in said
    assert "votre propre demande" in said
    other.refresh_from_db()
    assert other.delegation == bre


@pytest.mark.req("R49")
def test_leaving_a_departement_without_delegation_moves_nothing(
    client: Client, paris: Department
) -> None:
    row = make_request()
    page = html.unescape(change(client, paris, delegation="").text)
    assert "1 demande ouverte reste à" in page
    assert 'value="move"' not in page
    change(client, paris, delegation="", effect="move")
    row.refresh_from_db()
    assert row.delegation is not None


@pytest.mark.req("R35", "R49")
def test_a_branch_moves_the_oversight_of_its_open_requests(client: Client) -> None:
    branch = Branch.objects.select_related("dga").get(code="automobile")
    target = Dga.objects.get(code="DGA-URBAIN")
    row = make_request()
    page = html.unescape(change(client, branch, dga=target.pk).text)
    assert "1 demande ouverte changerait de DGA" in page
    change(client, branch, dga=target.pk, effect="move")
    branch.refresh_from_db()
    row.refresh_from_db()
    assert (branch.dga, row.dga) == (target, target)
    assert row.delegation == Delegation.objects.get(code="IDF")
    assert not Mail.objects.exists()
    event = RequestEvent.objects.get(request=row, act=RequestAct.REROUTED)
    assert event.text == ""  # the applicant has nothing to do with it


def test_a_change_that_moves_nothing_is_saved_at_once(client: Client, paris: Department) -> None:
    make_request()
    change(client, paris, name="Paris (ville)")
    paris.refresh_from_db()
    assert paris.name == "Paris (ville)"
    bre = Delegation.objects.get(code="BRE")
    other = Department.objects.get(code="29")
    change(client, other, delegation=Delegation.objects.get(code="IDF").pk)
    other.refresh_from_db()
    assert other.delegation != bre


@pytest.mark.req("S22")
@pytest.mark.parametrize("role", [StaffRole.REVIEWER, StaffRole.AUDITOR])
def test_the_count_is_told_to_nobody_else(role: str, paris: Department) -> None:
    make_request()
    client = client_of(make_staff(role, delegations=("IDF",)))
    bre = Delegation.objects.get(code="BRE")
    answer = change(client, paris, delegation=bre.pk, effect="move")
    assert answer.status_code == 403
    assert change(client, paris, delegation=bre.pk).status_code == 403
    assert not Request.objects.filter(delegation=bre).exists()


def test_a_form_with_a_fault_says_it_first(client: Client, paris: Department) -> None:
    make_request()
    answer = change(client, paris, delegation=Delegation.objects.get(code="BRE").pk, name="")
    assert "Rien n’est encore enregistré" not in html.unescape(answer.text)
    assert answer.context["errors"]
