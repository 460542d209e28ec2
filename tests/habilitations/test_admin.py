"""The staff's pages of this room: who edits, who reads, what is told."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role, StaffRole
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Department, Dga, Profile
from accounts.habilitations.staff.models import StaffMember
from accounts.people.models import User
from mgestion.journal.models import Detail, Entry
from tests.factories.habilitations import (
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of

pytestmark = pytest.mark.usefixtures("reference")
TABLES = (
    "dga",
    "delegation",
    "department",
    "branch",
    "branchproposal",
    "profile",
    "roletext",
    "admissionrule",
)


def _url(model: str, page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:habilitations_{model}_{page}", args=args)


@pytest.mark.req("R38", "R49")
def test_changing_a_departement_reroutes_it_and_is_journaled() -> None:
    user = make_staff(StaffRole.NATIONAL)
    client = client_of(user)
    department = Department.objects.get(code="75")
    values = {
        "name": department.name,
        "region_name": department.region_name,
        "position": department.position,
        "selectable": "on",
        "in_territory": "on",
        "delegation": "",
    }
    response = client.post(_url("department", "change", "75"), values)
    assert response.status_code == 302, response.context["errors"]
    department.refresh_from_db()
    assert department.delegation is None
    entry = Entry.objects.get(act="reference.changed")
    assert (entry.object_type, entry.object_id, entry.actor) == (
        "department",
        "75",
        str(user.public_id),
    )
    assert list(Detail.objects.get(entry=entry).data["after"]) == ["delegation"]
    page = client.get(_url("department")).text
    assert "Le département 75 – Paris n’a pas de délégation." in page


def test_a_second_fallback_dga_is_a_message_and_not_an_error() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    dga = Dga.objects.get(code="DGA-AUTO")
    values = {"name": dga.name, "email": dga.email, "dashboard": dga.dashboard, "fallback": "on"}
    response = client.post(_url("dga", "change", dga.pk), values)
    assert response.status_code == 200
    assert "Une seule DGA reçoit les demandes sans branche." in response.text


@pytest.mark.req("D5", "D66")
def test_the_admission_rules_are_edited_within_what_the_platform_knows() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    platform = Platform.objects.get(code="m-campus-of")
    values = {
        "platform": platform.pk,
        "kind": "of",
        "profile": Profile.objects.get(code="OF-ADMIN").pk,
        "role": Role.ADMINISTRATEUR,
        "way_in": "form",
        "administrator_decides": "on",
    }
    page = client.post(_url("admissionrule", "add"), values).text
    assert "ne connaît pas ce rôle" in page
    platform.roles.append(Role.ADMINISTRATEUR.value)
    platform.save()
    page = client.post(_url("admissionrule", "add"), values).text
    assert "Un rôle d’administrateur est toujours accordé par un agent." in page
    del values["administrator_decides"]
    assert client.post(_url("admissionrule", "add"), values).status_code == 302
    assert Entry.objects.filter(act="reference.added", object_type="admissionrule").exists()
    again = client.post(_url("admissionrule", "add"), values).text
    assert "Ce profil a déjà une règle pour ce type d’établissement." in again


@pytest.mark.req("S22")
def test_a_reviewer_reads_the_accesses_of_his_scope_and_no_other_by_id() -> None:
    here = make_access(establishment=make_establishment(name="Garage d’ici"))
    there = make_access(
        establishment=make_establishment(name="Garage d’ailleurs", department_id="69")
    )
    client = client_of(make_staff(StaffRole.REVIEWER, delegations=("IDF",)))
    page = client.get(_url("access")).text
    assert "Garage d’ici" in page and "Garage d’ailleurs" not in page
    assert client.get(_url("access", "change", here.pk)).status_code == 200
    assert client.get(_url("access", "change", there.pk)).status_code == 302
    assert client.get(_url("establishment", "change", there.establishment.pk)).status_code == 302
    assert client.post(_url("access", "delete", here.pk), {"post": "yes"}).status_code == 403
    assert Access.objects.count() == 2


def test_an_agent_is_appointed_from_an_existing_account() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    user = make_user(email="Lou.Fictif@opco.example.org")
    scope = {"delegations": [], "dgas": [Dga.objects.get(code="DGA-AUTO").pk]}
    values = {"email": "lou.fictif@OPCO.example.org", "role": "reviewer", **scope}
    response = client.post(_url("staffmember", "add"), values)
    assert response.status_code == 302, response.context["errors"]
    member = StaffMember.objects.get(user=user)
    assert [dga.code for dga in member.dgas.all()] == ["DGA-AUTO"]
    user.refresh_from_db()
    assert user.is_staff
    assert Entry.objects.filter(act="staff.appointed", person=user.public_id).count() == 1
    page = client.get(_url("staffmember", "change", member.pk)).text
    assert "Claude" in page
    assert client.post(_url("staffmember", "delete", member.pk), {"post": "yes"}).status_code == 302
    assert not User.objects.get(pk=user.pk).is_staff
    assert "DGA-AUTO" not in client.get(_url("staffmember")).text


def test_the_appointment_form_says_what_is_wrong() -> None:
    make_user(email="claude@opco.example.org")
    client = client_of(make_staff(StaffRole.NATIONAL))
    for values, message in (
        ({"email": "personne@opco.example.org", "role": "auditor"}, "Aucun compte actif"),
        ({"email": "claude@opco.example.org", "role": "reviewer"}, "Choisissez au moins une"),
    ):
        assert message in client.post(_url("staffmember", "add"), values).text
    assert StaffMember.objects.count() == 1


def test_the_national_administrator_cannot_dismiss_or_demote_himself() -> None:
    user = make_staff(StaffRole.NATIONAL)
    member = StaffMember.objects.get()
    client = client_of(user)
    for page, values in (("change", {"role": "auditor"}), ("delete", {"post": "yes"})):
        response = client.post(_url("staffmember", page, member.pk), values, follow=True)
        assert "vos propres droits" in response.text
    member.refresh_from_db()
    assert member.role == StaffRole.NATIONAL


def test_the_lists_cost_the_same_with_one_row_and_with_four() -> None:
    client = client_of(make_staff(StaffRole.REVIEWER, delegations=("IDF",), dgas=("DGA-OFCFA",)))
    client.get(_url("dga"))  # the first page of a session writes when it was seen
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            make_access()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(_url("access")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
