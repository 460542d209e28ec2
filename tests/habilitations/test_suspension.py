"""One access suspended on one platform, and given back (R110, D30, D45)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.api import people_feed
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.cas import SERVICE, make_platform
from tests.factories.habilitations import (
    NOW,
    grant,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of, letters, sign_in
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
WHY = "Le justificatif demandé n’est pas arrivé."


@pytest.fixture
def access() -> Access:
    return make_access(platform=make_platform(), dashboard="")


@pytest.fixture
def desk() -> Client:
    return client_of(make_staff(delegations=("IDF",)))


def address(access: Access) -> str:
    return reverse("admin:habilitations_access_change", args=[access.pk])


def suspend(desk: Client, access: Access, **more: str) -> Any:
    said = {"role": access.role, "dashboard": access.dashboard, "suspend": "on", "said": WHY}
    return desk.post(address(access), {**said, **more})


def kinds(access: Access) -> list[str]:
    lines = people_feed.list_changes(access.platform, since=0, limit=50)["changes"]
    return [line["kind"] for line in lines]


@pytest.mark.req("R110", "D45", "D30")
def test_an_agent_suspends_any_platforms_access_and_everything_refuses_it_at_once(
    desk: Client, access: Access
) -> None:
    person = Client()
    sign_in(person, access.user.email)
    enter = f"/cas/login?service={quote(SERVICE, safe='')}"
    assert "ticket=" in person.get(enter)["Location"]
    elsewhere = make_access(user=access.user)
    page = desk.get(address(access)).text
    assert "Suspendre cet accès" in page and "Faire les déclarations" in page
    assert suspend(desk, access).status_code == 302
    access.refresh_from_db()
    elsewhere.refresh_from_db()
    assert access.ended_at == access.suspended_at == NOW
    assert elsewhere.ended_at is None and access.user.is_active
    refused = person.get(enter)
    assert "ticket=" not in refused["Location"]
    said = person.get(refused["Location"])
    assert said.status_code == 403
    for words in (WHY, "suspendu depuis le mardi 17 mars 2026", "delegation-idf@example.org"):
        assert words in said.text
    assert kinds(access) == ["ended"]
    assert people_feed.find_person(access.platform, subject=access.user.public_id, email="") is None
    entry = Entry.objects.get(act="access.suspended")
    assert (entry.object_id, entry.actor_kind) == (str(access.pk), "staff")
    (letter,) = letters(flows.SUSPENDED_MAIL)
    assert letter.to == access.user.email
    for words in (WHY, "M-Contributions", "delegation-idf@example.org"):
        assert words in letter.text and words in letter.html


@pytest.mark.req("R110")
def test_the_tile_says_suspended_why_and_whom_to_ask(desk: Client, access: Access) -> None:
    suspend(desk, access)
    page = client_of(access.user).get("/services/").text
    for words in ("Accès suspendu", WHY, "mailto:delegation-idf@example.org", "Île-de-France"):
        assert words in page
    # Another establishment's access opens the platform all the same.
    make_access(user=access.user, platform=access.platform, dashboard="")
    page = client_of(access.user).get("/services/").text
    assert f"Accès suspendu pour {access.establishment.name}" in page
    assert "Ouvrir" in page and "M-Contributions</span>" in page


@pytest.mark.req("R110", "D45")
def test_it_is_given_back_as_it_was(desk: Client, access: Access) -> None:
    suspend(desk, access)
    page = desk.get(address(access)).text
    assert WHY in page and "Rétablir cet accès" in page
    assert desk.post(address(access), {"restore": "on"}).status_code == 302
    again = Access.objects.get(user=access.user)
    assert (again.pk, again.role, again.granted_at) == (access.pk, access.role, access.granted_at)
    assert (again.ended_at, again.suspended_at, again.suspension_reason) == (None, None, "")
    assert kinds(access) == ["ended", "granted"]
    (letter,) = letters(flows.RESTORED_MAIL)
    assert "rétabli" in letter.subject
    assert letters(flows.SUSPENDED_MAIL) == []  # not sent yet: there is nothing to tell any more
    assert Entry.objects.filter(act="access.restored").count() == 1


def test_a_suspended_access_may_be_ended_for_good(desk: Client, access: Access) -> None:
    suspend(desk, access)
    desk.post(address(access), {"end": "left"})
    access.refresh_from_db()
    assert access.ended_at is not None and access.suspended_at is None
    assert kinds(access) == ["ended"]
    page = desk.get(address(access)).text
    assert "Rétablir" not in page and "Terminé le" in page
    with pytest.raises(Refused) as refusal:
        flows.restore_access(access.pk, actor=Actor.system("test"), now=NOW)
    assert refusal.value.code == "not_suspended"


def test_half_said_is_said_so_and_changes_nothing(desk: Client, access: Access) -> None:
    given = {"said": " ", "end": "left", "role": "administrateur", "reason": "Promotion"}
    page = suspend(desk, access, **given)
    assert page.status_code == 200
    for said in ("la personne reçoit ce texte", "suspendre cet accès, ou y mettre fin"):
        assert said in page.text
    assert "pas les deux" in page.text
    assert "Cochez cette case" in suspend(desk, access, suspend="").text
    access.refresh_from_db()
    assert access.ended_at is None


def test_what_is_granted_anew_stands_for_the_suspended_access(access: Access) -> None:
    actor = Actor.system("test")
    flows.suspend_access(access.pk, reason=WHY, actor=actor, now=NOW)
    assert access.establishment is not None
    grant(access.user, access.establishment, access.role, platform_code=access.platform.code)
    assert not Access.objects.suspended().exists()


def test_what_cannot_be_opened_is_not_given_back(access: Access) -> None:
    actor = Actor.system("test")
    flows.suspend_access(access.pk, reason=WHY, actor=actor, now=NOW)
    spoils: list[Callable[[], object]] = [
        lambda: User.objects.filter(pk=access.user.pk).update(status="suspended"),
        lambda: Platform.objects.filter(pk=access.platform.pk).update(enabled=False),
    ]
    for spoil in spoils:
        with rolled_back():
            spoil()
            with pytest.raises(Refused):
                flows.restore_access(access.pk, actor=actor, now=NOW)
    access.refresh_from_db()
    assert access.ended_at is not None


@pytest.mark.req("S22")
def test_an_agent_of_another_scope_suspends_nothing(access: Access) -> None:
    other = client_of(make_staff(delegations=("ARA",)))
    suspend(other, access)
    access.refresh_from_db()
    assert access.ended_at is None


def test_the_database_keeps_a_suspension_closed_told_and_single(access: Access) -> None:
    rows = Access.objects.filter(pk=access.pk)
    for values in (
        {"suspended_at": NOW, "suspension_reason": WHY},
        {"suspended_at": NOW, "ended_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


def test_the_list_tells_the_states_apart_and_finds_a_siret_as_it_is_written(
    desk: Client, access: Access
) -> None:
    place = make_establishment(siret="73282932000074", name="Garage cherché")
    make_access(user=make_user(), establishment=place, ended_at=NOW)
    suspend(desk, access)
    changelist = reverse("admin:habilitations_access_changelist")
    page = desk.get(f"{changelist}?etat=suspendu").text
    assert access.establishment.name in page and "Garage cherché" not in page
    page = desk.get(changelist, {"q": "732 829 320 00074"}).text
    assert "Garage cherché" in page and access.establishment.name not in page


@pytest.mark.req("S22")
def test_no_agent_acts_on_his_own_access() -> None:
    """He may be a user of the platforms too: another agent decides for him."""
    agent = make_staff(delegations=("IDF",))
    mine = make_access(user=agent)
    other = make_access(user=agent)
    flows.suspend_access(other.pk, reason=WHY, actor=Actor.system("test"), now=NOW)
    actor, words = Actor.staff(agent), "vos propres accès"
    acts: list[Callable[[], Access]] = [
        lambda: grant(agent, mine.establishment, platform_code="m-contributions", actor=actor),
        lambda: flows.change_role(
            mine.pk, role=Role.ADHERENT, dashboard="automobile", actor=actor, reason="", now=NOW
        ),
        lambda: flows.suspend_access(mine.pk, reason=WHY, actor=actor, now=NOW),
        lambda: flows.end_access(mine.pk, reason="left", actor=actor, now=NOW),
        lambda: flows.restore_access(other.pk, actor=actor, now=NOW),
    ]
    before = list(Access.objects.order_by("pk").values())
    for act in acts:
        with pytest.raises(Refused, match=words):
            act()
    page = client_of(agent).post(address(other), {"restore": "on"}, follow=True)
    assert words in page.text
    assert list(Access.objects.order_by("pk").values()) == before


def test_a_role_changed_too_late_opens_nothing_again(access: Access) -> None:
    """The access ended between the agent's page and his click."""
    actor, agent = Actor.system("test"), Actor.staff(make_staff())
    for close, reason in ((flows.suspend_access, WHY), (flows.end_access, "left")):
        close(access.pk, reason=reason, actor=actor, now=NOW)
        with pytest.raises(WrongState, match="terminé|suspendu"):
            flows.change_role(
                access.pk, role=Role.ADHERENT, dashboard="", actor=agent, reason="Demandé", now=NOW
            )
        found = Access.objects.get(user=access.user)
        assert (found.role, found.ended_at) == (access.role, NOW)
