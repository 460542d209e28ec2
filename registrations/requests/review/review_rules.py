"""Transitions of a request, due states, roles and references. Pure: no clock and no database; the
delays are settings.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.conf import settings

from mgestion.text.search_words import strip_accents
from registrations.requests.enums import OPEN_STATUSES, DueState, RequestAct, RequestStatus

_OPEN: Final = frozenset(OPEN_STATUSES)


@dataclass(frozen=True, slots=True)
class Transition:
    """The statuses that allow an act; `to` is the status after it, None when it stays."""

    sources: frozenset[str]
    to: RequestStatus | None = None


_DECIDED: Final = frozenset({RequestStatus.APPROVED, RequestStatus.REFUSED})
_APPROVED: Final = frozenset({RequestStatus.APPROVED})
# A document may also be asked after the approval.
_ASKED: Final = frozenset({RequestStatus.AWAITING_DOCUMENT, RequestStatus.APPROVED})

# The only table of transitions; an act that is not in it is never allowed. An open request that
# awaits a document has its own status; an approved one keeps its status, and has an open asking.
TRANSITIONS: Final[dict[RequestAct, Transition]] = {
    RequestAct.INVITED: Transition(_OPEN),
    RequestAct.AMENDED: Transition(_OPEN),
    RequestAct.CANCELLED: Transition(_OPEN, RequestStatus.CANCELLED),
    RequestAct.APPROVED: Transition(_OPEN, RequestStatus.APPROVED),
    RequestAct.REFUSED: Transition(_OPEN, RequestStatus.REFUSED),
    RequestAct.TAKEN: Transition(_OPEN),
    RequestAct.RELEASED: Transition(_OPEN),
    RequestAct.ASSIGNED: Transition(_OPEN),
    RequestAct.REROUTED: Transition(_OPEN),
    RequestAct.REMINDED: Transition(_OPEN),
    RequestAct.ESCALATED: Transition(_OPEN),
    RequestAct.OPINION_ASKED: Transition(_OPEN),
    RequestAct.OPINION_GIVEN: Transition(_OPEN),
    RequestAct.OPINION_WITHDRAWN: Transition(_OPEN),
    RequestAct.NOTED: Transition(frozenset(RequestStatus)),
    RequestAct.UNDELIVERED: Transition(frozenset(RequestStatus)),
    RequestAct.MAIL_RESENT: Transition(frozenset(RequestStatus)),
    RequestAct.TOLD_OTHERWISE: Transition(frozenset(RequestStatus)),
    RequestAct.DOCUMENT_ASKED: Transition(
        frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED})
    ),
    RequestAct.DOCUMENT_REMINDED: Transition(_ASKED),
    RequestAct.DOCUMENT_RECEIVED: Transition(_ASKED),
    RequestAct.DOCUMENT_PROLONGED: Transition(_ASKED),
    RequestAct.DOCUMENT_WITHDRAWN: Transition(_ASKED),
    RequestAct.MESSAGE_RECEIVED: Transition(_OPEN),
    RequestAct.MESSAGE_SENT: Transition(_OPEN),
    RequestAct.MESSAGE_READ: Transition(_OPEN),
    RequestAct.MESSAGE_SEEN: Transition(_OPEN),
    RequestAct.REOPENED: Transition(_DECIDED, RequestStatus.SUBMITTED),
    RequestAct.ACCESS_SUSPENDED: Transition(_APPROVED),
    RequestAct.ACCESS_RESTORED: Transition(_APPROVED),
}

# The acts that the applicant reads in their history; the others are shown to staff only. Messages
# stand on their page with their own date and text.
APPLICANT_ACTS: Final = frozenset(
    {
        RequestAct.SUBMITTED,
        RequestAct.FILED,
        RequestAct.INVITED,
        RequestAct.AMENDED,
        RequestAct.CANCELLED,
        RequestAct.TAKEN,
        RequestAct.REROUTED,
        RequestAct.DOCUMENT_ASKED,
        RequestAct.DOCUMENT_REMINDED,
        RequestAct.DOCUMENT_RECEIVED,
        RequestAct.DOCUMENT_PROLONGED,
        RequestAct.DOCUMENT_WITHDRAWN,
        RequestAct.REOPENED,
        RequestAct.ACCESS_SUSPENDED,
        RequestAct.ACCESS_RESTORED,
        RequestAct.APPROVED,
        RequestAct.REFUSED,
    }
)

_CLOSING: Final = frozenset({RequestAct.APPROVED, RequestAct.REFUSED, RequestAct.CANCELLED})
_FROM_PERSON: Final = frozenset({RequestAct.MESSAGE_RECEIVED, RequestAct.DOCUMENT_RECEIVED})
_SEEN_BY_DESK: Final = _CLOSING | {
    RequestAct.MESSAGE_SENT,
    RequestAct.MESSAGE_READ,
    RequestAct.DOCUMENT_ASKED,
}
_SEEN_BY_PERSON: Final = _CLOSING | _FROM_PERSON | {RequestAct.MESSAGE_SEEN}

# Minimum length, in characters, of an explanation that a person can act on.
MIN_EXPLANATION: Final = 20

# A person acts for a few establishments: more requests than this are a mistake or a flood.
MAX_REQUESTS_A_DAY: Final = 20

# Without 0/O and 1/I/L, because references are read out over the phone.
_REFERENCE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def is_act_allowed(act: RequestAct, status: str) -> bool:
    move = TRANSITIONS.get(act)
    return move is not None and status in move.sources


@dataclass(frozen=True, slots=True)
class Unread:
    """Since when something waits for an agent, and for the applicant; None: nothing does."""

    desk: datetime | None = None
    person: datetime | None = None


def compute_unread(
    before: Unread,
    act: RequestAct,
    *,
    is_open: bool,
    now: datetime,
    unshown: datetime | None = None,
) -> Unread:
    """What waits after `act`. The applicant's message or answer waits until an agent writes, asks,
    decides or marks it as read; an agent's message until the applicant writes, answers or marks it
    as read, from a page that showed it: `unshown` is the first one that came since. Nothing waits
    on a closed request.
    """
    desk, person = before.desk, before.person
    if act in _FROM_PERSON:
        desk = desk or now
    elif act in _SEEN_BY_DESK:
        desk = None
    if act == RequestAct.MESSAGE_SENT:
        person = person or now
    elif act in _SEEN_BY_PERSON:
        person = unshown
    return Unread(desk, person) if is_open else Unread()


def generate_reference() -> str:
    """MG-XXXX-XXXX, 31^8 values: neither sequential nor guessable."""
    code = "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(8))
    return f"MG-{code[:4]}-{code[4:]}"


def is_reference(value: str) -> bool:
    return re.fullmatch(f"MG(-[{_REFERENCE_ALPHABET}]{{4}}){{2}}", value) is not None


def build_name_key(last_name: str, first_name: str) -> str:
    """The search key of a name: « Lefèvre », « Zoé » → "lefevre zoe"."""
    kept = strip_accents(f"{last_name} {first_name}".casefold())
    return " ".join(kept.replace("-", " ").replace("'", " ").replace("’", " ").split())[:220]


class TimedRequest(Protocol):
    """The attributes of a request that its due state is computed from."""

    @property
    def status(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def paused_at(self) -> datetime | None: ...


def get_amber_margin() -> timedelta:
    """The time left before the due time when a request turns amber (48 h − 24 h)."""
    left: timedelta = settings.REVIEW_DUE - settings.REVIEW_AMBER
    return left


def compute_due_state(request: TimedRequest, now: datetime) -> DueState | None:
    """The due state of an open request at `now` (aware); None once it is closed (D10).

    A correction keeps `due_at` and a pause moves it, so amber is counted backwards from it.
    """
    if request.status not in _OPEN:
        return None
    if request.paused_at is not None:
        return DueState.PAUSED
    if now >= request.due_at:
        return DueState.OVERDUE
    return DueState.AMBER if now >= request.due_at - get_amber_margin() else DueState.ON_TIME


def is_explanation_missing(text: str, proposed: str) -> bool:
    """Whether the refusal reason proposes no text and the reviewer's own text is too short."""
    return not proposed and len(text.strip()) < MIN_EXPLANATION


def format_explanation_needed(label: str) -> str:
    return (
        f"Le motif «\u00a0{label}\u00a0» n’a pas de texte\u00a0: expliquez le refus et dites "
        f"comment y remédier, en {MIN_EXPLANATION}\u00a0caractères au moins."
    )
