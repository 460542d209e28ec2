"""What an invitation is for the desk: evidence, a filter, a column, a joint decision."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Role
from accounts.people.models import User
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.invitations.acceptance_flows import accept_invitation
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.invitations import ANSWERS, make_invitation
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations.desk.staff_pages import QUEUE, find_listed
from tests.registrations.desk.test_bulk import versions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]
BULK_ACT = {"act": "accepter"}


@pytest.fixture
def workplace() -> Establishment:
    return make_establishment(name="Garage fictif du Quai")


@pytest.fixture
def chief_there(workplace: Establishment) -> User:
    chief = make_user(first_name="Ada", last_name="Invitante")
    make_access(user=chief, establishment=workplace, administrator=True)
    return chief


def invited(chief: User, place: Establishment, profile: str = "ENT-GEST") -> Request:
    person = make_newcomer()
    invitation = make_invitation(chief, place, email=person.email, profile=profile)
    request = accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW).request
    assert request is not None
    return request


def send(client: Client, rows: list[Request], **said: Any) -> str:
    answer = client.post(f"{QUEUE}lot/", {"items": [row.pk for row in rows], **BULK_ACT, **said})
    assert answer.status_code == 200
    return html.unescape(answer.text)


@pytest.mark.req("D69", "R46")
def test_the_page_the_history_the_filter_and_the_export_tell_of_the_invitation(
    workplace: Establishment, chief_there: User
) -> None:
    request, other = invited(chief_there, workplace), make_request()
    agent = make_staff(delegations=("IDF",))
    client = client_of(agent)
    words = "nvité par Ada Invitante, Administrateur de Garage fictif du Quai"
    page = html.unescape(client.get(f"{QUEUE}{request.pk}/change/").text)
    assert words in page and "mardi 17 mars 2026" in page
    assert "Invitation jointe" in page and "par Ada Invitante" in page
    assert find_listed(agent, "origine=invitation") == {request.reference}
    assert find_listed(agent, "origine=formulaire") == {other.reference}
    sheet = client.post(f"{QUEUE}exporter/", {"filters": "origine=invitation"})
    told = b"".join(sheet.streaming_content).decode()  # type: ignore[attr-defined]
    assert words in told and told.count("\r\n") == 2
    # Once it proves less, the page says so.
    Access.objects.filter(user=chief_there).update(ended_at=NOW)
    assert "n’administre plus" in html.unescape(client.get(f"{QUEUE}{request.pk}/change/").text)


@pytest.mark.req("D69", "R46", "R48")
def test_one_confirmation_lists_them_all_then_each_has_its_own_decision(
    workplace: Establishment, chief_there: User
) -> None:
    agent = make_staff(delegations=("IDF",))
    client = client_of(agent)
    rows = [invited(chief_there, workplace) for _ in range(3)]
    plain, outside = make_request(), make_request(department="35")
    asked = send(client, [*rows, plain, outside])
    assert "Rien n’est encore fait" in asked and all(row.reference in asked for row in rows)
    assert "Aucune invitation n’y est jointe" in asked and outside.reference not in asked
    assert not RequestEvent.objects.filter(act=RequestAct.APPROVED).exists()
    Request.objects.filter(pk=rows[2].pk).update(version=rows[2].version + 1)  # changed meanwhile
    done = send(client, [*rows, plain, outside], confirmed="oui", versions=versions(rows))
    assert "2 demandes traitées, 3 laissées en l’état" in done and "a changé" in done
    for row in rows[:2]:
        row.refresh_from_db()
        assert (row.status, row.decided_by) == (RequestStatus.APPROVED, agent.public_id)
        event = RequestEvent.objects.get(request=row, act=RequestAct.APPROVED)
        assert "Invité par Ada Invitante" in event.internal_note
        assert Mail.objects.filter(kind="registrations.approved", subject_id=row.pk).count() == 1
    assert Entry.objects.filter(act="request.approved").count() == 2
    plain.refresh_from_db()
    assert plain.status == RequestStatus.SUBMITTED


@pytest.mark.req("D59", "D69")
def test_an_administrators_role_is_not_accepted_jointly_without_evidence(
    workplace: Establishment, chief_there: User
) -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    row = invited(chief_there, workplace, "ENT-ADMIN")
    page = send(client, [row], confirmed="oui", versions=versions([row]))
    assert "il manque le justificatif" in page
    row.refresh_from_db()
    assert row.status == RequestStatus.SUBMITTED
    send(client, [row], confirmed="oui", versions=versions([row]), evidence="Délégation vue.")
    row.refresh_from_db()
    assert (row.status, row.granted_role) == (RequestStatus.APPROVED, Role.ADMINISTRATEUR)
    event = RequestEvent.objects.get(request=row, act=RequestAct.APPROVED)
    assert "Délégation vue." in event.internal_note


@pytest.mark.req("S22", "S14", "D69")
def test_who_may_not_decide_accepts_nothing(workplace: Establishment, chief_there: User) -> None:
    row = invited(chief_there, workplace)
    data = {"items": [row.pk], **BULK_ACT, "confirmed": "oui", "versions": versions([row])}
    assert client_of(make_staff("auditor")).post(f"{QUEUE}lot/", data).status_code == 403
    outsider = client_of(make_staff(delegations=("BRE",), dgas=("DGA-URBAIN",)))
    page = outsider.post(f"{QUEUE}lot/", data)
    assert not re.search(row.reference, page.text)
    row.refresh_from_db()
    assert row.status == RequestStatus.SUBMITTED
