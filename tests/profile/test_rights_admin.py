"""The DPO's desk: what is late, a letter entered, one page an act."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile.enums import Channel, RequestState, Right
from accounts.profile.models import RightsRequest
from accounts.profile.rights import flows as rights_flows
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.habilitations import make_staff
from tests.factories.people import NOW, person

pytestmark = pytest.mark.django_db
LIST = "/admin/profile/rightsrequest/"
LETTER = {
    "account": "",
    "right": "access",
    "channel": "post",
    "received_on": "2026-03-10",
    "name": "Paul Fictif",
    "contact": "1 rue Fictive, 75000 Paris",
    "said": "Que savez-vous de moi ?",
}


@pytest.fixture
def dpo(client: Client) -> Any:
    with time_machine.travel(NOW, tick=False):
        agent = make_staff(StaffRole.DPO)
        client.force_login(agent, backend="accounts.entry.login.backends.PasswordBackend")
        yield agent


@pytest.fixture
def someone() -> User:
    return person(last_name="Martin", first_name="Jeanne")


def enter_letter(dpo: User, name: str, *, days: int = 7) -> RightsRequest:
    return rights_flows.enter_rights_request(
        None,
        name=name,
        contact="x",
        right=Right.ACCESS,
        channel=Channel.POST,
        said="x",
        received_on=NOW.date() - timedelta(days=days),
        actor=Actor.staff(dpo),
        now=NOW,
    )


def act(row: RightsRequest, word: str) -> str:
    return reverse("admin:profile_rightsrequest_act", args=[row.pk, word])


@pytest.mark.req("R80", "S33")
def test_a_letter_is_entered_with_the_day_it_came(client: Client, dpo: User) -> None:
    assert client.get(f"{LIST}add/").status_code == 200
    assert client.post(f"{LIST}add/", LETTER).status_code == 302
    row = RightsRequest.objects.get()
    assert (row.channel, row.received_on.isoformat(), row.due_on.isoformat()) == (
        "post",
        "2026-03-10",
        "2026-04-10",
    )
    assert (row.state, row.handled_by) == (RequestState.RECEIVED, dpo.public_id)
    line = Entry.objects.get(act="rights.received")
    assert (line.actor_kind, line.actor, line.reason) == ("staff", str(dpo.public_id), "access")
    page = client.get(f"{LIST}{row.pk}/change/").text
    for said in ("Noter l’accusé de réception", "Demande reçue", str(dpo), "10 avril 2026"):
        assert said in page


def test_what_is_wrong_is_said_and_kept(client: Client, dpo: User) -> None:
    for wrong, message in (
        ({"received_on": "2026-03-18"}, "Cette date est à venir"),
        ({"contact": ""}, "où lui répondre"),
        ({"account": "personne@garage.example.org"}, "Aucun compte n’a cette adresse"),
        ({"channel": "portal"}, "portal"),
        ({"right": ""}, "obligatoire"),
    ):
        page = client.post(f"{LIST}add/", LETTER | wrong)
        assert page.status_code == 200
        assert message in page.text
        assert LETTER["said"] in page.text
    assert not RightsRequest.objects.exists()


@pytest.mark.req("R79", "R80", "S33")
def test_each_act_is_a_page_that_a_post_does(client: Client, dpo: User, someone: User) -> None:
    client.post(f"{LIST}add/", LETTER | {"right": "erasure", "account": someone.email})
    row = RightsRequest.objects.get()
    assert (row.person, row.state) == (someone.public_id, RequestState.ACKNOWLEDGED)
    for word, said in (
        ("prolonger", {"reason": "Archives"}),
        ("fermer-le-compte", {}),
        ("noter", {"notes": "Appelée"}),
        ("repondre", {"text": "Votre compte se ferme."}),
    ):
        assert client.get(act(row, word)).status_code == 200
        assert client.post(act(row, word), said).status_code == 302
    row.refresh_from_db()
    someone.refresh_from_db()
    assert (row.state, row.notes, row.answer) == ("answered", "Appelée", "Votre compte se ferme.")
    assert someone.status == Status.CLOSING
    acts = list(Entry.objects.filter(object_type="rights").values_list("act", flat=True))
    assert sorted(acts) == sorted(
        f"rights.{word}" for word in ("received", "extended", "account_closed", "noted", "answered")
    )
    for word in ("repondre", "refuser", "fermer-le-compte", "clore", "rien"):
        assert client.post(act(row, word), {"text": "x", "reason": "x"}).status_code == 302
    row.refresh_from_db()
    assert row.answer == "Votre compte se ferme."


def test_an_empty_answer_is_refused_in_words(client: Client, dpo: User, someone: User) -> None:
    row = rights_flows.ask_for_right(someone, right=Right.ACCESS, said="Tout", now=NOW)
    page = client.post(act(row, "repondre"), {"text": " "})
    assert page.status_code == 200 and "Écrivez ce texte" in page.text


@pytest.mark.req("S33")
def test_the_filter_finds_what_is_late(client: Client, dpo: User, someone: User) -> None:
    names = {"retard": 40, "semaine": 27, "ouvertes": 0}
    for name, days in names.items():
        enter_letter(dpo, f"Personne {name}", days=days)
    page = client.get(LIST, {"echeance": "retard"}).text
    assert "Personne retard" in page and "en retard" in page
    assert "Personne semaine" not in page and "Personne ouvertes" not in page
    week = client.get(LIST, {"echeance": "semaine"}).text
    assert "Personne semaine" in week and "Personne retard" not in week
    assert "Personne" not in client.get(LIST, {"echeance": "traitees"}).text


def test_the_list_costs_the_same_for_one_and_for_five(client: Client, dpo: User) -> None:
    client.get(LIST)  # the session begins
    counts = []
    for size in (1, 4):
        for number in range(size):
            enter_letter(dpo, f"Personne {size} {number}")
        with CaptureQueriesContext(connection) as made:
            assert client.get(LIST).status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1]


@pytest.mark.req("S22")
def test_the_dpo_opens_people_and_journal_and_not_the_desk(
    client: Client, dpo: User, someone: User
) -> None:
    for path, status in (
        ("/admin/", 200),
        (LIST, 200),
        ("/admin/legal/termsrequest/", 200),
        (f"/admin/accounts/user/{someone.pk}/change/", 200),
        ("/admin/journal/entry/", 200),
        ("/admin/registrations/request/", 403),
        ("/admin/habilitations/staffmember/", 403),
    ):
        assert client.get(path).status_code == status, path
