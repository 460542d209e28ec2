"""A person gives up one platform or one establishment (R111, D70)."""

from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.accesses.flows import end_access, suspend_access
from accounts.habilitations.accesses.models import Access, AccessChange, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from accounts.legal.terms.flows import publish_version
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.accesses import leave_flows as flows
from registrations.accesses.my_accesses import leaves_no_administrator
from registrations.documents.flows import close_moot_askings
from registrations.requests.document_models import Asking
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_user
from tests.factories.people import give_session, letters
from tests.factories.registrations import make_request
from tests.legal.conftest import draft
from tests.registrations.acting import in_state
from tests.registrations.pages import cost

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
LIST = "/compte/acces/"
SYSTEM = Actor.system("tests")


@pytest.fixture
def place() -> Establishment:
    return make_establishment(name="Garage fictif du Port")


@pytest.fixture
def leaver(client: Client) -> User:
    user = make_user(first_name="Bob", last_name="Partant")
    give_session(client, user)
    return user


@pytest.fixture
def held(leaver: User, place: Establishment) -> list[Access]:
    """M-Gestion and M-Contributions for one establishment, M-Gestion for another one."""
    other = Platform.objects.get(code="m-contributions")
    return [
        make_access(user=leaver, establishment=place),
        make_access(user=leaver, establishment=place, platform=other, dashboard=""),
        make_access(user=leaver, establishment=make_establishment(name="Autre garage fictif")),
    ]


def leave(client: Client, target: Access | Establishment, method: str = "post") -> Any:
    if isinstance(target, Access):
        path = f"{LIST}plateforme/{target.public_id}/quitter/"
    else:
        path = f"{LIST}etablissement/{target.key}/quitter/"
    return getattr(client, method)(path, follow=method == "post")


def still_open(user: User) -> set[int]:
    return set(Access.objects.open().filter(user=user).values_list("pk", flat=True))


@pytest.mark.req("R111", "D70")
def test_a_person_leaves_one_platform_and_keeps_everything_else(
    client: Client, leaver: User, held: list[Access], place: Establishment
) -> None:
    chief = make_access(establishment=place, administrator=True).user
    assert "Garage fictif du Port" in client.get(LIST).text
    page = leave(client, held[1], "get").text
    for words in ("M-Contributions", "Ce que vous perdez", "Votre compte reste ouvert"):
        assert words in page
    assert "Autre garage" not in page and "M-Gestion Entreprise" not in page
    assert still_open(leaver) == {access.pk for access in held}, "a GET ends nothing"

    assert "Vous avez quitté M-Contributions" in leave(client, held[1]).text
    assert still_open(leaver) == {held[0].pk, held[2].pk}
    leaver.refresh_from_db()
    assert leaver.status == Status.ACTIVE
    entry = Entry.objects.get(act="access.ended")
    assert (entry.actor_kind, entry.actor, entry.reason, entry.object_id) == (
        "person",
        str(leaver.public_id),
        "asked",
        str(held[1].pk),
    )
    change = AccessChange.objects.get(platform=held[1].platform)
    assert (change.kind, change.siret) == ("ended", place.siret)
    (receipt,) = letters(flows.LEFT_MAIL)
    (told,) = letters(flows.COLLEAGUE_LEFT_MAIL)
    (noticed,) = letters(flows.DEPARTURE_MAIL)
    assert (receipt.to, told.to) == (leaver.email, chief.email)
    assert noticed.to == "delegation-idf@example.org"
    for letter in (receipt, told, noticed):
        assert "M-Contributions" in letter.text and "M-Gestion Entreprise" not in letter.text
    assert "Bob Partant" in told.text
    assert "Partant" not in noticed.text and leaver.email not in noticed.html


@pytest.mark.req("R111", "D70")
def test_a_person_leaves_an_establishment_on_every_platform(
    client: Client, leaver: User, held: list[Access], place: Establishment
) -> None:
    suspend_access(held[1].pk, reason="Sans réponse.", actor=SYSTEM, now=NOW)
    page = leave(client, place, "get").text
    assert "M-Contributions" in page and "M-Gestion Entreprise" in page
    assert "ne pourra plus être rétabli" in page
    leave(client, place)
    assert still_open(leaver) == {held[2].pk}
    assert not Access.objects.suspended().exists()
    assert set(Entry.objects.filter(act="access.ended").values_list("reason", flat=True)) == {
        "left"
    }
    (receipt,) = letters(flows.LEFT_MAIL)
    assert "M-Contributions" in receipt.text and "M-Gestion Entreprise" in receipt.text
    kinds = AccessChange.objects.filter(person=leaver.public_id).values_list("kind", flat=True)
    assert sorted(kinds) == ["ended", "ended"]  # the suspension had told of the second


