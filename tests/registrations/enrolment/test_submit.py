"""A request is recorded, routed, timed and told, once."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Dashboard, EstablishmentKind, Role
from accounts.habilitations.reference.models import Branch, Department, Dga
from accounts.legal.models import TermsAcceptance
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Detail, Entry
from mgestion.outbox.models import Mail
from registrations.enrolment.form_answers import RequestAnswers
from registrations.enrolment.submit_flows import RequestAlreadyOpen, route_answers, submit_request
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.registrations import make_answers, make_request, make_siret

pytestmark = pytest.mark.usefixtures("reference")


def _submit(user: User, answers: RequestAnswers, **more: object) -> Request:
    return submit_request(
        **{"user": user, "answers": answers, "form_token": uuid.uuid4(), "now": NOW, **more}  # type: ignore[arg-type]
    )


@pytest.mark.both
@pytest.mark.req("R33", "R38", "R43", "R44", "R46", "R65", "S14", "D10", "D12", "D55")
def test_a_request_is_due_in_48_hours_told_to_both_sides_and_written_down_once() -> None:
    version, user = load_shipped_terms(NOW), make_newcomer()
    request = _submit(user, make_answers(first_name="Zoé", phone="+33199000001"))
    assert request.status == RequestStatus.SUBMITTED
    assert request.submitted_at == request.declared_at == NOW
    assert request.due_at == NOW + timedelta(hours=48)
    mail = Mail.objects.get(kind="registrations.acknowledgment")
    assert (mail.subject_id, mail.person) == (request.pk, user.public_id)
    assert request.delegation is not None
    assert request.delegation.code == "IDF"
    assert Mail.objects.get(kind="registrations.to_delegation").subject_id == request.pk
    event = RequestEvent.objects.get(request=request)
    assert (event.act, event.actor, event.by_staff) == (
        RequestAct.SUBMITTED,
        user.public_id,
        False,
    )
    entry = Entry.objects.get(act="request.submitted")
    assert (entry.object_id, entry.person) == (str(request.pk), user.public_id)
    assert not Detail.objects.filter(entry=entry).exists()
    acceptance = TermsAcceptance.objects.get(user=user)
    assert acceptance.version == version
    assert acceptance.where == TermsAcceptance.Where.REQUEST
    assert acceptance.accepted_at == NOW
    assert not Access.objects.exists() and not Establishment.objects.exists()
    # The account gets its name and phone by the first request only.
    other = _submit(user, make_answers(first_name="Zoë", phone="+33199009999"))
    user.refresh_from_db()
    assert (user.last_name, user.first_name, user.phone) == ("Fictif", "Zoé", "+33199000001")
    for each in (request.reference, other.reference):
        assert re.fullmatch(r"MG-\w{4}-\w{4}", each)
    assert request.reference[3:7] != other.reference[3:7]  # neither sequential nor guessable


@pytest.mark.req("R35", "R36", "R38", "R49", "D8", "D44")
def test_each_branch_and_departement_of_the_form_leads_to_its_addressees() -> None:
    answers = make_answers()
    branches = list(Branch.objects.filter(selectable=True).select_related("dga"))
    for branch in branches:
        route = route_answers(replace(answers, branch=branch))
        assert (route.dga, route.dashboard) == (branch.dga, branch.dashboard) != (None, "")
    departments = list(Department.objects.filter(selectable=True).select_related("delegation"))
    assert {"2A", "971", "976"} <= {department.code for department in departments}
    for department in departments:
        route = route_answers(replace(answers, department=department))
        assert route.delegation == department.delegation is not None
    request = make_request(branch="urbain", department="2A")
    sent = route_answers(make_answers(branch="urbain", department="2A"))
    assert (request.dga, request.dashboard) == (sent.dga, sent.dashboard)
    assert request.delegation == sent.delegation


@pytest.mark.req("R37", "D5", "D6")
@pytest.mark.parametrize("kind", [EstablishmentKind.CFA, EstablishmentKind.OF])
def test_a_cfa_or_of_goes_to_the_fallback_cell_with_the_profile_of_the_table(kind: str) -> None:
    request = make_request(kind=kind, department="31")
    assert request.dga == Dga.objects.get(fallback=True)
    assert request.dashboard == Dashboard.OF
    assert request.delegation is not None
    assert request.delegation.code == "OCC"
    assert request.branch is None
    assert request.profile is not None
    assert request.profile.code == "OF-GEST"
    assert request.asked_role == Role.GESTIONNAIRE


@pytest.mark.req("R49")
def test_a_request_without_delegation_is_kept_and_told_to_the_dga() -> None:
    Department.objects.filter(code="975").update(delegation=None)
    request = make_request(department="975")
    assert request.delegation is None
    assert Mail.objects.filter(kind="registrations.to_delegation").count() == 1


@pytest.mark.both
@pytest.mark.req("R48")
def test_the_same_form_posted_again_is_the_same_request() -> None:
    user, answers, token = make_newcomer(), make_answers(), uuid.uuid4()
    first = _submit(user, answers, form_token=token)
    again = _submit(user, answers, form_token=token)
    assert first.pk == again.pk
    assert Request.objects.count() == 1
    assert Mail.objects.count() == 2


@pytest.mark.both
@pytest.mark.req("R48", "D48", "D55", "S51")
def test_a_second_open_request_for_the_same_siret_names_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user, siret = make_newcomer(), make_siret()
    first = _submit(user, make_answers(siret=siret))
    with pytest.raises(RequestAlreadyOpen) as refusal:
        _submit(user, make_answers(siret=siret, kind=EstablishmentKind.CFA))
    assert refusal.value.reference == first.reference
    # What slips past the look is stopped by the database, and said the same way.
    with monkeypatch.context() as unseen:
        unseen.setattr("registrations.enrolment.submit_flows._ensure_may_submit", lambda *_: None)
        with pytest.raises(RequestAlreadyOpen) as refusal:
            _submit(user, make_answers(siret=siret))
    assert refusal.value.reference == first.reference
    assert (Request.objects.count(), Mail.objects.count()) == (1, 2)
    _submit(user, make_answers())  # another SIRET
    _submit(make_newcomer(), make_answers(siret=siret))  # another person
    assert Request.objects.count() == 3


def test_a_reference_that_exists_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_request()
    drawn = iter([first.reference, "MG-2222-3333"])
    name = "registrations.enrolment.submit_flows.generate_reference"
    monkeypatch.setattr(name, lambda: next(drawn))
    assert _submit(make_newcomer(), make_answers()).reference == "MG-2222-3333"


@pytest.mark.req("D11", "D54")
def test_after_a_refusal_the_same_siret_may_be_asked_again_with_a_new_clock() -> None:
    refused = make_request(status=RequestStatus.REFUSED, agent=make_staff("national"))
    with pytest.raises(Refused):  # the request of somebody else
        _submit(make_newcomer(), make_answers(), resubmission_of=refused)
    later = NOW + timedelta(days=3)
    again = _submit(
        refused.user, make_answers(siret=refused.siret), resubmission_of=refused, now=later
    )
    refused.refresh_from_db()
    assert refused.status == RequestStatus.REFUSED
    assert again.resubmission_of == refused
    assert again.due_at == later + timedelta(hours=48)


@pytest.mark.req("D11")
def test_a_reason_that_forbids_it_stops_any_new_request_for_that_siret() -> None:
    agent = make_staff("national")
    refused = make_request(status=RequestStatus.REFUSED, agent=agent, reason="cabinet-comptable")
    with pytest.raises(Refused, match="ne permet pas"):
        _submit(refused.user, make_answers(siret=refused.siret))
    assert Request.objects.count() == 1


def test_an_access_that_is_held_already_is_not_asked_again_but_another_role_is() -> None:
    approved = make_request(status=RequestStatus.APPROVED, agent=make_staff("national"))
    with pytest.raises(Refused, match="déjà cet accès"):
        _submit(approved.user, make_answers(siret=approved.siret))
    assert _submit(approved.user, make_answers(siret=approved.siret, profile="ENT-ADMIN")).is_open


@pytest.mark.parametrize("status", [status for status in Status if status != Status.ACTIVE])
def test_an_account_that_is_not_active_asks_nothing(status: str) -> None:
    with pytest.raises(Refused):
        _submit(make_newcomer(status), make_answers())
    assert not Request.objects.exists()


@pytest.mark.both
@pytest.mark.req("S23")
def test_a_flood_of_requests_stops_at_the_daily_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrations.enrolment.submit_flows.MAX_REQUESTS_A_DAY", 2)
    user = make_newcomer()
    for _ in range(2):
        _submit(user, make_answers())
    with pytest.raises(Refused, match="beaucoup de demandes"):
        _submit(user, make_answers())
    _submit(user, make_answers(), now=NOW + timedelta(days=1, seconds=1))
    assert Request.objects.count() == 3


@pytest.mark.req("R41", "D14")
def test_an_accounting_firm_is_not_even_an_answer() -> None:
    with pytest.raises(ValueError, match="accounting or HR firm"):
        make_answers(kind=EstablishmentKind.CABINET_COMPTABLE)
