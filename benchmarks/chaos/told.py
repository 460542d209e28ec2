"""What clients were told, what is held, and where the two differ. No database and no clock here."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Told:
    """Acknowledged by an answer that said so. `tried`: addresses whose owner sent a form whose
    answer was lost: what became of it is open, but it is there once at most.
    """

    signed_up: set[str] = field(default_factory=set)
    activated: set[str] = field(default_factory=set)
    requests: dict[str, str] = field(default_factory=dict)  # reference → address
    accepted: set[str] = field(default_factory=set)  # references
    tried: set[str] = field(default_factory=set)
    # Of the conversations: text → reference, SHA-256 of a document → reference.
    messages: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)  # texts that were sent, whatever was answered
    # Of single sign-on: tickets that were handed over; those of sessions that ended since.
    entered: set[str] = field(default_factory=set)
    ended: dict[str, tuple[str, float]] = field(default_factory=dict)  # → platform, moment
    refused: set[str] = field(default_factory=set)  # texts whose document found no room
    forgotten: set[str] = field(default_factory=set)  # of those, not kept in the page that said so
    statuses: Counter[int] = field(default_factory=Counter)  # of answers that are errors
    lost_answers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, value: str, address: str = "") -> None:
        with self._lock:
            kept = getattr(self, what)
            if isinstance(kept, dict):
                kept[value] = address
            else:
                kept.add(value)

    def note_end(self, ticket: str, platform: str) -> None:
        with self._lock:
            self.ended[ticket] = platform, time.monotonic()

    def note_lost_answer(self, status: int = 0) -> None:
        with self._lock:
            self.lost_answers += 1
            if status:
                self.statuses[status] += 1


@dataclass(frozen=True)
class Held:
    """What the database and the mail server hold at the end. Lists may hold doubles."""

    accounts: list[tuple[str, str]]  # address, status
    requests: list[tuple[str, str, str]]  # reference, address, status
    accesses: list[str]  # addresses
    acts: list[tuple[str, str]]  # of the journal: act, address
    mails: list[tuple[str, str, str, str]]  # Message-ID, kind, address, status
    received: dict[str, int]  # Message-ID → copies at the mail server
    cases: list[tuple[str, str]]  # idle accounts: address, line of the ledger
    messages: list[tuple[int, str, bool, str]]  # key, reference, whether of an agent, text
    uploads: list[tuple[str, str, bool]]  # reference, SHA-256, whether the disk holds just that
    message_mails: list[tuple[str, str]]  # kind, key of the message
    logouts: Mapping[str, Sequence[tuple[str, float]]]  # platform → ticket, moment it was told


# Mails that have nothing left to say once an agent was faster.
TO_DESK, TO_PERSON = "registrations.message_to_desk", "registrations.message_to_person"
MAY_BE_DROPPED = frozenset({"registrations.to_delegation", TO_DESK, TO_PERSON})


def compare(told: Told, held: Held, *, idle: Iterable[str], copies_allowed: int) -> list[str]:
    """Each difference as a sentence; none when every acknowledged act is there once, and nothing
    is there that nobody asked for. `copies_allowed`: second copies of mails, one for each sender
    that died between the server's acceptance and its record.
    """
    return [
        *([f"{told.statuses[500]} answers were 500"] if told.statuses[500] else []),
        *(f"« {text} »: lost with its document" for text in sorted(told.forgotten)),
        *_compare_accounts(told, held),
        *_compare_requests(told, held),
        *_compare_mails(told, held, copies_allowed),
        *_compare_messages(told, held),
        *_compare_documents(told, held),
        *_compare_logouts(told, held),
        *_compare_steps(held, set(idle)),
    ]


def find_slowest_logout(told: Told, held: Held, platform: str, since: float, until: float) -> float:
    """Seconds from a logout between `since` and `until` to the moment `platform` was told of it;
    0 without any.
    """
    first = _find_first_calls(held, platform)
    waits = [
        first[ticket] - at
        for ticket, (code, at) in told.ended.items()
        if code == platform and since <= at <= until and ticket in first
    ]
    return max(waits, default=0.0)


def _twice(values: Iterable[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


def _compare_accounts(told: Told, held: Held) -> list[str]:
    status = dict(held.accounts)
    activated = [address for act, address in held.acts if act == "account.activated"]
    return [
        *(f"{one}: two accounts" for one in _twice(address for address, _ in held.accounts)),
        *(f"{one}: signed up, no account" for one in sorted(told.signed_up - set(status))),
        *(
            f"{one}: has a password, and is {status.get(one)}"
            for one in sorted(told.activated)
            if status.get(one) != "active"
        ),
        *(f"{one}: activated twice in the journal" for one in _twice(activated)),
        *(f"{one}: nobody signed up" for one in sorted(set(status) - told.tried - told.signed_up)),
    ]


def _compare_requests(told: Told, held: Held) -> list[str]:
    found = {reference: (address, status) for reference, address, status in held.requests}
    approved = {address for _, address, status in held.requests if status == "approved"}
    faults = [f"{one}: two requests" for one in _twice(address for _, address, _ in held.requests)]
    for reference, address in sorted(told.requests.items()):
        if found.get(reference, ("", ""))[0] != address:
            faults.append(f"{reference}: acknowledged to {address}, and not held")
    for reference in sorted(told.accepted):
        if found.get(reference, ("", ""))[1] != "approved":
            faults.append(f"{reference}: accepted, and not held so")
    faults += [f"{one}: two accesses" for one in _twice(held.accesses)]
    faults += [
        f"{one}: accepted without an access" for one in sorted(approved - set(held.accesses))
    ]
    faults += [f"{one}: an access of nowhere" for one in sorted(set(held.accesses) - approved)]
    return faults


def _compare_mails(told: Told, held: Held, copies_allowed: int) -> list[str]:
    sent = {message_id for message_id, _, _, status in held.mails if status == "sent"}
    known = {message_id for message_id, *_ in held.mails}
    copies = sum(count - 1 for count in held.received.values())
    kinds = Counter((kind, address) for _, kind, address, _ in held.mails)
    accepted = {told.requests[one] for one in told.accepted if one in told.requests}
    return [
        *(
            f"{kind} to {address}: {status}"
            for message_id, kind, address, status in held.mails
            # One that was received, and not written down as sent, has nothing left to say once its
            # link was used.
            if status != "sent"
            and not (
                status == "dropped" and (kind in MAY_BE_DROPPED or message_id in held.received)
            )
        ),
        *(f"{one}: sent, and never received" for one in sorted(sent - set(held.received))),
        *(f"{one}: received, and of no row" for one in sorted(set(held.received) - known)),
        *([f"{copies} second copies of mails"] if copies > copies_allowed else []),
        *(
            f"{address}: {kinds['registrations.approved', address]} mails of acceptance"
            for address in sorted(accepted)
            if kinds["registrations.approved", address] != 1
        ),
    ]


def _compare_messages(told: Told, held: Held) -> list[str]:
    found = Counter((text, reference) for _, reference, _, text in held.messages if text)
    mails = Counter(held.message_mails)
    faults = [
        f"« {text} » of {reference}: acknowledged, and held {found[text, reference]} times"
        for text, reference in sorted(told.messages.items())
        if found[text, reference] != 1
    ]
    faults += [f"« {text} »: held twice" for text in _twice(text for text, _ in found.elements())]
    faults += [
        f"« {text} »: nobody wrote it"
        for text in sorted({text for text, _ in found} - told.written)
    ]
    for key, reference, by_agent, _ in held.messages:
        kind = TO_PERSON if by_agent else TO_DESK
        if mails[kind, str(key)] != 1:
            faults.append(f"{reference}, message {key}: {mails[kind, str(key)]} mails")
    return faults


def _compare_documents(told: Told, held: Held) -> list[str]:
    found = Counter((digest, reference) for reference, digest, _ in held.uploads)
    return [
        *(
            f"{reference}: a document acknowledged, and held {found[digest, reference]} times"
            for digest, reference in sorted(told.documents.items())
            if found[digest, reference] != 1
        ),
        *(
            f"{reference}: a document of which the disk holds nothing, or something else"
            for reference, _, whole in held.uploads
            if not whole
        ),
    ]


def _find_first_calls(held: Held, platform: str) -> dict[str, float]:
    first: dict[str, float] = {}
    for ticket, at in held.logouts.get(platform, ()):
        first[ticket] = min(at, first.get(ticket, at))
    return first


def _compare_logouts(told: Told, held: Held) -> list[str]:
    """A platform may be told twice, when its answer was lost; never of a ticket of nobody."""
    first = {platform: _find_first_calls(held, platform) for platform in held.logouts}
    return [
        *(
            f"{platform}: never told that …{ticket[-6:]} ended"
            for ticket, (platform, _) in sorted(told.ended.items())
            if ticket not in first.get(platform, {})
        ),
        *(
            f"{platform}: told of …{ticket[-6:]}, a ticket of nobody"
            for platform, tickets in sorted(first.items())
            for ticket in sorted(set(tickets) - told.entered)
        ),
    ]


def _compare_steps(held: Held, idle: set[str]) -> list[str]:
    notices = Counter(address for address, line in held.cases if line == "notice_queued")
    return [
        *(f"{one}: {notices[one]} notices" for one in sorted(idle) if notices[one] != 1),
        *(f"{one}: a notice of nobody" for one in sorted(set(notices) - idle)),
    ]
