"""An opinion is asked, given, withdrawn; who is asked reads that one request, until then."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Dga
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import approve_request
from registrations.desk.decision.panels.opinion_panel import AskOpinionForm
from registrations.desk.opinions.models import Opinion
from registrations.desk.opinions.opinion_flows import (
    ask_opinion,
    give_opinion,
    withdraw_opinion,
)
from registrations.desk.reminders.clock_flows import queue_digests
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import (
    QUEUE,
    address_of,
    closed,
    make_request,
    messages_of,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]
QUESTION = "La convention du transport s’applique-t-elle ?"


@pytest.fixture
def agent() -> User:
    return make_staff(delegations=("IDF",), user=make_user(last_name="Instructrice"))


@pytest.fixture
def urban() -> User:
    """An agent of a DGA that has nothing to do with the requests of these tests."""
    return make_staff(dgas=("DGA-URBAIN",), user=make_user(last_name="Urbaine"))


def ask(row: Request, agent: User, **whom: Any) -> Opinion:
    whom = whom or {"dga": Dga.objects.get(code="DGA-URBAIN")}
    return ask_opinion(row.pk, question=QUESTION, actor_user=agent, now=NOW, **whom)


@pytest.mark.req("S22", "S14")
def test_who_is_asked_reads_that_request_alone_and_only_while_the_opinion_is_open(
    agent: User, urban: User
) -> None:
    row, other = make_request(), make_request()
    guest = client_of(urban)
    assert guest.get(address_of(row)).status_code == 404
    opinion = ask(row, agent)
    assert row.reference in guest.get("/admin/").text
    page = text_of(guest, row)
    assert QUESTION in page and "votre avis est attendu" in page
    assert guest.get(address_of(row, "receipt")).status_code == 200  # its page leads there
    assert 'id="approve-panel"' not in page and 'id="refuser"' not in page
    assert guest.get(address_of(other)).status_code == 404
    # Reading is all: neither the list, the search, an act, nor a joint act knows of it.
    assert row.company_name not in guest.get(f"{QUEUE}?q={row.reference}").text
    for act in ("approve", "refuse", "take", "note", "ask", "reroute", "ask_opinion"):
        assert guest.post(address_of(row, act), {"version": "1"}).status_code == 404, act
    joint = guest.post(f"{QUEUE}lot/", {"act": "relancer", "items": [str(row.pk)]})
    assert row.reference not in joint.text
    stranger = make_staff(delegations=("BRE",))
    assert client_of(stranger).get(address_of(row)).status_code == 404
    said = {"opinion": opinion.pk, "verdict": "unfavourable", "answer": "Non, la 3085."}
    given = guest.post(address_of(row, "give_opinion"), said)
    assert (given.status_code, given["Location"]) == (302, QUEUE)
    assert guest.get(address_of(row)).status_code == 404
    again = guest.post(address_of(row, "give_opinion"), said)
    assert (again.status_code, again["Location"]) == (302, "/admin/")  # a double click
    assert Opinion.objects.get().answer == "Non, la 3085."
    assert "Non, la 3085." in text_of(client_of(agent), row)


def test_the_right_ends_with_the_opinion_or_the_request(agent: User, urban: User) -> None:
    """What was typed meanwhile is given back, and nothing of the request with it."""
    guest = client_of(urban)
    for end in ("withdrawn", "approved", "refused"):
        row = make_request(company_name="Garage Discret")
        opinion = ask(row, agent)
        if end == "withdrawn":
            withdraw_opinion(row.pk, opinion.pk, actor_user=agent, now=NOW)
        elif end == "approved":
            approve_request(row.pk, version=1, role="gestionnaire", actor_user=agent, now=NOW)
        else:
            closed(row)
        assert guest.get(address_of(row)).status_code == 404, end
        said = {"opinion": opinion.pk, "verdict": "favourable", "answer": "Mes mots d’avis"}
        late = guest.post(address_of(row, "give_opinion"), said)
        assert late.status_code == 409, end
        assert "Mes mots d’avis" in late.text and row.company_name not in late.text
        with pytest.raises((Refused, WrongState)):
            give_opinion(
                row.pk, opinion.pk, verdict="favourable", answer="x", actor_user=urban, now=NOW
            )
    stranger = client_of(make_staff(delegations=("BRE",)))
    assert stranger.post(address_of(row, "give_opinion"), said).status_code == 404


@pytest.mark.req("R44", "R46")
def test_neither_the_clock_nor_the_request_moves_and_the_history_tells_it_to_agents(
    agent: User,
) -> None:
    colleague = make_staff(delegations=("IDF",), user=make_user(last_name="Confrère"))
    row = make_request(assignee=agent)
    before = Request.objects.values().get(pk=row.pk)
    opinion = ask(row, agent, colleague=colleague)
    client = client_of(colleague)
    answer = client.post(
        address_of(row, "give_opinion"),
        {"opinion": opinion.pk, "verdict": "favourable", "answer": "Je les connais."},
    )
    assert answer.status_code == 302
    assert Request.objects.values().get(pk=row.pk) == before
    events = row.events.filter(act__startswith="opinion")
    assert [event.act for event in events] == [RequestAct.OPINION_ASKED, RequestAct.OPINION_GIVEN]
    assert all(event.text == "" for event in events)
    page = text_of(client_of(agent), row)
    assert "Avis favorable" in page and "Je les connais." in page and "Confrère" in page
    assert Entry.objects.filter(act="request.opinion_given", reason="favourable").count() == 1
    status = client_of(row.user).get(f"/demandes/{row.reference}/")
    assert status.status_code == 200
    assert QUESTION not in html.unescape(status.text) and "Avis" not in status.text


def test_the_mails_say_nothing_of_the_content(agent: User, urban: User) -> None:
    row = make_request()
    opinion = ask(row, agent)
    give_opinion(row.pk, opinion.pk, verdict="neither", answer="", actor_user=urban, now=NOW)
    second = ask(row, agent)
    dga = Dga.objects.get(code="DGA-URBAIN")
    for kind, to, of in (
        ("registrations.opinion_asked", dga.email, second),
        ("registrations.opinion_given", agent.email, opinion),
    ):
        letter = build_message(Mail.objects.get(kind=kind, cycle=str(of.pk)), NOW)
        assert letter is not None and letter.to == to
        for secret in (QUESTION, row.last_name, row.company_name, row.user.email):
            assert secret not in letter.text
        assert row.reference in letter.text
    queue_digests(NOW)
    digest = Mail.objects.get(kind="registrations.opinions_digest")
    letter = build_message(digest, NOW)
    assert letter is not None and letter.to == dga.email and "1" in letter.subject
    withdraw_opinion(row.pk, second.pk, actor_user=agent, now=NOW)
    assert build_message(digest, NOW) is None
    queue_digests(NOW + timedelta(days=1))
    assert Mail.objects.filter(kind="registrations.opinions_digest").count() == 1


def test_what_is_missing_is_said_and_kept(agent: User) -> None:
    row, client = make_request(), client_of(agent)

    def ask_by_page(**said: str) -> str:
        answer = client.post(address_of(row, "ask_opinion"), said)
        return html.unescape(answer.text) + messages_of(answer)

    page = ask_by_page(of="", question=QUESTION)
    assert "Choisissez à qui demander l’avis" in page and QUESTION in page
    dga = Dga.objects.get(code="DGA-URBAIN")
    with pytest.raises(Refused, match="Écrivez la question"):
        ask_opinion(row.pk, question=" ", dga=dga, actor_user=agent, now=NOW)
    typed = {"of": "dga:DGA-URBAIN", "question": "a" * 2001}
    assert "2001" in str(AskOpinionForm(row, [], [dga], typed).errors["question"])
    assert not Opinion.objects.exists()
    ask_by_page(of="dga:DGA-URBAIN", question=QUESTION)
    assert "déjà demandé" in ask_by_page(of="dga:DGA-URBAIN", question=QUESTION)
    assert Opinion.objects.count() == 1
    # Not of oneself, nor of who may not decide it.
    for person in (agent, make_staff(StaffRole.AUDITOR), make_staff(delegations=("BRE",))):
        with pytest.raises(Refused):
            ask(row, agent, colleague=person)
    with pytest.raises(Refused):
        ask(make_request(delegation="BRE"), agent)
    with pytest.raises(Refused):
        ask(closed(make_request()), agent)


def test_the_database_keeps_one_addressee_and_one_open_opinion(agent: User) -> None:
    row = make_request()
    facts = {"request": row, "question": "x", "asked_at": NOW, "asked_by": agent.public_id}
    for wrong in ({}, {"person": agent.public_id, "dga": Dga.objects.first()}):
        with pytest.raises(IntegrityError):
            with transaction.atomic():
                Opinion.objects.create(**facts, **wrong)


def test_a_reopened_request_asks_nothing_of_those_who_were_asked_before(
    agent: User, urban: User
) -> None:
    row = make_request()
    ask(row, agent)
    closed(row, by=agent)
    said = {"reason": "Nous avons reçu votre appel.", "version": "1", "step": "send"}
    assert client_of(agent).post(address_of(row, "reopen"), said).status_code == 302
    row.refresh_from_db()
    assert row.is_open
    assert client_of(urban).get(address_of(row)).status_code == 404
    assert row.reference not in client_of(urban).get("/admin/").text
