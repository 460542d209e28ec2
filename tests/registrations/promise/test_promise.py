"""The promise of 48 hours, measured: what applicants read of it, and how long theirs took."""

from copy import copy
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.habilitations.reference.models import Delegation
from accounts.people.models import User
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import approve_request
from registrations.desk.reminders import clock_flows
from registrations.promise.models import ResponseTime
from registrations.promise.response_times import (
    describe_response_time,
    measure_response_times,
    recall_response_time,
)
from registrations.promise.time_taken import describe_time_taken
from registrations.requests.enums import RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_rules import generate_reference
from tests.factories.accounts import NOW
from tests.factories.habilitations import (
    load_reference,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.invitations import make_invitation
from tests.factories.registrations import make_request as send_request
from tests.registrations.desk.staff_pages import make_request
from tests.servers.processes import wait_until
from tests.together import a_connection_waits, run_together

HOUR = timedelta(hours=1)
YESTERDAY = NOW - timedelta(days=1)
IDF = "Délégation régionale Île-de-France"


def _decide(
    count: int, hours: float, *, delegation: str = "IDF", at: datetime = YESTERDAY, **fields: Any
) -> None:
    """`count` requests of `delegation`, each decided at `at` after `hours` of running clock."""
    row = make_request(age=timedelta(hours=hours), now=at, delegation=delegation)
    decided = {"status": RequestStatus.REFUSED, "decided_at": at, "decided_by": uuid4(), **fields}
    Request.objects.filter(pk=row.pk).update(**decided)
    rows = [copy(row) for _ in range(count - 1)]
    for each in rows:
        each.pk, each.form_token, each.reference = uuid4(), uuid4(), generate_reference()
        for name, value in decided.items():
            setattr(each, name, value)
    Request.objects.bulk_create(rows)


def _said(**whose: Any) -> str:
    return describe_response_time(NOW, **whose).replace("\u00a0", " ")


@pytest.fixture
def idf(reference: None) -> Delegation:
    return Delegation.objects.get(code="IDF")


@pytest.mark.both
@pytest.mark.req("D10", "R44")
def test_the_figures_are_those_of_thirty_days_and_hidden_under_twenty_decisions(
    idf: Delegation,
) -> None:
    _decide(19, 23.5)
    _decide(9, 3, delegation="BRE")
    _decide(40, 1, at=NOW - timedelta(days=31))
    assert measure_response_times(NOW) == {"measured": 3}
    words = "OPCO Mobilités : réponse en 23 h en médiane, 100 % en 48 h, ces 30 derniers jours."
    assert _said(delegation=idf) == words  # 19 of its own say nothing, 28 of all do
    _decide(2, 50)
    measure_response_times(NOW)
    words = f"{IDF} : réponse en 23 h en médiane, 90 % en 48 h, ces 30 derniers jours."
    assert _said(delegation=idf) == _said(department="75") == words
    assert _said(department="35").startswith("OPCO Mobilités")
    assert describe_response_time(NOW + timedelta(days=3), delegation=idf) == ""  # no longer known


@pytest.mark.both
def test_pauses_are_not_counted_nor_what_the_delegation_did_not_decide(idf: Delegation) -> None:
    _decide(20, 5)
    # A day of pause moved the due time by as much.
    Request.objects.update(submitted_at=YESTERDAY - timedelta(hours=29))
    _decide(5, 0, origin=RequestOrigin.STAFF)
    place, chief = make_establishment(), make_user()
    make_access(user=chief, establishment=place, administrator=True)
    invitation = make_invitation(chief, place)
    _decide(5, 0, invitation=invitation, decided_by=chief.public_id)
    measure_response_times(NOW)
    (mine,) = ResponseTime.objects.filter(delegation=idf)
    assert (mine.decided, mine.median_hours, mine.share) == (20, 5, 100)
    _decide(20, 0.2, invitation=invitation, decided_by=make_user().public_id)
    measure_response_times(NOW)
    assert "moins d’1 h" in _said(delegation=idf)


@pytest.mark.req("D10", "R44")
def test_the_form_and_the_page_of_an_open_request_say_it(client: Client, user: User) -> None:
    _decide(20, 23)
    measure_response_times(NOW)
    request = send_request(user)
    page = f"/demandes/{request.reference}/"
    with time_machine.travel(NOW, tick=False):
        client.force_login(user)
        assert f"{IDF}\u00a0: réponse en 23\u00a0h en médiane" in client.get(page).text
        assert (
            "OPCO Mobilités\u00a0: réponse en 23\u00a0h" in client.get("/m-gestion/demande/").text
        )
    with time_machine.travel(request.due_at, tick=False):
        client.force_login(user)
        html = client.get(page).text
    assert "en médiane" not in html  # no boast beside an excuse
    late = html.split("est dépassé")[1].split("</div>")[0]
    assert IDF in late and "mailto:delegation-idf@example.org?subject=Demande%20MG-" in late


@pytest.mark.req("D10", "R44")
def test_the_form_says_it_of_the_delegation_as_soon_as_the_departement_is_known(
    client: Client, user: User
) -> None:
    _decide(20, 7, delegation="BRE")
    _decide(21, 23)
    measure_response_times(NOW)
    refused = send_request(user, department="35")
    Request.objects.filter(pk=refused.pk).update(
        status=RequestStatus.REFUSED, may_resubmit=True, decided_at=NOW, decided_by=uuid4()
    )
    form, brittany = "/m-gestion/demande/", "Bretagne\u00a0: réponse en 7\u00a0h"

    def note(html: str) -> str:
        return html.split("data-response-time=")[1].split(">", 1)[1].split("</p>")[0]

    with time_machine.travel(NOW, tick=False):
        client.force_login(user)
        empty = client.get(form).text
        assert note(empty) == "" and "OPCO Mobilités\u00a0: réponse en" in empty
        again = client.get(f"{form}?suite={refused.reference}").text
        assert brittany in note(again) and "OPCO Mobilités\u00a0: réponse en" not in again
        for posted in ({"department": "35"}, {"department": "35", "retour": "1"}):
            assert brittany in note(client.post(form, posted).text)
        assert note(client.post(form, {"department": "<x>"}).text) == ""
        asked = {
            code: client.get("/demandes/delai-de-reponse/", {"departement": code}).json()["words"]
            for code in ("35", "75", "69", "", "../..", "3" * 500)
        }
    assert brittany in asked["35"] and "Île-de-France" in asked["75"]
    overall = {asked[code] for code in ("69", "", "../..", "3" * 500)}  # too few, or none
    assert len(overall) == 1 and overall.pop().startswith("OPCO Mobilités")


@pytest.mark.parametrize(
    ("hours", "pause", "reopened", "words"),
    [
        (0.5, 0, False, "Étudiée en moins d’1 h."),
        (23.9, 0, False, "Étudiée en 23 h."),
        (
            4,
            30,
            False,
            "Étudiée en 4 h, sans compter le temps où un document était attendu de vous.",
        ),
        (10, 200, True, "Étudiée en 10 h après sa réouverture."),
        (
            50,
            0,
            False,
            "Étudiée en 50 h. C’est plus que les 48 h annoncées : veuillez nous en excuser.",
        ),
    ],
)
def test_a_decision_says_how_long_it_took(
    hours: float, pause: int, reopened: bool, words: str
) -> None:
    decided = NOW + timedelta(hours=hours + pause)
    row = Request(submitted_at=NOW, decided_at=decided, due_at=NOW + (48 + pause) * HOUR)
    assert describe_time_taken(row, reopened=reopened).replace("\u00a0", " ") == words
    row.origin = RequestOrigin.STAFF
    assert describe_time_taken(row, reopened=reopened) == ""


@pytest.mark.req("D10", "S59")
def test_the_letter_of_excuse_names_whom_to_ask_with_the_reference_as_subject(user: User) -> None:
    request = send_request(user)
    clock_flows.remind_and_escalate(request.due_at)
    clock_flows.remind_and_escalate(request.due_at + 100 * HOUR)
    mail = Mail.objects.get(kind=clock_flows.LATE_MAIL)  # one, however late it becomes
    letter = build_message(mail, request.due_at)
    assert letter is not None
    assert IDF in letter.text and "delegation-idf@example.org" in letter.text
    assert f"mailto:delegation-idf@example.org?subject=Demande%20{request.reference}" in letter.html


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.req("D10")
def test_a_decision_at_the_due_time_leaves_no_letter_of_excuse() -> None:
    """The clock reads the request as late, waits for the decision's lock, and looks again."""
    load_reference()
    agent = make_staff("reviewer", delegations=("IDF",))
    request = send_request(make_user())
    decided = Event()

    @transaction.atomic
    def decide() -> None:
        approve_request(
            request.pk,
            version=request.version,
            role="gestionnaire",
            actor_user=agent,
            now=request.due_at,
        )
        decided.set()
        wait_until(a_connection_waits)

    def watch() -> dict[str, int]:
        assert decided.wait(60)
        return clock_flows.remind_and_escalate(request.due_at)

    _, done = run_together(decide, watch)
    assert done["escalated"] == 0
    assert not Mail.objects.filter(kind=clock_flows.LATE_MAIL).exists()
    assert Request.objects.get().status == RequestStatus.APPROVED


@pytest.mark.django_db
def test_what_is_no_departement_asks_nothing_of_the_cache_nor_the_database() -> None:
    for typed in ("\0", "75\n", "x" * 600, "<b>"):
        assert recall_response_time(NOW, typed) == recall_response_time(NOW, "")
