"""Pairs of acts on one request, at the same moment on two connections of PostgreSQL: every act with
itself, with what decides and what reopens, and pairs that change the same thing. LONG=1: all pairs.

Whoever comes first, both acts leave what one after the other would have left: each that succeeded
has its one line and its letters, the other is told why, and nobody gets an error.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import combinations_with_replacement

import pytest
from django.db import connections

from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.outbox.models import Mail
from registrations.requests.document_models import Asking
from registrations.requests.models import Request, RequestEvent
from tests.effort import LONG
from tests.factories.habilitations import load_reference, make_staff
from tests.factories.registrations import load_reasons
from tests.registrations import acts_table
from tests.registrations.acting import in_state, verb
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
# Nothing to do is no error and leaves no line: taken by its holder, released by nobody…
_QUIET = {"taken", "released", "assigned", "amended"}
_STATES = ("submitted", "awaiting", "approved", "approved-asked", "suspended", "refused")
_OK = {
    (act, state)
    for state in acts_table.STATE_NAMES
    for act, outcome in acts_table.by_state(state)
    if outcome == "ok"
}
_DECISIONS = {"approved", "reopened"}
_CLASHES = {
    ("amended", "cancelled"),
    ("amended", "rerouted"),
    ("cancelled", "refused"),
    ("cancelled", "document_received"),
    ("document_received", "document_withdrawn"),
    ("document_received", "access_restored"),
    ("document_asked", "access_suspended"),
    ("message_received", "message_sent"),
    ("taken", "released"),
    ("taken", "assigned"),
    ("released", "rerouted"),
}


def _state_for(first: str, second: str) -> str:
    """Where both are possible; else where one is, which the other then finds or not."""
    both = [s for s in _STATES if (first, s) in _OK and (second, s) in _OK]
    return (both or [s for s in _STATES if (first, s) in _OK])[0]


def _is_tried(first: str, second: str) -> bool:
    return (
        LONG
        or first == second
        or (first, second) in _CLASHES
        or any((act, _state_for(first, second)) in _OK for act in {first, second} & _DECISIONS)
    )


@pytest.mark.req("S23", "R46")
def test_acts_at_once_leave_what_one_after_the_other_leaves() -> None:
    load_reference()
    load_reasons()
    ada, bob, eve = (make_staff("reviewer", delegations=("IDF",)) for _ in range(3))
    with ThreadPoolExecutor(2) as pool:
        for first, second in combinations_with_replacement(acts_table.ACTS, 2):
            if _is_tried(first, second):
                _one_pair(first, second, ada, bob, eve, pool)
        run_together(connections.close_all, connections.close_all, pool=pool)


def _one_pair(first: str, second: str, ada: User, bob: User, eve: User, pool: Executor) -> None:
    state = _state_for(first, second)
    request = in_state(state, ada)
    before = set(RequestEvent.objects.filter(request=request).values_list("pk", flat=True))
    known = set(Mail.objects.values_list("key", flat=True))

    def act(name: str, who: User) -> Callable[[], object]:
        person = (
            request.user if name in acts_table.BY_PERSON else ada if name == "released" else who
        )
        return verb(name, request, person, colleague=eve)

    mine = act(first, ada if first != "taken" else bob)
    outcomes = run_together(mine, act(second, bob), pool=pool)

    label = f"{first} + {second} on {state}"
    won = [
        name
        for name, outcome in zip((first, second), outcomes, strict=True)
        if not isinstance(outcome, Refused)
    ]
    assert won, label
    lines = list(
        RequestEvent.objects.filter(request=request)
        .exclude(pk__in=before)
        .values_list("act", flat=True)
    )
    silent = [name for name in won if name in _QUIET]
    assert len(won) - len(silent) <= len(lines) <= len(won), label
    assert set(lines) <= set(won), label
    expected = sorted(kind for name in lines for kind in acts_table.MAILS[name])
    mails = Mail.objects.exclude(key__in=known).filter(subject_id=request.pk)
    # A correction tells the délégation anew where it moved the request back.
    kinds = sorted(mails.values_list("kind", flat=True))
    if {first, second} == {"amended", "rerouted"}:
        kinds = sorted({*kinds})
    if first == second == "message_received":  # one mail tells of both
        expected = sorted({*expected})
    assert kinds == expected, label
    final = Request.objects.get(pk=request.pk)
    if "reopened" not in won:
        assert len({"approved", "refused", "cancelled"} & set(won)) <= 1, label
    assert Asking.objects.open().filter(request=request).count() <= 1, label
    awaited = Asking.objects.open().filter(request=request).exists()
    assert (final.paused_at is not None) == (final.is_open and awaited), label
    assert (final.status == "awaiting_document") == (final.paused_at is not None), label
    access = Access.objects.open().filter(user=request.user).count()
    suspended = Access.objects.suspended().filter(user=request.user).count()
    assert access == (1 if final.status == "approved" else 0) - suspended, label
