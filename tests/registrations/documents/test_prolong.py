"""The day of an awaited document moves by one act and one mail (R109, D45)."""

from datetime import date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse

from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.documents import flows as documents_flows
from registrations.requests.document_models import Asking
from registrations.requests.models import Request
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_request

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "clock"),
    pytest.mark.req("R109", "D45"),
]
FIRST = date(2026, 4, 1)


@pytest.fixture
def row(agent: User) -> Request:
    made = make_request()
    documents_flows.ask_for_documents(
        made.pk, version=1, message="Le mandat, svp.", last_day=FIRST, actor_user=agent, now=NOW
    )
    made.refresh_from_db()
    return made


def prolong(row: Request, by: User, day: date, at: datetime = NOW, version: int = 0) -> Asking:
    return documents_flows.prolong_asking(
        row.pk, version=version or row.version, last_day=day, actor_user=by, now=at
    )


def test_the_day_moves_with_one_mail_and_the_clock_stays(row: Request, agent: User) -> None:
    paused, due = row.paused_at, row.due_at
    assert documents_flows.remind_applicant(row.pk, now=NOW + timedelta(days=9))
    late = NOW + timedelta(days=20)
    found = prolong(row, agent, date(2026, 4, 20), late)
    assert found.last_day == date(2026, 4, 20)
    assert found.reminded_at is None and late < found.remind_at < found.deadline_at
    row.refresh_from_db()
    assert (row.status, row.paused_at, row.due_at) == ("awaiting_document", paused, due)
    letter = build_message(Mail.objects.get(kind=documents_flows.PROLONGED_MAIL), late)
    assert letter is not None and "20 avril 2026" in letter.text
    assert Mail.objects.filter(kind=documents_flows.ASKED_MAIL).count() == 1
    assert "20 avril 2026" in row.events.get(act="document_prolonged").text
    # The reminder comes again for the new day.
    assert not documents_flows.remind_applicant(row.pk, now=late)
    assert documents_flows.remind_applicant(row.pk, now=late + timedelta(days=13))
    assert Mail.objects.filter(kind=documents_flows.REMINDED_MAIL).count() == 2


def test_only_a_later_day_within_bounds(row: Request, agent: User) -> None:
    for day in (FIRST, FIRST - timedelta(days=3), date(2026, 7, 1)):
        with pytest.raises(Refused) as no:
            prolong(row, agent, day)
        assert no.value.code == "deadline"
    assert Asking.objects.get().last_day == FIRST


def test_not_without_a_document_nor_on_a_stale_page_nor_by_another(
    row: Request, agent: User
) -> None:
    day = date(2026, 4, 20)
    with pytest.raises(WrongState):
        prolong(row, agent, day, version=1)
    with pytest.raises(Refused):
        prolong(row, make_staff(delegations=("BRE",)), day)
    documents_flows.withdraw_asking(row.pk, actor_user=agent, now=NOW)
    row.refresh_from_db()
    with pytest.raises(WrongState):
        prolong(row, agent, day)


def test_the_late_page_offers_it(row: Request, agent: User, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(days=20), tick=False)
    client = client_of(agent)
    page = reverse("admin:registrations_request_change", args=[row.pk])
    shown = unescape(client.get(page).text)
    assert "Donner plus de temps" in shown and "donnez-lui plus de temps" in shown
    # A request that waits has no due time to show.
    assert "Échéance" not in shown.partition("decision-head")[2].partition("desk-trail")[0]
    act = reverse("admin:registrations_request_prolong", args=[row.pk])
    posted = {"version": str(row.version), "seen": "0", "last_day": "2026-03-20"}
    assert "Choisissez une date entre" in unescape(client.post(act, posted).text)
    answer = client.post(act, {**posted, "last_day": "2026-04-20"}, follow=True)
    assert "20 avril 2026" in answer.text
    assert Asking.objects.get().last_day == date(2026, 4, 20)
