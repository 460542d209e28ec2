"""What a request may do, and when it is late. Pure: no clock, no database; delays are settings."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.conf import settings

from accounts.habilitations.enums import EstablishmentKind, Role
from mgestion.text.search_words import strip_accents
from registrations.requests.enums import OPEN_STATUSES, Act, DueState, RequestStatus

_OPEN: Final = frozenset(OPEN_STATUSES)


@dataclass(frozen=True, slots=True)
class Move:
    """An act is allowed from these statuses; `to` is the status after it, None: unchanged."""

    sources: frozenset[str]
    to: RequestStatus | None = None


_DECIDED: Final = frozenset({RequestStatus.APPROVED, RequestStatus.REFUSED})
_APPROVED: Final = frozenset({RequestStatus.APPROVED})
# A document may also be asked of somebody whose request was accepted (R109).
_ASKED: Final = frozenset({RequestStatus.AWAITING_DOCUMENT, RequestStatus.APPROVED})

# The one table of transitions. An act that is not in it moves nothing. While a document is awaited
# for an open request its status says so; for an accepted one only the asking does.
TRANSITIONS: Final[dict[Act, Move]] = {
    Act.AMENDED: Move(_OPEN),
    Act.CANCELLED: Move(_OPEN, RequestStatus.CANCELLED),
    Act.APPROVED: Move(_OPEN, RequestStatus.APPROVED),
    Act.REFUSED: Move(_OPEN, RequestStatus.REFUSED),
    Act.TAKEN: Move(_OPEN),
    Act.RELEASED: Move(_OPEN),
    Act.ASSIGNED: Move(_OPEN),
    Act.REROUTED: Move(_OPEN),
    Act.REMINDED: Move(_OPEN),
    Act.ESCALATED: Move(_OPEN),
    Act.NOTED: Move(frozenset(RequestStatus)),
    Act.UNDELIVERED: Move(frozenset(RequestStatus)),
    Act.MAIL_RESENT: Move(frozenset(RequestStatus)),
    Act.TOLD_OTHERWISE: Move(frozenset(RequestStatus)),
    Act.DOCUMENT_ASKED: Move(frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED})),
    Act.DOCUMENT_REMINDED: Move(_ASKED),
    Act.DOCUMENT_RECEIVED: Move(_ASKED),
    Act.DOCUMENT_PROLONGED: Move(_ASKED),
    Act.DOCUMENT_WITHDRAWN: Move(_ASKED),
    Act.REOPENED: Move(_DECIDED, RequestStatus.SUBMITTED),
    Act.ACCESS_SUSPENDED: Move(_APPROVED),
    Act.ACCESS_RESTORED: Move(_APPROVED),
}

# What the applicant reads in his history. The rest is the desk's own business.
APPLICANT_ACTS: Final = frozenset(
    {
        Act.SUBMITTED,
        Act.AMENDED,
        Act.CANCELLED,
        Act.TAKEN,
        Act.REROUTED,
        Act.DOCUMENT_ASKED,
        Act.DOCUMENT_REMINDED,
        Act.DOCUMENT_RECEIVED,
        Act.DOCUMENT_PROLONGED,
        Act.DOCUMENT_WITHDRAWN,
        Act.REOPENED,
        Act.ACCESS_SUSPENDED,
        Act.ACCESS_RESTORED,
        Act.APPROVED,
        Act.REFUSED,
    }
)

# The reviewer's own explanation, in characters: less says nothing that a person could act on (D11).
MIN_EXPLANATION: Final = 20

# A person acts for a few establishments at most: beyond this it is a mistake or a flood (S23).
MAX_REQUESTS_A_DAY: Final = 20

# Neither 0/O nor 1/I/L: a reference is read over the phone.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def allowed(act: Act, status: str) -> bool:
    move = TRANSITIONS.get(act)
    return move is not None and status in move.sources


def new_reference() -> str:
    """MG-XXXX-XXXX, 31^8 values: neither sequential nor guessable (S14)."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"MG-{code[:4]}-{code[4:]}"


def name_key(last_name: str, first_name: str) -> str:
    """« Lefèvre », « Zoé » → "lefevre zoe": what a search by name compares."""
    kept = strip_accents(f"{last_name} {first_name}".casefold())
    return " ".join(kept.replace("-", " ").replace("'", " ").replace("’", " ").split())[:220]


class Timed(Protocol):
    """What the due time is read from."""

    @property
    def status(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def paused_at(self) -> datetime | None: ...


def amber_left() -> timedelta:
    """What is left before the due time when a request turns amber (48 h − 24 h)."""
    left: timedelta = settings.REVIEW_DUE - settings.REVIEW_AMBER
    return left


def due_state(request: Timed, now: datetime) -> DueState | None:
    """How an open request stands at `now` (aware); None once it is closed (D10).

    A correction keeps `due_at` and a pause moves it, so amber is counted back from it.
    """
    if request.status not in _OPEN:
        return None
    if request.paused_at is not None:
        return DueState.PAUSED
    if now >= request.due_at:
        return DueState.OVERDUE
    return DueState.AMBER if now >= request.due_at - amber_left() else DueState.ON_TIME


def default_role(kind: str, profile_role: str | None) -> Role:
    """The role that the profile gives; without one, the least: Gestionnaire (R37, D5)."""
    if profile_role:
        return Role(profile_role)
    return Role.GESTIONNAIRE


def lacks_explanation(text: str, proposed: str) -> bool:
    """Whether the reason of a refusal proposes no text and the reviewer's own is too short."""
    return not proposed and len(text.strip()) < MIN_EXPLANATION


def explanation_needed(label: str) -> str:
    return (
        f"Le motif «\u00a0{label}\u00a0» n’a pas de texte\u00a0: expliquez le refus et dites "
        f"comment y remédier, en {MIN_EXPLANATION}\u00a0caractères au moins."
    )


GRANTABLE: Final = {
    EstablishmentKind.ENTREPRISE: (Role.GESTIONNAIRE, Role.ADMINISTRATEUR, Role.ADHERENT),
    EstablishmentKind.CFA: (Role.GESTIONNAIRE, Role.ADMINISTRATEUR, Role.PARTENAIRE),
    EstablishmentKind.OF: (Role.GESTIONNAIRE, Role.ADMINISTRATEUR, Role.PARTENAIRE),
}


def grantable_roles(kind: str) -> tuple[Role, ...]:
    """The roles that a reviewer may grant on M-Gestion for this type of establishment."""
    return GRANTABLE.get(EstablishmentKind(kind), ())
