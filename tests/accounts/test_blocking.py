"""Blocking an address and lifting a block, apart from any account (D30, R82)."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.leaving import block_list
from accounts.leaving.block_list import is_blocked
from accounts.people.models import BlockedPerson, User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Detail, Entry
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.req("D30"),
    pytest.mark.both,
    pytest.mark.usefixtures("now"),
]
ADDRESS = "Jeanne.Fictive@garage-exemple.example.org"
LIST = "admin:accounts_blockedperson_changelist"
ADD = "admin:accounts_blockedperson_add"


@pytest.fixture
def agent() -> User:
    return make_staff("national")


@pytest.fixture
def national(agent: User) -> Client:
    return client_of(agent)


def block(address: str, agent: User) -> BlockedPerson:
    return block_list.block_address(address, actor=Actor.staff(agent), reason="breach", now=NOW)


def test_an_address_is_blocked_without_an_account_and_is_kept_nowhere(
    national: Client, agent: User
) -> None:
    assert "Bloquer une adresse" in national.get(reverse(LIST)).text
    answer = national.post(reverse(ADD), {"address": ADDRESS, "reason": "breach"}, follow=True)
    assert answer.status_code == 200
    assert is_blocked(ADDRESS.lower())
    row = BlockedPerson.objects.get()
    assert (row.reason, row.blocked_at, row.blocked_by) == ("breach", NOW, agent.public_id)
    line = Entry.objects.get(act="block.added")
    assert (line.actor, line.object_id, line.reason) == (
        str(agent.public_id),
        str(row.pk),
        "breach",
    )
    kept = json.dumps([list(Entry.objects.values()), list(Detail.objects.values())], default=str)
    assert "fictive" not in (kept + answer.text).lower()


def test_an_account_at_a_blocked_address_stays_open(agent: User) -> None:
    user = make_user(email=ADDRESS)
    block(ADDRESS, agent)
    user.refresh_from_db()
    assert user.status == "active"


def test_nobody_blocks_an_agent_nor_himself(national: Client, agent: User) -> None:
    colleague = make_staff("reviewer")
    for person, said in ((colleague, "adresse d’un agent"), (agent, "votre propre adresse")):
        with pytest.raises(Refused, match=said):
            block(person.email.upper(), agent)
        answer = national.post(
            reverse(ADD), {"address": person.email, "reason": "breach"}, follow=True
        )
        assert said in answer.text
    assert not BlockedPerson.objects.exists()
    assert not Entry.objects.filter(act="block.added").exists()


def test_a_blocked_address_is_not_blocked_twice_not_even_under_an_older_key(
    agent: User, settings: Any
) -> None:
    block(ADDRESS, agent)
    settings.HASH_KEYS = ("a newer key of the hashes, long enough", *settings.HASH_KEYS)
    with pytest.raises(WrongState, match="déjà bloquée"):
        block(ADDRESS.lower(), agent)


def test_a_block_is_lifted_from_its_page_whatever_its_age(national: Client, agent: User) -> None:
    row = block(ADDRESS, agent)
    page = reverse("admin:accounts_blockedperson_change", args=[row.pk])
    lift = reverse("admin:accounts_blockedperson_lift", args=[row.pk])
    assert lift in national.get(page).text
    assert "Un compte suspendu reste suspendu" in national.get(lift).text
    assert is_blocked(ADDRESS)  # looking changes nothing
    assert "Corrigez cette erreur" in national.post(lift, {"reason": ""}).text
    assert is_blocked(ADDRESS)
    answer = national.post(lift, {"reason": "other"}, follow=True)
    assert "Blocage levé" in answer.text
    assert not is_blocked(ADDRESS)
    line = Entry.objects.get(act="block.lifted")
    assert (line.actor, line.reason) == (str(agent.public_id), "other")
    assert national.post(lift, {"reason": "other"}).status_code == 404


def test_the_list_and_the_page_say_who_blocked_and_when(national: Client, agent: User) -> None:
    row = block(ADDRESS, agent)
    address = reverse("admin:accounts_blockedperson_change", args=[row.pk])
    for page in (national.get(reverse(LIST)).text, national.get(address).text):
        assert str(agent) in page
        assert "Bloquée par" in page
    BlockedPerson.objects.update(blocked_by=None)
    assert "Le portail" in national.get(reverse(LIST)).text
