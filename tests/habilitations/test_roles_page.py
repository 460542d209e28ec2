"""The public page of the roles, and the demo's agents."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.habilitations import demo
from accounts.habilitations.enums import Role, StaffRole, WayIn
from accounts.habilitations.platforms.models import AdmissionRule, Platform, RoleText
from accounts.habilitations.staff.models import StaffMember
from accounts.habilitations.staff.permissions import get_staff
from accounts.passwords.rules import STAFF_MIN_LENGTH
from accounts.people.models import User
from mgestion.journal.models import Entry
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of


def page() -> str:
    response = Client().get(reverse("habilitations:roles"))
    assert response.status_code == 200
    return response.text


def section(code: str, whole: str = "") -> str:
    """What the page says of one platform."""
    start = f'<section class="card-plain" id="{code}"'
    found = re.search(rf"{start}.*?</section>", whole or page(), re.S)
    assert found
    return found[0]


@pytest.mark.req("R58", "R59", "R78", "R62")
def test_anybody_reads_what_each_role_may_do_on_each_platform(reference: None) -> None:
    whole = page()
    for role in Role:
        assert f'<h3 id="role-{role}">{role.label}</h3>' in whole
    for platform in Platform.objects.all():
        shown = re.findall(rf'<div id="{platform.code}-(\w+)">', section(platform.code, whole))
        assert sorted(shown) == sorted(platform.roles)
    assert "pas encore décrit" not in whole
    assert "«\u00a0Gestionnaire des dossiers de formation\u00a0»" in whole
    assert "Gestionnaire OF ou CFA" not in whole  # given, not chosen (D3)
    assert "ne distingue pas de rôle" in section("m-tutorat", whole)


@pytest.mark.req("R59")
def test_a_role_differs_from_one_platform_to_another(reference: None) -> None:
    texts = {
        row.platform_id: row.text
        for row in RoleText.objects.filter(role=Role.GESTIONNAIRE, platform__isnull=False)
    }
    assert len(texts) == len(set(texts.values())) > 2


def test_a_platform_that_says_nothing_of_a_role_shows_the_general_text(reference: None) -> None:
    platform = Platform.objects.get(code="m-campus-of")
    RoleText.objects.filter(platform=platform).delete()
    RoleText.objects.filter(platform=None, role=Role.PARTENAIRE).update(text="Texte général.")
    assert "Texte général." in section("m-campus-of")


@pytest.mark.req("R78")
def test_the_national_administrator_rewrites_a_text_and_it_is_online_at_once(
    reference: None,
) -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    row = RoleText.objects.get(platform__code="m-campus-of")
    address = reverse("admin:habilitations_roletext_change", args=[row.pk])
    assert client.get(address).status_code == 200
    client.post(address, {"text": "Premier droit.\nSecond droit."})
    assert "<li>Second droit.</li>" in section("m-campus-of")
    assert Entry.objects.filter(act="reference.changed", object_type="roletext").exists()
    refused = client.post(
        reverse("admin:habilitations_roletext_add"),
        {"platform": row.platform_id, "role": Role.CONSULTANT, "text": "Non."},
    )
    assert "ne connaît pas ce rôle" in refused.text
    reviewer = client_of(make_staff(delegations=("IDF",)))
    assert reviewer.post(address, {"text": "Non."}).status_code == 403


def test_a_role_has_one_text_on_a_platform_and_one_in_general(reference: None) -> None:
    for platform in (None, Platform.objects.get(code="m-campus-of")):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleText.objects.create(platform=platform, role=Role.PARTENAIRE, text="Encore.")


def test_the_page_follows_the_admission_rules_and_hides_closed_platforms(reference: None) -> None:
    rules = AdmissionRule.objects.filter(platform__code="m-gestion-entreprise")
    rules.filter(profile__code="ENT-ADH").update(way_in=WayIn.FORM)
    Platform.objects.filter(code="m-tutorat").update(enabled=False)
    assert "«\u00a0Adhérent (consultation)\u00a0»" in page()
    assert "M-Tutorat" not in page()


def test_the_demo_has_an_agent_of_each_role_and_loads_twice(reference: None) -> None:
    demo.load_staff(NOW)
    demo.load_staff(NOW)
    assert StaffMember.objects.count() == len(demo.AGENTS) == 5
    assert set(StaffMember.objects.values_list("role", flat=True)) == set(StaffRole.values)
    for agent in demo.AGENTS:
        user = User.objects.with_address(agent.email)
        assert user is not None and user.check_password(agent.password)
        staff = get_staff(user)
        assert staff is not None and staff.role == agent.role
        assert len(agent.password) >= STAFF_MIN_LENGTH
        assert agent.email.endswith(".example.org")
