"""« Accorder un accès » to somebody who has one: said before, and after."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role, StaffRole
from accounts.habilitations.platforms.models import Platform
from tests.factories.habilitations import make_access, make_staff

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]


@pytest.fixture
def agent() -> Client:
    client = Client()
    client.force_login(
        make_staff(StaffRole.NATIONAL), backend="accounts.entry.login.backends.PasswordBackend"
    )
    return client


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
    return str(agent.post(address, values, follow=True).content.decode())


@pytest.mark.req("R56", "D2")
def test_the_role_that_would_be_replaced_is_named_before(agent: Client, access: Access) -> None:
    page = grant(agent, access)
    access.refresh_from_db()
    assert access.role == Role.CABINET_COMPTABLE
    assert "a déjà un accès à M-Contributions" in page
    assert "Le rôle «\u00a0Cabinet comptable\u00a0» deviendrait «\u00a0Gestionnaire\u00a0»" in page
    assert 'type="checkbox" name="replace"' in page
    assert 'value="Demande écrite"' in page


@pytest.mark.req("R56", "D2")
def test_the_role_that_was_replaced_is_named_after(agent: Client, access: Access) -> None:
    page = grant(agent, access, replace="on")
    access.refresh_from_db()
    assert access.role == Role.GESTIONNAIRE
    assert "Rôle remplacé" in page and "Accès accordé" not in page
    assert "Le rôle «\u00a0Cabinet comptable\u00a0» devient «\u00a0Gestionnaire\u00a0»" in page
    assert Access.objects.filter(user=access.user).count() == 1


def test_the_same_access_again_changes_nothing_and_says_so(agent: Client, access: Access) -> None:
    assert "Rien n’a changé" in grant(agent, access, role=Role.CABINET_COMPTABLE)


def test_a_first_access_asks_nothing_more(agent: Client, access: Access) -> None:
    page = agent.get(reverse("admin:habilitations_access_add")).content.decode()
    assert 'type="hidden" name="replace"' in page
    assert 'class="form-row hidden field-replace"' in page
    other = make_access(user=access.user, role=Role.GESTIONNAIRE)
    Access.objects.filter(pk=other.pk).delete()
    assert "Accès accordé" in grant(agent, other, dashboard="automobile")
