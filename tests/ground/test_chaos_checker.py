"""The checker of `make chaos` finds what was lost, doubled or invented."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos.told import (
    TO_DESK,
    TO_PERSON,
    Held,
    Told,
    compare,
    find_slowest_logout,
)

A, B, IDLE = "a.fictif@example.org", "b.fictif@example.org", "inactif@example.org"
KBIS = "d1" * 32


def tell() -> Told:
    """A wrote, was answered and accepted; the answer to B's sign-up was lost, and nothing came of
    it. A visited a platform twice, and logged out once.
    """
    return Told(
        signed_up={A},
        activated={A},
        requests={"DA-1": A},
        accepted={"DA-1"},
        tried={A, B},
        messages={"Bonjour": "DA-1", "Merci": "DA-1"},
        written={"Bonjour", "Merci", "Perdu"},
        documents={KBIS: "DA-1"},
        entered={"ST-1", "ST-2"},
        ended={"ST-1": ("m", 10.0)},
    )


HELD = Held(
    accounts=[(A, "active")],
    requests=[("DA-1", A, "approved")],
    accesses=[A],
    acts=[("account.activated", A)],
    mails=[
        ("<1>", "entry.sign_up", A, "sent"),
        ("<2>", "registrations.approved", A, "sent"),
    ],
    received={"<1>": 1, "<2>": 2},
    cases=[(IDLE, "notice_queued")],
    messages=[(1, "DA-1", False, "Bonjour"), (2, "DA-1", True, "Merci")],
    uploads=[("DA-1", KBIS, True)],
    message_mails=[(TO_DESK, "1"), (TO_PERSON, "2")],
    logouts={"m": [("ST-1", 14.0), ("ST-1", 30.0)]},
)


def check(held: Held, told: Told | None = None, *, copies: int = 1) -> list[str]:
    return compare(told or tell(), held, idle=[IDLE], copies_allowed=copies)


def test_what_was_told_and_is_held_once_is_well() -> None:
    assert check(HELD) == []
    late = ("<3>", "registrations.to_delegation", "", "dropped")
    assert check(replace(HELD, mails=[*HELD.mails, late])) == [], "the agent was faster"
    unrecorded = replace(HELD, mails=[("<1>", "x", A, "dropped"), HELD.mails[1]])
    assert check(unrecorded) == [], "received, not recorded as sent, and acted upon"
    assert check(replace(HELD, accounts=[*HELD.accounts, (B, "pending")])) == [], "it was tried"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"accounts": [], "acts": []}, "no account"),
        ({"accounts": [(A, "pending")]}, "is pending"),
        ({"accounts": [(A, "active"), (A, "active")]}, "two accounts"),
        ({"accounts": [(A, "active"), ("c@example.org", "active")]}, "nobody signed up"),
        ({"acts": [("account.activated", A)] * 2}, "activated twice"),
        ({"requests": [], "accesses": []}, "not held"),
        ({"requests": [("DA-1", A, "submitted")], "accesses": []}, "not held so"),
        ({"requests": [("DA-1", A, "approved"), ("DA-2", A, "submitted")]}, "two requests"),
        ({"accesses": []}, "without an access"),
        ({"accesses": [A, A]}, "two accesses"),
        ({"accesses": [A, B]}, "an access of nowhere"),
        ({"mails": HELD.mails[:1], "received": {"<1>": 1}}, "0 mails of acceptance"),
        ({"mails": [*HELD.mails, ("<3>", "x", A, "queued")]}, "queued"),
        ({"mails": [*HELD.mails, ("<3>", "x", A, "dropped")]}, "dropped"),
        ({"received": {"<1>": 1}}, "never received"),
        ({"received": {"<1>": 1, "<2>": 1, "<9>": 1}}, "of no row"),
        ({"received": {"<1>": 2, "<2>": 2}}, "2 second copies"),
        ({"messages": HELD.messages[:1]}, "acknowledged, and held 0 times"),
        ({"messages": [*HELD.messages, (3, "DA-1", False, "Bonjour")]}, "held twice"),
        ({"messages": [*HELD.messages, (3, "DA-1", False, "Autre")]}, "nobody wrote it"),
        ({"messages": [*HELD.messages, (3, "DA-1", False, "Perdu")]}, "message 3: 0 mails"),
        ({"message_mails": [*HELD.message_mails, (TO_DESK, "1")]}, "message 1: 2 mails"),
        ({"uploads": []}, "a document acknowledged, and held 0 times"),
        ({"uploads": HELD.uploads * 2}, "a document acknowledged, and held 2 times"),
        ({"uploads": [*HELD.uploads, ("DA-1", "d2", False)]}, "the disk holds nothing"),
        ({"logouts": {"m": []}}, "never told"),
        ({"logouts": {"m": [("ST-1", 11.0), ("ST-9", 11.0)]}}, "a ticket of nobody"),
        ({"cases": []}, "0 notices"),
        ({"cases": [(IDLE, "notice_queued")] * 2}, "2 notices"),
        ({"cases": [*HELD.cases, (B, "notice_queued")]}, "of nobody"),
    ],
)
def test_what_was_lost_doubled_or_invented_is_found(changes: dict[str, Any], fault: str) -> None:
    found = check(replace(HELD, **changes))
    assert any(fault in one for one in found), found


def test_an_internal_error_and_a_lost_text_are_differences() -> None:
    told = tell()
    told.note_lost_answer(503)
    assert check(HELD, told) == []
    told.note_lost_answer(500)
    told.note("forgotten", "Bonjour")
    assert check(HELD, told) == ["1 answers were 500", "« Bonjour »: lost with its document"]


def test_the_slowest_logout_is_counted_from_the_answer_to_the_first_call() -> None:
    assert find_slowest_logout(tell(), HELD, "m", 9.0, 11.0) == 4
    assert find_slowest_logout(tell(), HELD, "m", 11.0, 20.0) == 0
    assert find_slowest_logout(tell(), HELD, "other", 9.0, 11.0) == 0
