"""« Accorder un accès » to somebody who has one: said before, and after."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role, StaffRole
from accounts.habilitations.platforms.models import Platform
from tests.factories.habilitations import make_access, make_staff
from tests.factories.people import client_of

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]


@pytest.fixture
def agent() -> Client:
    return client_of(make_staff(StaffRole.NATIONAL))


@pytest.fixture
def access() -> Access:
    platform = Platform.objects.get(code="m-contributions")
    return make_access(platform=platform, role=Role.CABINET_COMPTABLE, dashboard="")


def grant(agent: Client, access: Access, **more: str) -> str:
    values: dict[str, Any] = {
        "email": access.user.email,
        "platform": access.platform_id,
        "number": access.establishment.siret,
        "kind": access.establishment.kind,
        "role": Role.GESTIONNAIRE,
        "reason": "Demande écrite",
        **more,
    }
    address = reverse("admin:habilitations_access_add")
    return str(agent.post(address, values, follow=True).text)


@pytest.mark.req("R56", "D2")
def test_the_role_that_is_replaced_is_named_before_and_after(agent: Client, access: Access) -> None:
    page = grant(agent, access)
    access.refresh_from_db()
    assert access.role == Role.CABINET_COMPTABLE
    assert "a déjà un accès à M-Contributions" in page
    assert "Le rôle «\u00a0Cabinet comptable\u00a0» deviendrait «\u00a0Gestionnaire\u00a0»" in page
    assert 'type="checkbox" name="replace"' in page
    assert 'value="Demande écrite"' in page
    page = grant(agent, access, replace="on")
    access.refresh_from_db()
    assert access.role == Role.GESTIONNAIRE
    assert "Rôle remplacé" in page and "Accès accordé" not in page
    assert "Le rôle «\u00a0Cabinet comptable\u00a0» devient «\u00a0Gestionnaire\u00a0»" in page
    assert Access.objects.filter(user=access.user).count() == 1
    assert "Rien n’a changé" in grant(agent, access)


def test_a_first_access_asks_nothing_more(agent: Client, access: Access) -> None:
    page = agent.get(reverse("admin:habilitations_access_add")).text
    assert 'type="hidden" name="replace"' in page
    assert 'class="form-row hidden field-replace"' in page
    other = make_access(user=access.user, role=Role.GESTIONNAIRE)
    Access.objects.filter(pk=other.pk).delete()
    assert "Accès accordé" in grant(agent, other, dashboard="automobile")
