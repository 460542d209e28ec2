"""An Administrateur gives a colleague another role, where the platform's table lets them."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from accounts.habilitations.accesses.models import Access, AccessChange, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.establishments import role_flows as flows
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_staff, make_user
from tests.factories.people import letters
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
CAMPUS = "m-campus-entreprise"  # Administrateur, Gestionnaire, Adhérent


@pytest.fixture
def campus() -> Platform:
    """A platform whose table hands its two lower roles to the administrators."""
    lower = AdmissionRule.objects.filter(platform__code=CAMPUS, kind="entreprise")
    lower.filter(role__in=("gestionnaire", "adherent")).update(administrator_changes=True)
    return Platform.objects.get(code=CAMPUS)


@pytest.fixture
def mine(campus: Platform, chief: User, place: Establishment) -> Access:
    """Of the administrator of `place`, on that platform too."""
    return make_access(
        user=chief, establishment=place, platform=campus, administrator=True, dashboard=""
    )


@pytest.fixture
def held(campus: Platform, place: Establishment) -> Access:
    person = make_user(first_name="Bob", last_name="Collègue")
    return make_access(user=person, establishment=place, platform=campus, dashboard="")


def change(viewer: User, access: Access, role: str, place: Establishment | None = None) -> Access:
    return flows.change_colleague_role(
        viewer,
        (place or access.establishment).key,
        access.user.public_id,
        access_id=access.pk,
        role=role,
        now=NOW,
    )


def path(access: Access) -> str:
    key = access.establishment.key
    return f"/m-gestion/utilisateurs/{key}/{access.user.public_id}/role/"


@pytest.mark.req("R86", "R59", "D66")
def test_an_administrator_changes_a_lower_role_at_once(
    client: Client, chief: User, mine: Access, held: Access
) -> None:
    other = make_access(establishment=held.establishment, administrator=True).user
    page = client.get(path(held)).text
    assert "Vous le donnez, tout de suite" in page and "La délégation décide" in page
    done = client.post(path(held), {"choice": f"{held.pk}:adherent"}, follow=True).text
    assert "Bob Collègue a maintenant le rôle" in done
    held.refresh_from_db()
    assert held.role == Role.ADHERENT and held.granted_by == chief.public_id
    entry = Entry.objects.get(act="access.role_changed")
    assert (entry.actor_kind, entry.actor) == ("person", str(chief.public_id))
    assert AccessChange.objects.get(platform=held.platform).kind == "changed"
    (said,) = letters(flows.ROLE_CHANGED_MAIL)
    assert said.to == held.user.email and "Ada Cheffe" in said.text and "Adhérent" in said.text
    (told,) = letters(flows.COLLEAGUE_CHANGED_MAIL)
    assert told.to == other.email and "Bob Collègue" in told.text
    assert set(Mail.objects.values_list("kind", flat=True)) == {
        flows.ROLE_CHANGED_MAIL,
        flows.COLLEAGUE_CHANGED_MAIL,
    }


@pytest.mark.req("D31", "D59")
def test_an_administrators_role_is_asked_of_the_delegation(
    client: Client, mine: Access, held: Access
) -> None:
    client.post(path(held), {"choice": f"{held.pk}:administrateur"})
    held.refresh_from_db()
    assert held.role == Role.GESTIONNAIRE
    assert Mail.objects.get().kind == flows.ROLE_ASKED_MAIL


@pytest.mark.req("D31", "S14", "S22")
def test_what_an_administrator_may_not_change(
    chief: User, mine: Access, held: Access, subtests: pytest.Subtests
) -> None:
    place, rules = held.establishment, AdmissionRule.objects.all()

    def forge_access() -> Access:
        access = make_access(establishment=place)
        access.user = held.user
        return access

    def hold_elsewhere() -> Access:
        return make_access(
            user=held.user, platform=held.platform, establishment=make_establishment(), dashboard=""
        )

    def refuse(why: str, access: Access, role: str = "adherent") -> None:
        before = list(Access.objects.order_by("pk").values("pk", "role"))
        with subtests.test(why=why):
            with pytest.raises(Refused):
                change(chief, access, role, place)
            assert list(Access.objects.order_by("pk").values("pk", "role")) == before
            assert not Mail.objects.exists()

    def change_first(why: str, rows: QuerySet[Any], access: Access = held, **to: Any) -> None:
        with rolled_back():
            rows.update(**to)
            refuse(why, access)

    its, chiefs = Access.objects.filter(pk=held.pk), Access.objects.filter(pk=mine.pk)
    change_first("the table keeps it", rules, administrator_changes=False)
    lower = rules.filter(role="gestionnaire")
    change_first("the role held is not handed over", lower, administrator_changes=False)
    refuse("an administrator's role", held, "administrateur")
    change_first("an administrator", its, role=Role.ADMINISTRATEUR)
    change_first("oneself", chiefs, mine, role=Role.GESTIONNAIRE)
    change_first("another platform's administrator", chiefs, ended_at=NOW)
    change_first("ended", its, ended_at=NOW)
    with rolled_back():  # none of these stands in the way of the others
        assert change(chief, held, "adherent", place).role == Role.ADHERENT
    refuse("another establishment", hold_elsewhere())
    refuse("a forged access", forge_access())
    make_staff(user=held.user)
    refuse("an agent", held)


def test_the_form_offers_what_stands(client: Client, mine: Access, held: Access) -> None:
    """The table changed between the page and the click: asked, or refused, never given."""
    AdmissionRule.objects.update(administrator_changes=False)
    page: Any = client.post(path(held), {"choice": f"{held.pk}:adherent"}, follow=True)
    assert "transmise à la délégation" in page.text
    held.refresh_from_db()
    assert held.role == Role.GESTIONNAIRE
