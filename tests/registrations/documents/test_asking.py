"""A document is asked for: the clock stops, the person answers, a reminder leaves half-way."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from mgestion.text.dates import end_of_paris_day, paris_date
from registrations.desk.acts import decide, reopen
from registrations.documents import flows as documents_flows
from registrations.documents import jobs as document_jobs
from registrations.enrolment.amend_flows import amend_request, cancel_request
from registrations.requests.document_models import Asking
from registrations.requests.enums import DueState, RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, Request, RequestEvent
from registrations.requests.review.review_rules import compute_due_state
from tests.factories.accounts import NOW
from tests.factories.registrations import make_answers, make_request

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST = paris_date(NOW) + timedelta(days=15)


def _ask(request: Request, agent: User, at: datetime = NOW + HOUR, **more: object) -> Asking:
    said = {"version": request.version, "message": "Votre Kbis, s’il vous plaît.", **more}
    return documents_flows.ask_for_documents(request.pk, actor_user=agent, now=at, **said)  # type: ignore[arg-type]  # keywords by name


def _fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


@pytest.mark.req("D10", "R109")
def test_the_clock_stops_and_the_due_time_moves_by_the_pause_to_the_second(agent: User) -> None:
    request = make_request()
    due = request.due_at
    _ask(request, agent)
    waiting = _fresh(request)
    assert (waiting.status, waiting.due_at) == (RequestStatus.AWAITING_DOCUMENT, due)
    assert compute_due_state(waiting, NOW + 10 * DAY) == DueState.PAUSED
    back = NOW + 3 * DAY + timedelta(seconds=7)
    documents_flows.record_answer(request.pk, user=request.user, text="Le voici.", now=back)
    after = _fresh(request)
    assert after.status == RequestStatus.SUBMITTED
    assert after.paused_at is None
    assert after.due_at == due + (back - NOW - HOUR)


@pytest.mark.req("D45")
def test_the_deadline_is_the_end_of_a_paris_day_15_days_later_by_default(agent: User) -> None:
    made = _ask(make_request(), agent)
    assert made.deadline_at == end_of_paris_day(LAST)
    assert made.remind_at - made.asked_at == made.deadline_at - made.remind_at
    # Before midnight in Paris or after it, the day is the one on the wall.
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert documents_flows.get_default_last_day(late) == date(2026, 4, 13)


@pytest.mark.req("D45", "R109")
def test_one_thing_is_awaited_at_a_time_from_tomorrow_to_sixty_days_off(agent: User) -> None:
    request = make_request()
    for days in (-1, 0, 61):
        with pytest.raises(Refused, match="Choisissez une date"):
            _ask(request, agent, last_day=paris_date(NOW) + timedelta(days=days))
    assert _fresh(request).paused_at is None
    _ask(request, agent)
    with pytest.raises(WrongState) as refused:
        _ask(_fresh(request), agent)
    assert refused.value.code == "asked"


def test_placeholders_are_filled_and_one_without_a_value_stops_the_act(agent: User) -> None:
    request = make_request(first_name="Zoé")
    made = _ask(request, agent, message="Bonjour {prenom}, dossier {reference}.")
    assert made.message == f"Bonjour Zoé, dossier {request.reference}."
    other = make_request()
    with pytest.raises(Refused, match="{civilite}"):
        _ask(other, agent, message="Bonjour {civilite}.")
    with pytest.raises(Refused, match="accolade"):
        _ask(other, agent, message="Bonjour {prenom.")
    assert not Asking.objects.filter(request=other).exists()


@pytest.mark.req("R109", "S59")
def test_the_letter_says_what_until_when_and_how(agent: User) -> None:
    request = make_request()
    made = _ask(request, agent, documents="Kbis\n\nDélégation de pouvoir\n")
    mail = Mail.objects.get(kind="registrations.document_asked")
    letter = build_message(mail, NOW)
    assert letter is not None
    assert letter.to == request.user.email
    for words in ("Votre Kbis", "– Kbis", "– Délégation de pouvoir", "inclus (heure de Paris)"):
        assert words in letter.text
    assert f"/demandes/{request.reference}/" in letter.text
    assert "PDF, JPEG, PNG" in letter.html
    assert made.document_list == ["Kbis", "Délégation de pouvoir"]


@pytest.mark.req("S60")
def test_the_delegation_learns_of_the_answer_without_a_personal_value(agent: User) -> None:
    request = make_request(last_name="Lefèvre", company_name="Garage Secret")
    _ask(request, agent)
    documents_flows.record_answer(
        request.pk, user=request.user, text="Ma réponse privée.", now=NOW + 2 * HOUR
    )
    asking = Mail.objects.get(kind="registrations.document_asked")
    assert build_message(asking, NOW) is None  # the answer is there
    letter = build_message(Mail.objects.get(kind="registrations.document_received"), NOW)
    assert letter is not None
    assert letter.to == "delegation-idf@example.org"
    for private in ("Lefèvre", "Garage Secret", "privée", request.user.email, request.siret):
        assert private not in letter.text + letter.html


@pytest.mark.req("D45")
def test_one_reminder_leaves_half_way_by_the_portal(agent: User) -> None:
    request = make_request()
    made = _ask(request, agent)
    assert document_jobs.send_document_reminders(made.remind_at - timedelta(seconds=1)) == {
        "reminded": 0
    }
    assert document_jobs.send_document_reminders(made.remind_at) == {"reminded": 1}
    assert document_jobs.send_document_reminders(made.remind_at + DAY) == {"reminded": 0}
    event = RequestEvent.objects.get(act=RequestAct.DOCUMENT_REMINDED)
    assert (event.actor, event.by_staff) == (None, False)
    mail = Mail.objects.get(kind="registrations.document_reminder")
    assert build_message(mail, NOW) is not None


@pytest.mark.req("D45", "R46")
def test_no_reminder_nor_anything_else_at_the_deadline_and_a_late_answer_is_taken(
    agent: User,
) -> None:
    answered, late = make_request(), make_request()
    for request in (answered, late):
        made = _ask(request, agent)
    documents_flows.record_answer(
        answered.pk, user=answered.user, text="Voici.", now=NOW + 2 * HOUR
    )
    for now in (made.deadline_at, made.deadline_at + DAY):
        assert document_jobs.send_document_reminders(now) == {"reminded": 0}
    assert not Mail.objects.filter(kind="registrations.document_reminder").exists()
    document_jobs.purge_expired_files(made.deadline_at + DAY)
    assert _fresh(late).status == RequestStatus.AWAITING_DOCUMENT
    documents_flows.record_answer(
        late.pk, user=late.user, text="En retard.", now=made.deadline_at + DAY
    )
    assert _fresh(late).status == RequestStatus.SUBMITTED


@pytest.mark.req("R109")
def test_a_document_is_asked_of_an_accepted_person_and_the_access_stays(agent: User) -> None:
    request = make_request(status=RequestStatus.APPROVED, agent=agent)
    due = request.due_at
    _ask(request, agent)
    waiting = _fresh(request)
    assert (waiting.status, waiting.paused_at) == (RequestStatus.APPROVED, None)
    documents_flows.record_answer(request.pk, user=request.user, text="Voici.", now=NOW + 3 * DAY)
    assert (_fresh(request).status, _fresh(request).due_at) == (RequestStatus.APPROVED, due)


@pytest.mark.parametrize("end", ["approve", "refuse", "cancel"])
def test_an_end_closes_what_was_awaited_and_leaves_no_pause(agent: User, end: str) -> None:
    request = make_request()
    _ask(request, agent)
    at = NOW + 5 * HOUR
    if end == "approve":
        _approve(request, agent, at)
    elif end == "refuse":
        decide.refuse_request(
            request.pk,
            version=_fresh(request).version,
            reason=RefusalReason.objects.get(code="doublon"),
            text="Déjà fait.",
            actor_user=agent,
            now=at,
        )
    else:
        cancel_request(request.pk, request.user, at)
    ended = _fresh(request)
    assert ended.paused_at is None
    assert ended.due_at == request.due_at + 4 * HOUR
    assert Asking.objects.get(request=request).closed_at == at


def test_a_correction_meanwhile_keeps_the_document_awaited(agent: User) -> None:
    request = make_request()
    _ask(request, agent)
    answers = make_answers(siret=request.siret, company_name="Autre nom fictif")
    amend_request(request.pk, request.user, answers, NOW + 2 * HOUR)
    assert _fresh(request).status == RequestStatus.AWAITING_DOCUMENT
    assert Asking.objects.get(request=request).closed_at is None


# --- re-opening ---


def _reopen(request: Request, agent: User, at: datetime = NOW + DAY) -> None:
    reopen.reopen_request(
        request.pk,
        version=_fresh(request).version,
        reason="Le SIRET était bon.",
        actor_user=agent,
        now=at,
    )


def _approve(request: Request, agent: User, at: datetime, role: str = "gestionnaire") -> None:
    decide.approve_request(
        request.pk,
        version=_fresh(request).version,
        role=role,
        evidence="Kbis",
        actor_user=agent,
        now=at,
    )


@pytest.mark.req("D10", "D54")
def test_a_refused_request_opens_again_with_a_new_clock(agent: User) -> None:
    request = make_request(status=RequestStatus.REFUSED, agent=agent)
    at = NOW + 9 * DAY
    _reopen(request, agent, at)
    again = _fresh(request)
    assert (again.status, again.due_at) == (RequestStatus.SUBMITTED, at + 48 * HOUR)
    assert (again.decided_at, again.decided_by, again.refusal_reason) == (None, None, None)
    assert again.decision_text == ""
    letter = build_message(Mail.objects.get(kind="registrations.reopened"), at)
    assert letter is not None
    assert "Le SIRET était bon." in letter.text


@pytest.mark.req("R110")
def test_a_re_opened_request_loses_its_access_and_is_decided_and_told_again(agent: User) -> None:
    request = make_request(status=RequestStatus.APPROVED, agent=agent)
    first = Access.objects.get(user=request.user)
    for number in (1, 2):
        _reopen(request, agent, NOW + number * DAY)
        assert not Access.objects.open().filter(user=request.user).exists()
        _approve(request, agent, NOW + number * DAY + HOUR)
    first.refresh_from_db()
    assert (first.ended_at, first.ended_by) == (NOW + DAY, agent.public_id)
    assert Mail.objects.filter(kind="registrations.approved").count() == 3
    assert Mail.objects.filter(kind="registrations.reopened").count() == 2


def test_a_re_opening_gives_the_former_role_back(agent: User) -> None:
    first = make_request(status=RequestStatus.APPROVED, agent=agent)
    second = make_request(first.user, siret=first.siret, profile="ENT-ADMIN", now=NOW + HOUR)
    _approve(second, agent, NOW + 2 * HOUR, "administrateur")
    # The first decision's access has been changed since: re-opening it takes nothing away.
    access = Access.objects.open().get(user=first.user)
    assert access.role == "administrateur"
    _reopen(second, agent)
    access.refresh_from_db()
    assert (access.role, access.ended_at) == ("gestionnaire", None)


def test_nothing_is_re_opened_beside_the_request_that_followed_it(agent: User) -> None:
    refused = make_request(status=RequestStatus.REFUSED, agent=agent)
    follow = make_request(refused.user, siret=refused.siret, now=NOW + HOUR)
    with pytest.raises(Refused, match=follow.reference):
        _reopen(refused, agent)
    assert _fresh(refused).status == RequestStatus.REFUSED
