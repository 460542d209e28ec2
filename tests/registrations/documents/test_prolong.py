"""The day of an awaited document moves by one act and one mail (R109, D45)."""

from datetime import date, timedelta
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


def test_the_day_moves_with_one_mail_and_the_clock_stays(row: Request, agent: User) -> None:
    paused, due = row.paused_at, row.due_at
    late = NOW + timedelta(days=20)
    found = documents_flows.prolong_asking(
        row.pk, version=row.version, last_day=date(2026, 4, 20), actor_user=agent, now=late
    )
    assert found.last_day == date(2026, 4, 20)
    assert found.reminded_at is None and late < found.remind_at < found.deadline_at
    row.refresh_from_db()
    assert (row.status, row.paused_at, row.due_at) == ("awaiting_document", paused, due)
    kinds = list(Mail.objects.filter(kind__startswith="registrations.document").order_by("kind"))
    assert [mail.kind for mail in kinds] == [
        documents_flows.ASKED_MAIL,
        documents_flows.PROLONGED_MAIL,
    ]
    letter = build_message(kinds[1], late)
    assert letter is not None and "20 avril 2026" in letter.text
    assert "20 avril 2026" in row.events.get(act="document_prolonged").text


def test_the_reminder_comes_again_for_the_new_day(row: Request, agent: User) -> None:
    assert documents_flows.remind_applicant(row.pk, now=NOW + timedelta(days=9))
    later = NOW + timedelta(days=12)
    day = date(2026, 4, 25)
    documents_flows.prolong_asking(
        row.pk, version=row.version, last_day=day, actor_user=agent, now=later
    )
    assert not documents_flows.remind_applicant(row.pk, now=later)
    assert documents_flows.remind_applicant(row.pk, now=later + timedelta(days=25))
    assert Mail.objects.filter(kind=documents_flows.REMINDED_MAIL).count() == 2


@pytest.mark.parametrize("day", [FIRST, FIRST - timedelta(days=3), date(2026, 7, 1)])
def test_only_a_later_day_within_bounds(row: Request, agent: User, day: date) -> None:
    with pytest.raises(Refused) as no:
        documents_flows.prolong_asking(
            row.pk, version=row.version, last_day=day, actor_user=agent, now=NOW
        )
    assert no.value.code == "deadline"
    assert Asking.objects.get().last_day == FIRST


def test_not_without_a_document_nor_on_a_stale_page_nor_by_another(
    row: Request, agent: User
) -> None:
    day = date(2026, 4, 20)
    with pytest.raises(WrongState):
        documents_flows.prolong_asking(row.pk, version=1, last_day=day, actor_user=agent, now=NOW)
    breton = make_staff(delegations=("BRE",))
    with pytest.raises(Refused):
        documents_flows.prolong_asking(
            row.pk, version=row.version, last_day=day, actor_user=breton, now=NOW
        )
    documents_flows.withdraw_asking(row.pk, actor_user=agent, now=NOW)
    row.refresh_from_db()
    with pytest.raises(WrongState):
        documents_flows.prolong_asking(
            row.pk, version=row.version, last_day=day, actor_user=agent, now=NOW
        )


def test_the_late_page_offers_it(row: Request, agent: User, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(days=20), tick=False)
    client = client_of(agent)
    page = reverse("admin:registrations_request_change", args=[row.pk])
    shown = unescape(client.get(page).content.decode())
    assert "Donner plus de temps" in shown and "donnez-lui plus de temps" in shown
    # A request that waits has no due time to show.
    assert "Échéance" not in shown.partition("decision-head")[2].partition("desk-trail")[0]
    act = reverse("admin:registrations_request_prolong", args=[row.pk])
    posted = {"version": str(row.version), "seen": "0", "last_day": "2026-03-20"}
    assert "Choisissez une date entre" in unescape(client.post(act, posted).content.decode())
    answer = client.post(act, {**posted, "last_day": "2026-04-20"}, follow=True)
    assert "20 avril 2026" in answer.content.decode()
    assert Asking.objects.get().last_day == date(2026, 4, 20)
