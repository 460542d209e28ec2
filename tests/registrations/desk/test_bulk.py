"""Acts on several requests: each through its verb, each with its answer, none lost, none leaked."""

import html
import re
import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from accounts.people.models import User
from mgestion.outbox.models import Mail
from registrations.desk.acts import assign as desk
from registrations.desk.queue.bulk import bulk_acts, bulk_outcomes
from registrations.evidence.models import KnownContact
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import (
    QUEUE,
    closed,
    make_reason,
    make_request,
    messages_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]
BULK = f"{QUEUE}lot/"


def send(client: Client, rows: Sequence[Request | str], **said: str) -> str:
    items = [str(row.pk) if isinstance(row, Request) else row for row in rows]
    response = client.post(BULK, {"items": items, **said})
    assert response.status_code == 200
    return html.unescape(response.text)


def outcomes(page: str) -> dict[str, str]:
    found = re.findall(
        r'<th scope="row">(?:<a[^>]*>)?([^<]+).*?badge-state[^>]*>([^<]+)</span>', page, re.S
    )
    return {reference.strip(): state for reference, state in found}


def versions(rows: Sequence[Request]) -> list[str]:
    return [f"{row.pk}:{row.version}" for row in rows]


def acts(row: Request, act: RequestAct) -> int:
    return RequestEvent.objects.filter(request=row, act=act).count()


def test_requests_are_assigned_each_with_its_line_of_history() -> None:
    agent, colleague = make_staff(delegations=("IDF",)), make_staff(delegations=("IDF",))
    client = client_of(agent)
    rows = [make_request() for _ in range(3)]
    page = send(client, rows, act="attribuer", to=str(colleague.public_id))
    assert outcomes(page) == {row.reference: "Fait" for row in rows}
    for row in rows:
        row.refresh_from_db()
        assert row.assignee == colleague
        assert acts(row, RequestAct.ASSIGNED) == 1


@pytest.mark.req("R44")
def test_what_comes_next_is_the_first_of_the_same_list_that_waits() -> None:
    agent, colleague = make_staff(delegations=("IDF",)), make_staff(delegations=("IDF",))
    client = client_of(agent)
    make_request(delegation="BRE", age=timedelta(hours=20))  # out of the agent's scope
    make_request(status="awaiting_document", paused_at=NOW)
    first, second, third = (make_request(age=timedelta(hours=n)) for n in (9, 8, 7))
    said = {"act": "attribuer", "filters": "type=entreprise&p=2"}
    for to, following in ((colleague, third), (agent, first)):
        page = send(client, [first, second], to=str(to.public_id), **said)
        link = f"{QUEUE}{following.pk}/change/?_changelist_filters=type%3Dentreprise%26p%3D2"
        assert f'href="{link}">Traiter la suivante' in page
        assert f'href="{QUEUE}?type=entreprise&p=2">Revenir' in page
    # The page that the act has emptied is the last one that is left.
    assert "Demandes d’accès" in client.get(f"{QUEUE}?type=entreprise&p=2").text
    alone = send(client, [first, second, third], to=str(colleague.public_id), **said)
    assert "Traiter la suivante" not in alone


@pytest.mark.req("R49")
def test_requests_are_rerouted_and_their_new_delegation_is_told() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    rows = [make_request(delegation=None) for _ in range(2)]
    asked = send(client, rows, act="reorienter", delegation="BRE")
    assert "Rien n’est encore fait" in asked
    assert all(row.reference in asked for row in rows)
    assert not Mail.objects.exists()
    page = send(client, rows, act="reorienter", delegation="BRE", confirmed="oui")
    assert set(outcomes(page).values()) == {"Fait"}
    for row in rows:
        row.refresh_from_db()
        assert row.delegation == Delegation.objects.get(code="BRE")
    assert Mail.objects.filter(kind="registrations.to_delegation").count() == 2


@pytest.mark.req("R44")
def test_delegations_are_reminded() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    row = make_request()
    assert outcomes(send(client, [row], act="relancer")) == {row.reference: "Fait"}
    again = send(client, [row], act="relancer")
    assert outcomes(again) == {row.reference: "Non fait"}
    assert "déjà été relancée aujourd’hui" in again
    assert Mail.objects.filter(kind="registrations.reminder").count() == 1


def test_what_one_request_refuses_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    good, broken, last = (make_request() for _ in range(3))
    done, own = closed(make_request()), make_request(user=agent)
    real = desk.assign_request

    def assign(key: uuid.UUID, *, to: User, actor_user: User, now: object) -> Request:
        if key == broken.pk:
            raise DatabaseError("a wire was cut")
        return real(key, to=to, actor_user=actor_user, now=NOW)

    monkeypatch.setattr(desk, "assign_request", assign)
    rows = [good, done, own, broken, last]
    page = send(client, rows, act="attribuer", to=str(agent.public_id))
    assert outcomes(page) == {
        good.reference: "Fait",
        done.reference: "Non fait",
        own.reference: "Non fait",
        broken.reference: "Non fait",
        last.reference: "Fait",
    }
    assert "2 demandes traitées, 3 laissées en l’état" in page
    assert "déjà refusée" in page
    assert "votre propre demande" in page
    assert "réessayez cette demande seule" in page


