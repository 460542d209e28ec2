"""What an agent types on a decision page is not lost with the session."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.people.models import User
from registrations.requests.models import Request
from tests.factories.habilitations import make_staff
from tests.registrations.desk.staff_pages import address_of, make_reason, make_request

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.req("S45", "S47"),
]
AGAIN = "Votre session s’était terminée"
TEXT = "Le mandat ne porte pas de date. " * 20


def send(client: Client, agent: User, row: Request, act: str, **fields: str) -> str:
    posted = {"version": str(row.version), "seen": "0", "person": str(agent.public_id), **fields}
    response = client.post(address_of(row, act), posted)
    assert response.status_code == 302
    return str(response["Location"])


def test_it_is_there_after_the_login(client: Client, clock: object, agent: User) -> None:
    row, _ = make_request(), make_reason()
    refusal = {"refusal": "motif-fictif", "text": TEXT, "internal_note": "Vu", "step": "send"}
    for act, fields in (
        ("refuse", refusal),
        ("ask", {"message": TEXT, "documents": "Mandat", "last_day": "2026-03-30"}),
        ("approve", {"role": "administrateur", "evidence": "Appel au siège", "reason": "Vu"}),
    ):
        client.logout()
        assert send(client, agent, row, act, **fields).endswith(f"?next={address_of(row)}")
        client.force_login(agent)
        page = unescape(client.get(address_of(row)).text)
        assert AGAIN in page, act
        for name in fields.keys() - {"step", "refusal", "role"}:
            assert fields[name].strip() in page, (act, name)
        row.refresh_from_db()
        assert row.status == "submitted" and not row.events.exclude(act="submitted").exists()
    # It is sent at last, and forgotten.
    send(client, agent, row, "note", text="Autre chose")
    assert AGAIN not in client.get(address_of(row)).text


def test_nobody_else_nor_later_nor_another_request_shows_it(
    clock: time_machine.Traveller, agent: User
) -> None:
    row, other_row = make_request(), make_request()
    other = make_staff(delegations=("IDF",))
    for who, shown, pause in (
        (other, row, timedelta(0)),
        (agent, other_row, timedelta(0)),
        (agent, row, timedelta(minutes=16)),
    ):
        client = Client()
        send(client, agent, row, "note", text=TEXT)
        clock.shift(pause)
        client.force_login(who)
        page = client.get(address_of(shown)).text
        assert AGAIN not in page and TEXT.strip() not in page


def test_a_form_whose_token_another_tab_renewed_is_given_back(clock: object, agent: User) -> None:
    row = make_request()
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    assert send(client, agent, row, "note", text=TEXT) == address_of(row)
    page = client.get(address_of(row)).text
    assert AGAIN in page and TEXT.strip() in page
    assert not row.events.filter(act="noted").exists()


def test_a_stranger_without_a_token_writes_no_session(clock: object, agent: User) -> None:
    row = make_request()
    response = Client(enforce_csrf_checks=True).post(address_of(row, "note"), {"text": TEXT})
    assert response.status_code == 403
    assert not Session.objects.exists()


def test_each_form_says_whose_page_it_was(client: Client, clock: object, agent: User) -> None:
    client.force_login(agent)
    make_reason()
    page = client.get(address_of(make_request())).text
    forms = [part for part in page.split("<form") if "<textarea" in part.partition("</form>")[0]]
    assert len(forms) >= 4
    for form in forms:
        assert f'name="person" value="{agent.public_id}"' in form.partition("</form>")[0]
