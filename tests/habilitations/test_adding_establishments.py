"""An establishment that nobody asked for yet is added by an agent, with a reason (D67)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.establishment_flows import add_establishment
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import EstablishmentKind, Role
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.factories.registrations import make_siret

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
ADD = "admin:habilitations_establishment_add"


@pytest.fixture
def desk() -> Client:
    return client_of(make_staff(delegations=("IDF",)))


def post(desk: Client, *, follow: bool = True, **more: Any) -> Any:
    said = {
        "number": make_siret(),
        "kind": "cabinet_comptable",
        "name": "Cabinet fictif",
        "department": "75",
        "branch": "",
        "reason": "Mandat reçu par courrier",
        **more,
    }
    return desk.post(reverse(ADD), said, follow=follow)


@pytest.mark.req("D67", "R57", "R61")
def test_an_agent_adds_an_establishment_of_any_type(desk: Client) -> None:
    for kind in EstablishmentKind.values:
        branch = Branch.objects.get(code="automobile").pk if kind == "entreprise" else ""
        # Its name stands in the subject of mails: one line, without invisible signs.
        typed = {"kind": kind, "branch": branch, "name": "Cabinet\r\n \u202efictif"}
        page = post(desk, follow=kind == "entreprise", **typed)
        assert page.status_code == (200 if kind == "entreprise" else 302)
        place = Establishment.objects.latest("pk")
        assert (place.kind, place.name, place.created_at) == (kind, "Cabinet fictif", NOW)
        if kind == "entreprise":
            assert "Établissement ajouté" in page.text
            assert f"?number={place.siret}" in page.text
        entry = Entry.objects.get(act="establishment.added", object_id=str(place.pk))
        assert entry.actor_kind == "staff"
        assert entry.detail.data["said"] == "Mandat reçu par courrier"


@pytest.mark.req("D67", "R57", "R59")
def test_an_access_is_granted_there_without_any_request(desk: Client) -> None:
    post(desk, follow=False)
    place, person = Establishment.objects.get(), make_user()
    grant = reverse("admin:habilitations_access_add")
    page = desk.get(f"{grant}?number={place.siret}&kind={place.kind}").text
    assert f'value="{place.siret}"' in page and 'data-roles="' in page
    said = {
        "email": person.email,
        "platform": Platform.objects.get(code="m-contributions").pk,
        "number": place.siret,
        "kind": place.kind,
        "role": Role.CABINET_COMPTABLE,
        "reason": "Mandat",
    }
    mgestion = Platform.objects.get(code="m-gestion-entreprise").pk
    refused = {**said, "platform": mgestion, "role": "gestionnaire", "dashboard": "automobile"}
    assert "n’a pas accès à M-Gestion" in desk.post(grant, refused, follow=True).text
    assert "Accès accordé" in desk.post(grant, said, follow=True).text
    assert Access.objects.open().get(user=person).establishment == place


def test_what_is_wrong_is_said_and_kept(desk: Client) -> None:
    branch = str(Branch.objects.get(code="automobile").pk)
    page = post(desk, number="123", branch=branch, reason="", department="69").text
    for words in (
        "14 chiffres",
        "Seule une entreprise a une branche",
        "obligatoire",
        "pas dans votre périmètre",
        "Cabinet fictif",
    ):
        assert words in page
    page = post(desk, kind="entreprise").text
    assert "Choisissez la branche" in page and "Cabinet fictif" in page
    assert not Establishment.objects.exists()


@pytest.mark.req("S22")
def test_nobody_else_adds_one() -> None:
    for who in (make_user(), make_staff("auditor"), make_staff("dpo")):
        assert post(client_of(who)).status_code == 403
    assert not Establishment.objects.exists()


def test_the_same_establishment_is_not_added_twice(desk: Client) -> None:
    post(desk, follow=False)
    place = Establishment.objects.get()
    assert "existe déjà" in post(desk, number=place.siret).text
    post(desk, follow=False, number=place.siret, kind="of")
    assert Establishment.objects.count() == 2
    facts: dict[str, Any] = {
        "name": "Autre",
        "department": Department.objects.get(code="75"),
        "branch": None,
        "actor": Actor.system("tests"),
        "now": NOW,
    }
    with pytest.raises(WrongState):
        add_establishment(siret=place.siret, kind="of", reason="x", **facts)
    for kind, reason in (("of", " "), ("entreprise", "x")):
        with pytest.raises(Refused):
            add_establishment(siret=make_siret(), kind=kind, reason=reason, **facts)
