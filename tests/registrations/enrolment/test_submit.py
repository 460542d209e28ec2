"""A request is recorded, routed, timed and told, once."""

import uuid
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
from registrations.enrolment.submit_flows import RequestAlreadyOpen, submit_request
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_rules import MAX_REQUESTS_A_DAY
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.registrations import make_answers, make_request, make_siret

pytestmark = pytest.mark.usefixtures("reference")


def _submit(user: User, answers: RequestAnswers, **more: object) -> Request:
    return submit_request(
        **{"user": user, "answers": answers, "form_token": uuid.uuid4(), "now": NOW, **more}  # type: ignore[arg-type]
    )


@pytest.mark.req("R33", "R44", "D10")
def test_a_request_is_due_48_hours_after_it_was_sent() -> None:
    request = make_request()
    assert request.status == RequestStatus.SUBMITTED
    assert request.submitted_at == NOW
    assert request.due_at == NOW + timedelta(hours=48)
    assert request.declared_at == NOW


@pytest.mark.req("R43")
def test_the_acknowledgment_is_queued_with_the_request() -> None:
    request = make_request()
    mail = Mail.objects.get(kind="registrations.acknowledgment")
    assert (mail.subject_id, mail.person) == (request.pk, request.user.public_id)


@pytest.mark.req("R38")
def test_the_delegation_is_told() -> None:
    request = make_request()
    assert request.delegation is not None
    assert request.delegation.code == "IDF"
    assert Mail.objects.get(kind="registrations.to_delegation").subject_id == request.pk


@pytest.mark.req("R35", "R36", "R49", "D8")
def test_each_branch_of_the_form_leads_to_its_dga_and_dashboard() -> None:
    for branch in Branch.objects.filter(selectable=True).select_related("dga"):
        request = make_request(branch=branch.code)
        assert request.dga == branch.dga is not None
        assert request.dashboard == branch.dashboard


@pytest.mark.req("R38", "R49", "D44")
def test_each_departement_of_the_form_leads_to_one_delegation() -> None:
    departments = list(Department.objects.filter(selectable=True).select_related("delegation"))
    assert {"2A", "971", "976"} <= {department.code for department in departments}
    user = make_newcomer()
    for number, department in enumerate(departments):
        answers = make_answers(department=department.code)
        at = NOW + timedelta(days=number)  # below the daily limit
        request = _submit(user, answers, now=at)
        assert request.delegation == department.delegation is not None


@pytest.mark.req("D6")
@pytest.mark.parametrize("kind", [EstablishmentKind.CFA, EstablishmentKind.OF])
def test_a_cfa_or_of_goes_to_the_fallback_cell_and_the_of_dashboard(kind: str) -> None:
    request = make_request(kind=kind, department="31")
    assert request.dga == Dga.objects.get(fallback=True)
    assert request.dashboard == Dashboard.OF
    assert request.delegation is not None
    assert request.delegation.code == "OCC"
    assert request.branch is None


@pytest.mark.req("R37", "D5")
@pytest.mark.parametrize("kind", [EstablishmentKind.CFA, EstablishmentKind.OF])
def test_a_cfa_or_of_gets_the_profile_of_the_table(kind: str) -> None:
    request = make_request(kind=kind)
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
def test_one_line_of_history_and_one_of_the_journal() -> None:
    request = make_request()
    event = RequestEvent.objects.get(request=request)
    assert (event.act, event.actor, event.by_staff) == (
        RequestAct.SUBMITTED,
        request.user.public_id,
        False,
    )
    entry = Entry.objects.get(act="request.submitted")
    assert (entry.object_id, entry.person) == (str(request.pk), request.user.public_id)
    assert not Detail.objects.filter(entry=entry).exists()


@pytest.mark.req("D55")
def test_the_first_request_gives_the_account_its_name_and_phone() -> None:
    user = make_newcomer()
    _submit(user, make_answers(last_name="Fictif", first_name="Zoé", phone="+33199000001"))
    user.refresh_from_db()
    assert (user.last_name, user.first_name, user.phone) == ("Fictif", "Zoé", "+33199000001")


@pytest.mark.req("D55")
def test_a_later_request_changes_nothing_of_the_account() -> None:
    user = make_newcomer()
    _submit(user, make_answers(first_name="Zoé"))
    _submit(user, make_answers(first_name="Zoë", phone="+33199009999"))
    user.refresh_from_db()
    assert user.first_name == "Zoé"
    assert user.phone == "+33199001234"


