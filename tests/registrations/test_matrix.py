"""Every act in every state and by every role: the table of `acts_table`, cell by cell."""

from collections.abc import Callable

import pytest

from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review_rules import TRANSITIONS
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import make_staff
from tests.registrations import acts_table
from tests.registrations.acting import in_state, verb

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
_BY_PERSON = ("amended", "cancelled", "document_received")
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
_ELSEWHERE = {RequestAct.DOCUMENT_PROLONGED, RequestAct.MAIL_RESENT, RequestAct.TOLD_OTHERWISE}


@pytest.fixture
def colleague() -> User:
    return make_staff("reviewer", delegations=("IDF",))


def _lines() -> tuple[int, int]:
    return RequestEvent.objects.count(), Entry.objects.filter(act__startswith="request.").count()


def _who(act: str, request: Request, agent: User) -> User:
    return request.user if act in _BY_PERSON else agent


@pytest.mark.req("R46", "S22", "S23", "D54")
@pytest.mark.parametrize(("act", "state", "outcome"), acts_table.by_state())
def test_each_act_in_each_state(
    act: str, state: str, outcome: str, agent: User, colleague: User
) -> None:
    request = in_state(state, agent)
    who = _who(act, request, agent)
    if act == "taken":
        who = colleague
    run = verb(act, request, who, colleague=colleague)
    row = Request.objects.filter(pk=request.pk).values().get()
    lines, mails = _lines(), set(Mail.objects.values_list("key", flat=True))
    if outcome != "ok":
        with pytest.raises(Refused) as refused:
            run()
        assert refused.value.code == outcome
        assert len(refused.value.message) > 20  # a sentence, not a code
        assert Request.objects.filter(pk=request.pk).values().get() == row
        assert _lines() == lines
        assert set(Mail.objects.values_list("key", flat=True)) == mails
        return
    run()
    assert _lines() == (lines[0] + 1, lines[1] + 1)
    event = RequestEvent.objects.filter(request=request).order_by("-pk")[0]
    assert (event.act, event.actor) == (act, who.public_id)
    left = Mail.objects.exclude(key__in=mails).filter(kind__startswith="registrations.")
    assert sorted(left.values_list("kind", flat=True)) == sorted(acts_table.MAILS[act])


@pytest.mark.req("S22", "R46")
@pytest.mark.parametrize(("act", "role", "outcome"), acts_table.by_role())
def test_each_act_by_each_role(
    act: str, role: str, outcome: str, agent: User, colleague: User
) -> None:
    own = make_staff("reviewer", delegations=("IDF",)) if role == "own" else None
    request = in_state(_POSSIBLE.get(act, "submitted"), agent, own)
    people: dict[str, Callable[[], User | None]] = {
        "applicant": lambda: request.user,
        "stranger": make_newcomer,
        "reviewer": lambda: colleague if act == "taken" else agent,
        "outsider": lambda: make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",)),
        "auditor": lambda: make_staff("auditor"),
        "national": lambda: make_staff("national"),
        "own": lambda: own,
    }
    who = people[role]()
    assert isinstance(who, User)
    run = verb(act, request, who, colleague=colleague)
    lines = _lines()
    if outcome == "ok":
        run()
        assert _lines()[0] == lines[0] + 1
        return
    with pytest.raises(Refused) as refused:
        run()
    assert refused.value.code == outcome
    assert _lines() == lines


def test_the_table_names_every_act() -> None:
    named = {RequestAct(name) for name in acts_table.ACTS}
    assert {act for act, _, _ in acts_table.by_state()} == set(acts_table.ACTS)
    assert set(acts_table.ROLES) == set(acts_table.ACTS)
    assert {act for act in TRANSITIONS if act not in named} <= {
        *_BY_PORTAL,
        *_ELSEWHERE,
        *_BY_INVITATION,
        *(act for act in RequestAct if act in ("reminded", "escalated")),
    }
