"""Every act in every state and by every role: the table of `acts_table`, cell by cell."""

from collections.abc import Callable

import pytest

from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_rules import TRANSITIONS
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import make_staff
from tests.registrations import acts_table
from tests.registrations.acting import in_state, verb
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
# A state where each act is possible.
_POSSIBLE = {
    "document_received": "awaiting",
    "document_withdrawn": "awaiting",
    "reopened": "approved",
    "access_suspended": "approved",
    "access_restored": "suspended",
}
# Acts of other rooms' jobs, proven with them; `submitted` has no request before it.
_BY_PORTAL = {
    RequestAct.SUBMITTED,
    RequestAct.DOCUMENT_REMINDED,
    RequestAct.UNDELIVERED,
}
# Written when an invited person confirms, proven in `test_invited`.
_BY_INVITATION = {RequestAct.INVITED}
# Possible in every state, about a mail that never arrived: proven in `test_undelivered`.
# Marking as read changes nothing where nothing waits: proven with the conversation.
_ELSEWHERE = {
    RequestAct.DOCUMENT_PROLONGED,
    RequestAct.MAIL_RESENT,
    RequestAct.TOLD_OTHERWISE,
    RequestAct.MESSAGE_READ,
    RequestAct.MESSAGE_SEEN,
    RequestAct.OPINION_ASKED,
    RequestAct.OPINION_GIVEN,
    RequestAct.OPINION_WITHDRAWN,
}


@pytest.fixture
def colleague() -> User:
    return make_staff("reviewer", delegations=("IDF",))


def _lines() -> tuple[int, int]:
    return RequestEvent.objects.count(), Entry.objects.filter(act__startswith="request.").count()


def _who(act: str, request: Request, agent: User) -> User:
    return request.user if act in acts_table.BY_PERSON else agent


def _refused(run: Callable[[], object], wanted: str) -> None:
    with pytest.raises(Refused) as refused:
        run()
    assert refused.value.code == wanted
    assert len(refused.value.message) > 20  # a sentence, not a code


@pytest.mark.req("R46", "S22", "S23", "D54")
@pytest.mark.parametrize("state", acts_table.STATE_NAMES)
def test_each_act_in_each_state(
    state: str, agent: User, colleague: User, subtests: pytest.Subtests
) -> None:
    request = in_state(state, agent)
    row = Request.objects.filter(pk=request.pk).values().get()
    lines, mails = _lines(), set(Mail.objects.values_list("key", flat=True))
    cells = acts_table.by_state(state)
    for act, outcome in cells:
        if outcome != "ok":
            with subtests.test(act=act):
                who = _who(act, request, agent)
                _refused(verb(act, request, who, colleague=colleague), outcome)
    # None of those that were refused has left anything.
    assert Request.objects.filter(pk=request.pk).values().get() == row
    assert _lines() == lines
    assert set(Mail.objects.values_list("key", flat=True)) == mails
    for act in (act for act, outcome in cells if outcome == "ok"):
        with subtests.test(act=act), rolled_back():
            who = colleague if act == "taken" else _who(act, request, agent)
            verb(act, request, who, colleague=colleague)()
            assert _lines() == (lines[0] + 1, lines[1] + 1)
            event = RequestEvent.objects.filter(request=request).order_by("-pk")[0]
            assert (event.act, event.actor) == (act, who.public_id)
            left = Mail.objects.exclude(key__in=mails).filter(kind__startswith="registrations.")
            assert sorted(left.values_list("kind", flat=True)) == sorted(acts_table.MAILS[act])


@pytest.mark.req("S22", "R46")
def test_each_act_by_each_role(agent: User, colleague: User, subtests: pytest.Subtests) -> None:
    own = make_staff("reviewer", delegations=("IDF",))
    others = {
        "stranger": make_newcomer(),
        "outsider": make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",)),
        "auditor": make_staff("auditor"),
        "national": make_staff("national"),
        "own": own,
    }
    states = {act: _POSSIBLE.get(act, "submitted") for act in acts_table.ACTS}
    wanted = dict.fromkeys(states.values())
    of_others = {state: in_state(state, agent) for state in wanted}
    of_own = {state: in_state(state, agent, own) for state in wanted}
    lines = _lines()
    for role, act, outcome in acts_table.by_role():
        request = (of_own if role == "own" else of_others)[states[act]]
        who = {**others, "applicant": request.user, "reviewer": agent}[role]
        run = verb(act, request, who, colleague=colleague)
        with subtests.test(act=act, role=role):
            if outcome != "ok":
                _refused(run, outcome)
                continue
            with rolled_back():
                run()
                assert _lines()[0] == lines[0] + 1
    assert _lines() == lines


@pytest.mark.req("D54")
def test_a_page_that_was_opened_before_a_change_does_nothing(
    agent: User, colleague: User, subtests: pytest.Subtests
) -> None:
    requests = {state: in_state(state, agent) for state in ("submitted", "approved")}
    for request in requests.values():
        request.version -= 1  # as it was read
    lines = _lines()
    for act in acts_table.BY_WHO_HAS_READ:
        with subtests.test(act=act):
            request = requests[_POSSIBLE.get(act, "submitted")]
            _refused(verb(act, request, agent, colleague=colleague), "stale")
    assert _lines() == lines


def test_the_table_names_every_act() -> None:
    named = {RequestAct(name) for name in acts_table.ACTS}
    assert {act for act, _ in acts_table.by_state("submitted")} == set(acts_table.ACTS)
    assert set(acts_table.ROLES) == set(acts_table.ACTS)
    assert {act for act in TRANSITIONS if act not in named} <= {
        *_BY_PORTAL,
        *_ELSEWHERE,
        *_BY_INVITATION,
        *(act for act in RequestAct if act in ("reminded", "escalated")),
    }
