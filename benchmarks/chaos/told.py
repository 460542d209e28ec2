"""What clients were told, what is held, and where the two differ. No database and no clock here."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
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
    lost_answers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, value: str, address: str = "") -> None:
        with self._lock:
            kept = getattr(self, what)
            if isinstance(kept, dict):
                kept[value] = address
            else:
                kept.add(value)

    def note_lost_answer(self) -> None:
        with self._lock:
            self.lost_answers += 1


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


# Mails that have nothing left to say once an agent was faster.
MAY_BE_DROPPED = frozenset({"registrations.to_delegation"})


def compare(told: Told, held: Held, *, idle: Iterable[str], copies_allowed: int) -> list[str]:
    """Each difference as a sentence; none when every acknowledged act is there once, and nothing
    is there that nobody asked for. `copies_allowed`: second copies of mails, one for each sender
    that died between the server's acceptance and its record.
    """
    return [
        *_compare_accounts(told, held),
        *_compare_requests(told, held),
        *_compare_mails(told, held, copies_allowed),
        *_compare_steps(held, set(idle)),
    ]


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
            for _, kind, address, status in held.mails
            if status != "sent" and not (status == "dropped" and kind in MAY_BE_DROPPED)
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


def _compare_steps(held: Held, idle: set[str]) -> list[str]:
    notices = Counter(address for address, line in held.cases if line == "notice_queued")
    return [
        *(f"{one}: {notices[one]} notices" for one in sorted(idle) if notices[one] != 1),
        *(f"{one}: a notice of nobody" for one in sorted(set(notices) - idle)),
    ]