@pytest.mark.req("S22", "S14")
def test_a_request_out_of_scope_is_neither_moved_nor_named() -> None:
    agent = make_staff(delegations=("IDF",))
    row, client = make_request(delegation="BRE"), client_of(agent)
    said = {"to": str(agent.public_id), "delegation": "IDF", "confirmed": "oui"}
    for act in ("attribuer", "reorienter", "relancer"):
        page = send(client, [row, "nonsense", str(uuid.uuid4())], act=act, **said)
        assert page.count(bulk_outcomes.UNKNOWN) == 3, act
        assert row.reference not in page
        assert row.company_name not in page
    before = (row.assignee_id, row.delegation_id, row.version)
    row.refresh_from_db()
    assert (row.assignee_id, row.delegation_id, row.version) == before
    assert not Mail.objects.exists()


@pytest.mark.req("S22")
def test_nobody_of_another_delegation_is_offered_nor_accepted() -> None:
    agent = make_staff(delegations=("IDF",))
    stranger = make_staff(delegations=("BRE",), user=make_user(last_name="Lointain"))
    auditor = make_staff(StaffRole.AUDITOR, user=make_user(last_name="Lecteur"))
    client = client_of(agent)
    row = make_request()
    page = client.get(QUEUE).text
    for person in (stranger, auditor):
        assert str(person.public_id) not in page
        answer = client.post(
            BULK, {"items": [str(row.pk)], "act": "attribuer", "to": str(person.public_id)}
        )
        assert answer.status_code == 302
        row.refresh_from_db()
        assert row.assignee is None


def test_what_is_missing_is_said_and_the_filters_are_kept() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    row = make_request()
    sent = {"items": [str(row.pk)], "filters": "delegation=IDF"}
    for said, words in (
        ({"act": "attribuer", "to": ""}, "Choisissez à qui"),
        ({"act": "reorienter", "delegation": "XXX"}, "Choisissez la délégation"),
        ({"act": "effacer"}, "Choisissez ce qu’il faut faire"),
        ({}, "Choisissez ce qu’il faut faire"),
    ):
        answer = client.post(BULK, {**sent, **said})
        assert answer["Location"] == f"{QUEUE}?delegation=IDF"
        assert words in messages_of(answer)
    assert acts(row, RequestAct.ASSIGNED) == 0


def test_nothing_ticked_or_too_much_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_acts, "LIMIT", 1)
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    rows = [make_request(), make_request()]
    for items in ([], [str(row.pk) for row in rows]):
        answer = client.post(BULK, {"items": items, "act": "attribuer", "to": str(agent.public_id)})
        assert answer.status_code == 302
    assert not Request.objects.filter(assignee__isnull=False).exists()


def test_who_only_reads_finds_no_box_to_tick() -> None:
    client = client_of(make_staff(StaffRole.AUDITOR))
    make_request()
    page = client.get(QUEUE).text
    assert 'name="items"' not in page
    assert "Exporter en CSV" in page
    assert client.post(BULK, {"act": "relancer"}).status_code == 403


@pytest.mark.req("R49")
def test_what_a_bulk_move_would_do_is_said_before_it() -> None:
    """Nothing is written, what leaves the scope is said, a foreign request is not named."""
    agent = make_staff(delegations=("IDF",))
    mine, held, done = make_request(), make_request(assignee=agent), closed(make_request())
    foreign = make_request(delegation="ARA")
    page = send(client_of(agent), [mine, held, done, foreign], act="reorienter", delegation="BRE")
    assert "2 demandes passeraient à" in page
    assert "2 demandes sortent de votre périmètre" in page
    assert "1 demande déjà prise en charge perd son instructeur" in page
    assert "2 demandes cochées ne changent pas" in page
    assert foreign.reference not in page
    for row in (mine, held, foreign):
        before = (row.delegation_id, row.assignee_id, row.version)
        row.refresh_from_db()
        assert (row.delegation_id, row.assignee_id, row.version) == before
    assert not Mail.objects.exists()


def test_what_nobody_has_read_is_not_decided_with_others() -> None:
    """A decision marks what the person wrote as read."""
    row, reason = make_request(), make_reason()
    Request.objects.filter(pk=row.pk).update(desk_unread_since=NOW)
    KnownContact.objects.create(
        address=row.user.email, address_key=row.user.email_key, imported_at=NOW
    )
    said = {"refusal": reason.code, "text": "Le SIRET ne va pas.", "step": "send"}
    said |= {"confirmed": "oui", "versions": f"{row.pk}:{row.version}"}
    client = client_of(make_staff("national"))
    for act in ("accepter", "refuser"):
        assert "personne ne l’a encore lue" in send(client, [row], act=act, **said), act
    row.refresh_from_db()
    assert row.is_open and row.desk_unread_since == NOW
