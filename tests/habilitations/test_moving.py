"""An access is moved to another establishment by an agent: one act, told to everybody (D67)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses import flows, moving_flows
from accounts.habilitations.accesses.models import Access, AccessChange, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of, letters

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
SYSTEM = Actor.system("tests")


@pytest.fixture
def desk() -> Client:
    return client_of(make_staff(delegations=("IDF",)))


@pytest.fixture
def access() -> Access:
    """An accounting firm's person, hung on a client's SIRET."""
    return make_access(
        user=make_user(first_name="Nora", last_name="Comptable"),
        platform=Platform.objects.get(code="m-contributions"),
        role=Role.CABINET_COMPTABLE,
        dashboard="",
        establishment=make_establishment(name="Garage client fictif"),
    )


@pytest.fixture
def firm() -> Establishment:
    return make_establishment(kind="cabinet_comptable", branch=None, name="Cabinet fictif")


def address(access: Access) -> str:
    return reverse("admin:habilitations_access_act", args=[access.public_id, "deplacer"])


def post(desk: Client, access: Access, to: Establishment, reason: str = "Mauvais SIRET") -> Any:
    said = {"number": to.siret, "kind": to.kind, "reason": reason}
    return desk.post(address(access), said, follow=True)


@pytest.mark.req("D67", "R57", "R111")
def test_an_access_is_moved_and_everybody_is_told(
    desk: Client, access: Access, firm: Establishment
) -> None:
    old_chief = make_access(establishment=access.establishment, administrator=True).user
    new_chief = make_access(establishment=firm, administrator=True).user
    change = reverse("admin:habilitations_access_change", args=[access.pk])
    assert address(access) in desk.get(change).text
    page = post(desk, access, firm).text
    assert "Accès déplacé" in page and "Cabinet fictif" in page
    access.refresh_from_db()
    moved = Access.objects.open().get(user=access.user)
    assert access.ended_at == moved.granted_at == NOW
    assert (moved.establishment, moved.role, moved.grant_reason) == (
        firm,
        Role.CABINET_COMPTABLE,
        "Mauvais SIRET",
    )
    told = AccessChange.objects.filter(platform=access.platform).order_by("number")
    assert [(line.kind, line.siret) for line in told] == [
        ("ended", access.establishment.siret),
        ("granted", firm.siret),
    ]
    acts = Entry.objects.filter(act="access.moved").values_list("object_id", flat=True)
    assert set(acts) == {str(access.pk), str(moved.pk)}
    (said,) = letters(moving_flows.MOVED_MAIL)
    assert said.to == access.user.email
    assert "Garage client fictif" in said.text and "Cabinet fictif" in said.text
    (away,) = letters(moving_flows.MOVED_AWAY_MAIL)
    assert away.to == old_chief.email and "Nora Comptable" in away.text
    assert "Cabinet fictif" not in away.text, "where the person went is not the client's business"
    (arrived,) = letters(flows.NEW_ACCESS_MAIL)
    assert arrived.to == new_chief.email


def test_what_cannot_be_moved_stays(access: Access, firm: Establishment) -> None:
    def refuse(to: Establishment = firm, reason: str = "Mauvais SIRET", said: str = "") -> None:
        mails = Mail.objects.count()
        with pytest.raises(Refused, match=said):
            moving_flows.move_access(access.pk, to=to, reason=reason, actor=SYSTEM, now=NOW)
        assert Access.objects.get(pk=access.pk).ended_at == access.ended_at
        assert Mail.objects.count() == mails

    refuse(to=access.establishment, said="déjà au nom")
    refuse(reason="  ", said="Dites pourquoi")
    facts: dict[str, Any] = {"user": access.user, "platform": access.platform}
    there = make_access(establishment=firm, dashboard="", **facts)
    refuse(said="déjà un accès")
    flows.suspend_access(there.pk, reason="Sans réponse.", actor=SYSTEM, now=NOW)
    refuse(said="accès suspendu")
    there.delete()
    access.ended_at = NOW
    for close, reason in ((flows.suspend_access, "Sans réponse."), (flows.end_access, "left")):
        close(access.pk, reason=reason, actor=SYSTEM, now=NOW)
        refuse(said="plus ouvert")


@pytest.mark.req("S22", "S14")
def test_neither_another_scope_nor_ones_own_access(
    desk: Client, access: Access, firm: Establishment
) -> None:
    stranger = client_of(make_staff(delegations=("ARA",), dgas=("DGA-URBAIN",)))
    assert stranger.get(address(access)).status_code == 404
    assert post(stranger, access, firm).status_code == 404
    away = make_establishment(
        kind="cabinet_comptable", branch=None, department_id="69", name="Cabinet lointain"
    )
    assert "Aucun établissement de votre périmètre" in post(desk, access, away).text
    wrong_kind = make_establishment(siret=firm.siret, kind="cfa", branch=None, department_id="69")
    assert "Aucun établissement" in post(desk, access, wrong_kind).text
    agent = make_staff(delegations=("IDF",))
    mine = make_access(user=agent, platform=access.platform, dashboard="")
    assert "vos propres accès" in post(client_of(agent), mine, firm).text
    assert Access.objects.open().filter(pk__in=(access.pk, mine.pk)).count() == 2
