"""Two acts at the same moment on two connections of PostgreSQL: one outcome, no error page."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from mgestion.errors import Refused, WrongState
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import approve_request, refuse_request
from registrations.enrolment.amend_flows import amend_request, cancel_request
from registrations.enrolment.form_answers import RequestAnswers
from registrations.enrolment.submit_flows import RequestAlreadyOpen, submit_request
from registrations.requests.enums import RequestStatus
from registrations.requests.models import RefusalReason, Request, RequestEvent
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import load_reference, make_staff
from tests.factories.registrations import (
    load_reasons,
    make_answers,
    make_request,
    make_siret,
    posted,
)
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _tables(transactional_db: None) -> None:
    load_reference()
    load_reasons()


@pytest.mark.req("R48", "D55", "S23")
def test_one_form_posted_four_times_at_once_is_one_request() -> None:
    user, answers, token = make_newcomer(), make_answers(), uuid.uuid4()

    def send() -> Request:
        return submit_request(user=user, answers=answers, form_token=token, now=NOW)

    made = run_together(*[send] * 4)
    assert {item.pk for item in made if isinstance(item, Request)} == {Request.objects.get().pk}
    assert not any(isinstance(item, Refused) for item in made)
    assert Mail.objects.count() == 2
    assert RequestEvent.objects.count() == 1


@pytest.mark.req("R48", "D55")
def test_four_tabs_for_one_siret_make_one_request() -> None:
    user, siret = make_newcomer(), make_siret()
    answers = make_answers(siret=siret)

    def send() -> Request:
        return submit_request(user=user, answers=answers, form_token=uuid.uuid4(), now=NOW)

    made = run_together(*[send] * 4)
    request = Request.objects.get()
    others = [item for item in made if not isinstance(item, Request)]
    assert len(others) == 3
    assert all(
        isinstance(item, RequestAlreadyOpen) and item.reference == request.reference
        for item in others
    )


@pytest.mark.req("D48", "D66")
def test_tabs_on_two_platforms_for_one_siret_make_one_request_each() -> None:
    user, siret = make_newcomer(), make_siret()
    places = [
        make_answers(siret=siret),
        make_answers(siret=siret, platform="m-campus-entreprise", profile="ENT-ADH"),
    ]

    def send(answers: RequestAnswers) -> Callable[[], Request]:
        return lambda: submit_request(user=user, answers=answers, form_token=uuid.uuid4(), now=NOW)

    made = run_together(*[send(answers) for answers in places * 2])
    open_codes = sorted(Request.objects.open().values_list("platform__code", flat=True))
    assert open_codes == ["m-campus-entreprise", "m-gestion-entreprise"]
    assert sum(isinstance(item, Request) for item in made) == 2
    assert sum(isinstance(item, RequestAlreadyOpen) for item in made) == 2


@pytest.mark.req("R48")
def test_four_posts_of_a_browser_all_lead_to_the_one_request() -> None:
    user, siret = make_newcomer(), make_siret()
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(user)

    def send(client: Client) -> Callable[[], str]:
        fields = posted(siret=siret)
        return lambda: client.post("/m-gestion/demande/", fields).headers["Location"]

    places = run_together(*[send(client) for client in clients])
    reference = Request.objects.get().reference
    assert all(isinstance(place, str) and reference in place for place in places)


@pytest.mark.req("S23", "R46")
def test_two_agents_deciding_at_once_have_one_outcome() -> None:
    request = make_request()
    one, two = make_staff("national"), make_staff("national")
    reason = RefusalReason.objects.get(code="autre")
    words = "Le dossier ne prouve pas les droits."

    def yes() -> Request:
        return approve_request(
            request.pk, version=1, role=Role.GESTIONNAIRE, actor_user=one, now=NOW
        )

    def no() -> Request:
        return refuse_request(
            request.pk, version=1, reason=reason, text=words, actor_user=two, now=NOW
        )

    outcomes = run_together(yes, no, yes, no)
    assert sum(isinstance(item, Request) for item in outcomes) == 1
    assert sum(isinstance(item, WrongState) for item in outcomes) == 3
    now = Request.objects.get()
    accepted = now.status == RequestStatus.APPROVED
    assert Access.objects.count() == accepted
    assert Mail.objects.filter(kind="registrations.approved").count() == accepted
    assert Mail.objects.filter(kind="registrations.refused").count() == (not accepted)


@pytest.mark.req("D54")
def test_a_correction_a_withdrawal_and_a_decision_at_once_follow_each_other() -> None:
    request = make_request()
    agent = make_staff("national")
    answers = make_answers(siret=request.siret, first_name="Zoé")
    outcomes = run_together(
        lambda: approve_request(
            request.pk, version=1, role=Role.GESTIONNAIRE, actor_user=agent, now=NOW
        ),
        lambda: amend_request(request.pk, request.user, answers, NOW),
        lambda: cancel_request(request.pk, request.user, NOW),
        lambda: submit_request(
            user=request.user, answers=answers, form_token=uuid.uuid4(), now=NOW
        ),
    )
    assert all(isinstance(item, (Request, Refused)) for item in outcomes)
    rows = Request.objects.filter(siret=request.siret)
    assert sum(row.is_open for row in rows) <= 1
    first = Request.objects.get(pk=request.pk)
    assert Access.objects.count() == (first.status == RequestStatus.APPROVED)