@pytest.mark.req("R65", "D12")
def test_switch_one_is_kept_as_an_acceptance_of_the_version_in_force() -> None:
    version = load_shipped_terms(NOW)
    request = make_request()
    acceptance = TermsAcceptance.objects.get(user=request.user)
    assert acceptance.version == version
    assert acceptance.where == TermsAcceptance.Where.REQUEST
    assert acceptance.accepted_at == NOW


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
@pytest.mark.req("R48", "D55")
def test_a_second_open_request_for_the_same_siret_names_the_first() -> None:
    user, siret = make_newcomer(), make_siret()
    first = _submit(user, make_answers(siret=siret))
    with pytest.raises(RequestAlreadyOpen) as refusal:
        _submit(user, make_answers(siret=siret, kind=EstablishmentKind.CFA))
    assert refusal.value.reference == first.reference
    assert Request.objects.count() == 1


@pytest.mark.both
@pytest.mark.req("R48", "D55")
def test_what_slips_past_the_look_is_stopped_by_the_database_and_said_the_same_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user, siret = make_newcomer(), make_siret()
    first = _submit(user, make_answers(siret=siret))
    monkeypatch.setattr("registrations.enrolment.submit_flows._ensure_may_submit", lambda *_: None)
    with pytest.raises(RequestAlreadyOpen) as refusal:
        _submit(user, make_answers(siret=siret))
    assert refusal.value.reference == first.reference
    assert Mail.objects.count() == 2


def test_a_reference_that_exists_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_request()
    drawn = iter([first.reference, "MG-2222-3333"])
    name = "registrations.enrolment.submit_flows.generate_reference"
    monkeypatch.setattr(name, lambda: next(drawn))
    assert make_request().reference == "MG-2222-3333"


@pytest.mark.req("D48", "S51")
def test_another_siret_or_another_person_is_another_request() -> None:
    user, siret = make_newcomer(), make_siret()
    _submit(user, make_answers(siret=siret))
    _submit(user, make_answers())
    _submit(make_newcomer(), make_answers(siret=siret))
    assert Request.objects.count() == 3


@pytest.mark.req("D11", "D54")
def test_after_a_refusal_the_same_siret_may_be_asked_again_with_a_new_clock() -> None:
    agent = make_staff("national")
    refused = make_request(status=RequestStatus.REFUSED, agent=agent)
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


def test_nobody_resubmits_the_request_of_somebody_else() -> None:
    agent = make_staff("national")
    refused = make_request(status=RequestStatus.REFUSED, agent=agent)
    with pytest.raises(Refused):
        _submit(make_newcomer(), make_answers(), resubmission_of=refused)


def test_an_access_that_is_held_already_is_not_asked_again() -> None:
    agent = make_staff("national")
    approved = make_request(status=RequestStatus.APPROVED, agent=agent)
    with pytest.raises(Refused, match="déjà cet accès"):
        _submit(approved.user, make_answers(siret=approved.siret))


def test_another_role_for_the_same_establishment_may_be_asked() -> None:
    agent = make_staff("national")
    approved = make_request(status=RequestStatus.APPROVED, agent=agent)
    assert _submit(approved.user, make_answers(siret=approved.siret, profile="ENT-ADMIN")).is_open


@pytest.mark.parametrize("status", [status for status in Status if status != Status.ACTIVE])
def test_an_account_that_is_not_active_asks_nothing(status: str) -> None:
    with pytest.raises(Refused):
        _submit(make_newcomer(status), make_answers())
    assert not Request.objects.exists()


@pytest.mark.both
@pytest.mark.req("S23")
def test_a_flood_of_requests_stops_at_the_daily_limit() -> None:
    user = make_newcomer()
    for _ in range(MAX_REQUESTS_A_DAY):
        _submit(user, make_answers())
    with pytest.raises(Refused, match="beaucoup de demandes"):
        _submit(user, make_answers())
    _submit(user, make_answers(), now=NOW + timedelta(days=1, seconds=1))
    assert Request.objects.count() == MAX_REQUESTS_A_DAY + 1


@pytest.mark.req("S14")
def test_references_are_neither_sequential_nor_guessable() -> None:
    user = make_newcomer()
    references = {_submit(user, make_answers()).reference for _ in range(5)}
    assert len(references) == 5
    assert all(len(reference) == 12 and reference[:3] == "MG-" for reference in references)
    assert len({reference[3:7] for reference in references}) > 1


@pytest.mark.req("R46")
def test_nothing_is_granted_before_somebody_decides() -> None:
    make_request()
    assert not Access.objects.exists()
    assert not Establishment.objects.exists()


@pytest.mark.req("R41", "D14")
def test_an_accounting_firm_is_not_even_an_answer() -> None:
    with pytest.raises(ValueError, match="accounting or HR firm"):
        make_answers(kind=EstablishmentKind.CABINET_COMPTABLE)
