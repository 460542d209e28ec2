"""The person corrects or withdraws while nobody has decided (D54)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.desk.acts.assign import take_request
from registrations.desk.acts.decide import approve_request, refuse_request
from registrations.enrolment.amend_flows import amend_request, cancel_request
from registrations.enrolment.submit_flows import RequestAlreadyOpen
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, RequestEvent
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.registrations import make_answers, make_request

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.both]
LATER = NOW + timedelta(hours=5)


@pytest.mark.req("D54")
def test_a_correction_keeps_the_due_time_and_adds_a_line_of_history() -> None:
    answers = make_answers()
    request = make_request(siret=answers.siret)
    same = amend_request(request.pk, request.user, answers, LATER)
    assert same.version == request.version
    assert not RequestEvent.objects.filter(act=RequestAct.AMENDED).exists()
    mended = replace(answers, company_name="Garage corrigé")
    amended = amend_request(request.pk, request.user, mended, LATER)
    assert amended.company_name == "Garage corrigé"
    assert (amended.reference, amended.due_at) == (request.reference, request.due_at)
    event = RequestEvent.objects.get(request=request, act=RequestAct.AMENDED)
    assert "raison sociale" in event.text
    assert "Garage" not in event.text
    assert Mail.objects.filter(kind="registrations.to_delegation").count() == 1
    with pytest.raises(WrongState, match="a changé depuis"):  # a page from before
        approve_request(
            request.pk,
            version=request.version,
            role="gestionnaire",
            actor_user=make_staff("national"),
            now=LATER,
        )


@pytest.mark.req("D54", "R38")
def test_a_correction_routes_again_and_tells_the_new_delegation() -> None:
    request = make_request(department="75")
    agent = make_staff("national")
    take_request(request.pk, actor_user=agent, now=NOW)
    answers = make_answers(siret=request.siret, department="69", branch="urbain")
    amended = amend_request(request.pk, request.user, answers, LATER)
    assert amended.delegation is not None
    assert amended.delegation.code == "ARA"
    assert amended.dga is not None
    assert amended.dga.code == "DGA-URBAIN"
    assert amended.dashboard == "urbain"
    assert amended.assignee is None
    assert Mail.objects.filter(kind="registrations.to_delegation").count() == 2
    assert Entry.objects.get(act="request.amended").reason == "rerouted"


@pytest.mark.req("D55")
def test_a_correction_cannot_take_the_siret_of_another_open_request() -> None:
    user = make_newcomer()
    first, second = make_request(user), make_request(user)
    with pytest.raises(RequestAlreadyOpen) as refusal:
        amend_request(second.pk, user, make_answers(siret=first.siret), LATER)
    assert refusal.value.reference == first.reference
    second.refresh_from_db()
    assert second.siret != first.siret
    assert second.version == 1


@pytest.mark.req("D11", "D54")
def test_a_correction_does_not_bring_back_what_was_refused_for_good() -> None:
    settled = make_request(siret="73282932000074")
    final = RefusalReason.objects.create(
        code="definitif", label="Définitif", text="Sans suite.", may_resubmit=False
    )
    refuse_request(
        settled.pk,
        version=settled.version,
        reason=final,
        text="Ce motif est définitif.",
        actor_user=make_staff("national"),
        now=NOW,
    )
    other = make_request(user=settled.user, siret="85124049900018")
    with pytest.raises(Refused) as refused:
        amend_request(other.pk, settled.user, make_answers(siret=settled.siret), LATER)
    assert refused.value.code == "resubmission_forbidden"
    other.refresh_from_db()
    assert other.siret == "85124049900018"


def test_a_cancelled_request_leaves_the_queue_and_mails_nothing() -> None:
    request = make_request()
    before = Mail.objects.count()
    cancel_request(request.pk, request.user, LATER)
    request.refresh_from_db()
    assert request.status == RequestStatus.CANCELLED
    assert Mail.objects.count() == before
    assert RequestEvent.objects.filter(request=request, act=RequestAct.CANCELLED).count() == 1


def test_the_applicant_is_not_told_who_decided() -> None:
    agent = make_staff("national")
    request = make_request(status=RequestStatus.REFUSED, agent=agent)
    with pytest.raises(WrongState) as refusal:
        cancel_request(request.pk, request.user, LATER)
    assert agent.last_name not in refusal.value.message


def test_a_suspended_person_changes_nothing() -> None:
    request = make_request()
    User.objects.filter(pk=request.user_id).update(status=Status.SUSPENDED)
    with pytest.raises(Refused):
        cancel_request(request.pk, request.user, LATER)
