"""The public page of the roles, and the demo's agents."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations import demo
from accounts.habilitations.enums import Role, StaffRole
from accounts.habilitations.models import Platform, Profile, StaffMember
from accounts.habilitations.permissions import staff_of
from accounts.models import User
from accounts.passwords import STAFF_MIN_LENGTH
from tests.factories.habilitations import NOW


@pytest.mark.req("R58", "R78")
def test_anybody_reads_what_the_seven_roles_may_do(reference: None) -> None:
    response = Client().get(reverse("habilitations:roles"))
    page = response.content.decode()
    assert response.status_code == 200
    for role in Role:
        assert f">{role.label}</h2>" in page
    assert page.count("Ne s’utilise pas sur M-Gestion.") == 4
    assert "« Gestionnaire des dossiers de formation »" in page
    assert "Gestionnaire OF ou CFA" not in page  # given, not chosen (D3)


def test_the_page_follows_the_profile_table_and_hides_closed_platforms(reference: None) -> None:
    Profile.objects.filter(code="ENT-ADH").update(proposed=True)
    Platform.objects.filter(code="m-tutorat").update(enabled=False)
    page = Client().get(reverse("habilitations:roles")).content.decode()
    assert "« Adhérent (consultation) »" in page
    assert "M-Tutorat" not in page


def test_the_page_stands_without_any_row(db: None) -> None:
    assert Client().get(reverse("habilitations:roles")).status_code == 200


def test_the_demo_has_an_agent_of_each_role_and_loads_twice(reference: None) -> None:
    demo.load_staff(NOW)
    demo.load_staff(NOW)
    assert StaffMember.objects.count() == len(demo.AGENTS) == 5
    assert set(StaffMember.objects.values_list("role", flat=True)) == set(StaffRole.values)
    for agent in demo.AGENTS:
        user = User.objects.with_address(agent.email)
        assert user is not None and user.check_password(agent.password)
        staff = staff_of(user)
        assert staff is not None and staff.role == agent.role
        assert len(agent.password) >= STAFF_MIN_LENGTH
        assert agent.email.endswith(".example.org")


def test_a_password_that_a_demo_agent_changed_stays(reference: None) -> None:
    demo.load_staff(NOW)
    user = User.objects.with_address(demo.AGENTS[0].email)
    assert user is not None
    user.set_password("Autre-Mot-De-Passe-2026")
    user.save()
    demo.load_staff(NOW)
    user.refresh_from_db()
    assert user.check_password("Autre-Mot-De-Passe-2026")