@pytest.mark.req("R111", "D70")
@pytest.mark.parametrize("whole", [False, True])
def test_what_one_still_asks_for_there_is_withdrawn(
    client: Client, leaver: User, held: list[Access], place: Establishment, whole: bool
) -> None:
    same = make_request(leaver, siret=place.siret, profile="ENT-ADMIN")
    beside = make_request(
        leaver, siret=place.siret, platform="m-campus-entreprise", profile="ENT-ADMIN"
    )
    elsewhere = make_request(user=leaver)
    target = place if whole else held[0]
    page = leave(client, target, "get").text
    assert same.reference in page and elsewhere.reference not in page
    assert (beside.reference in page) is whole
    leave(client, target)
    states = {row.pk: row.status for row in Request.objects.all()}
    assert states[same.pk] == "cancelled" and states[elsewhere.pk] == "submitted"
    assert states[beside.pk] == ("cancelled" if whole else "submitted")


@pytest.mark.req("R111")
def test_what_is_over_is_said_to_be_and_ends_nothing_again(
    client: Client, leaver: User, held: list[Access], place: Establishment
) -> None:
    for target in (held[1], place):
        leave(client, target)
        mails = Mail.objects.count()
        assert "déjà terminé" in leave(client, target).text
        assert Mail.objects.count() == mails
    with pytest.raises(WrongState):
        flows.leave_platform(leaver, held[1].public_id, now=NOW)
    with pytest.raises(WrongState):
        flows.leave_establishment(leaver, place.key, now=NOW)


@pytest.mark.req("S14", "S22")
def test_nobody_leaves_for_somebody_else(client: Client, leaver: User) -> None:
    """A stranger, an administrator of the establishment, and a SIRET of another type."""
    theirs = make_access()
    twin = make_establishment(siret=theirs.establishment.siret, kind="cfa", branch=None)
    for target in (theirs, theirs.establishment, twin):
        assert leave(client, target, "get").status_code == 404
        assert leave(client, target).status_code == 404
    make_access(user=leaver, establishment=theirs.establishment, administrator=True)
    assert leave(client, theirs).status_code == 404
    with pytest.raises(WrongState):
        flows.leave_platform(leaver, theirs.public_id, now=NOW)
    theirs.refresh_from_db()
    assert theirs.ended_at is None


@pytest.mark.req("D31", "D59", "D70")
def test_the_last_administrator_is_told_who_decides_after_them(
    client: Client, leaver: User, place: Establishment
) -> None:
    mine = make_access(user=leaver, establishment=place, administrator=True)
    words = "la seule personne «\u00a0Administrateur\u00a0»"
    assert words not in leave(client, place, "get").text, "nobody else is there"
    colleague = make_access(establishment=place)
    assert words in leave(client, place, "get").text
    Access.objects.filter(pk=colleague.pk).update(role=Role.ADMINISTRATEUR)
    assert not leaves_no_administrator([mine])
    Access.objects.filter(pk=colleague.pk).update(role=Role.GESTIONNAIRE)
    leave(client, mine)
    (noticed,) = letters(flows.DEPARTURE_MAIL)
    assert "n’a plus d’administrateur" in noticed.text


@pytest.mark.req("R111", "R62")
def test_who_has_not_accepted_the_terms_may_still_leave(
    client: Client, leaver: User, held: list[Access]
) -> None:
    publish_version(draft("printemps"), effective_at=NOW, actor=SYSTEM, now=NOW)
    assert client.get("/services/").status_code == 302
    assert "Vous avez quitté" in leave(client, held[0]).text
    assert held[0].pk not in still_open(leaver)


@pytest.mark.req("D70", "R109")
def test_nothing_is_awaited_any_more_for_what_was_left(client: Client, agent: User) -> None:
    request = in_state("approved-asked", agent)
    client.force_login(request.user)
    leave(client, Access.objects.get(user=request.user))
    assert not Asking.objects.open().exists()
    event = request.events.get(act="document_withdrawn")
    assert (event.actor, event.text) == (None, "L’accès a pris fin.")


@pytest.mark.req("R109")
def test_what_is_awaited_ends_with_the_access_whoever_ends_it(agent: User) -> None:
    """An agent ends an access on its own page: no reminder goes for it any more."""
    request, kept = in_state("approved-asked", agent), in_state("approved-asked", agent)
    end_access(Access.objects.get(user=request.user).pk, actor=SYSTEM, reason="left", now=NOW)
    suspend_access(Access.objects.get(user=kept.user).pk, reason="x", actor=SYSTEM, now=NOW)
    assert close_moot_askings(NOW) == 1
    assert [asking.request for asking in Asking.objects.open()] == [kept]
    assert close_moot_askings(NOW) == 0


def test_the_page_costs_the_same_with_more_accesses(
    client: Client, leaver: User, held: list[Access]
) -> None:
    client.get(LIST)  # the session is noted as seen
    before = cost(client, LIST)
    for _ in range(2):
        make_access(user=leaver)
    assert cost(client, LIST) == before
    for access in held:
        end_access(access.pk, actor=SYSTEM, reason="left", now=NOW)
    assert cost(client, LIST) == before
