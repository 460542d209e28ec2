"""Correcting one's identity, and ending one's sessions one by one."""

from typing import Any

import pytest
from django.test import Client

from accounts.entry.models import SessionRecord
from mgestion.journal.models import Entry
from tests.factories.people import ADDRESS, inside, letters, log_in, person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
SAID = {"last_name": "  Martin ", "first_name": "Jeanne\u200b", "phone": "01 99 00 12 35"}


def rectify(client: Client, **changes: str) -> Any:
    return client.post("/compte/identite/", {**SAID, **changes})


@pytest.mark.req("R124")
def test_a_correction_is_journaled_old_and_new_and_told(client: Client) -> None:
    user = person(last_name="Martine", first_name="Jeanne", phone="+33199001234")
    sign_in(client)
    page = client.get("/compte/identite/").content.decode()
    assert 'value="Martine"' in page
    assert rectify(client)["Location"] == "/compte/"
    user.refresh_from_db()
    assert (user.last_name, user.first_name, user.phone) == ("Martin", "Jeanne", "+33199001235")
    entry = Entry.objects.get(act="identity.rectified")
    assert entry.person == user.public_id
    assert entry.detail.data == {
        "before": {"last_name": "Martine", "phone": "+33199001234"},
        "after": {"last_name": "Martin", "phone": "+33199001235"},
    }
    (message,) = letters("profile.identity_changed")
    assert message.to == ADDRESS
    assert "nom, téléphone" in message.text
    assert "Martine" not in message.text.replace("Jeanne Martin", "")


def test_nothing_new_writes_nothing(client: Client) -> None:
    person(last_name="Martin", first_name="Jeanne", phone="+33199001235")
    sign_in(client)
    assert rectify(client).status_code == 303
    assert not Entry.objects.filter(act="identity.rectified").exists()
    assert letters("profile.identity_changed") == []


def test_what_is_no_name_or_number_is_refused(client: Client) -> None:
    user = person()
    sign_in(client)
    for field, wrong in (
        *(("last_name", "…"), ("first_name", " "), ("phone", "12")),
        ("last_name", "N" * 101),
    ):
        assert rectify(client, **{field: wrong}).status_code == 200, wrong
    user.refresh_from_db()
    assert user.last_name == ""


@pytest.mark.req("S20")
def test_one_session_is_ended_and_the_others_go_on(client: Client) -> None:
    person()
    elsewhere, third = Client(), Client()
    for one in (elsewhere, third, client):
        sign_in(one)
    record = SessionRecord.objects.get(session_key=elsewhere.session.session_key)
    assert f"/compte/sessions/{record.pk}/fermer/" in client.get("/compte/").content.decode()
    assert client.post(f"/compte/sessions/{record.pk}/fermer/").status_code == 303
    assert elsewhere.get("/compte/").status_code == 302
    assert inside(third)
    record.refresh_from_db()
    assert record.end_reason == "one"
    assert Entry.objects.filter(act="session.ended").count() == 1


@pytest.mark.req("S14")
def test_somebody_elses_session_does_not_exist(client: Client) -> None:
    person()
    person("autre.personne@garage.example.org")
    other = Client()
    sign_in(other, "autre.personne@garage.example.org")
    sign_in(client)
    record = SessionRecord.objects.get(session_key=other.session.session_key)
    client.post(f"/compte/sessions/{record.pk}/fermer/")
    assert inside(other)


@pytest.mark.req("S10")
def test_the_last_logins_are_shown(client: Client) -> None:
    person()
    for number in range(3):
        log_in(Client(REMOTE_ADDR=f"203.0.113.{number + 1}"))
    sign_in(client)
    page = client.get("/compte/").content.decode()
    assert all(f"adresse IP 203.0.113.{number}" in page for number in (1, 2, 3))


@pytest.mark.req("R124", "S23")
def test_names_are_those_that_the_enrolment_form_takes(client: Client) -> None:
    user = person(last_name="Martin", first_name="Jeanne")
    sign_in(client)
    for name in (
        "{{7*7}} http://evil.example/ <b>x</b>",
        "=cmd|'/C calc'!A1",
        "Rappelez http://evil.example",
        "0123",
        "…",
    ):
        page = rectify(client, last_name=name, first_name=name).text
        for field in ("last_name", "first_name"):
            beside = page.partition(f'id="id_{field}_error"')[2].partition("</div>")[0]
            assert "Utilisez des lettres" in beside, (field, name)
    user.refresh_from_db()
    assert user.full_name == "Jeanne Martin"
    for name in ("D’Aubigné-Läß", "Nguyễn", "O'Neil", "Jean Paul", "Ŀ·l"):
        assert rectify(client, last_name=name).status_code == 303, name
