"""The checker of `make chaos` finds what was lost, doubled or invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos.told import Held, Told, compare

A, B, IDLE = "a.fictif@example.org", "b.fictif@example.org", "inactif@example.org"


def tell() -> Told:
    """A was accepted; the answer to B's sign-up was lost, and nothing came of it."""
    return Told(signed_up={A}, activated={A}, requests={"DA-1": A}, accepted={"DA-1"}, tried={A, B})


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
)


def check(held: Held, told: Told | None = None, *, copies: int = 1) -> list[str]:
    return compare(told or tell(), held, idle=[IDLE], copies_allowed=copies)


def test_what_was_told_and_is_held_once_is_well() -> None:
    assert check(HELD) == []
    late = ("<3>", "registrations.to_delegation", "", "dropped")
    assert check(replace(HELD, mails=[*HELD.mails, late])) == [], "the agent was faster"
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
        ({"cases": []}, "0 notices"),
        ({"cases": [(IDLE, "notice_queued")] * 2}, "2 notices"),
        ({"cases": [*HELD.cases, (B, "notice_queued")]}, "of nobody"),
    ],
)
def test_what_was_lost_doubled_or_invented_is_found(changes: dict[str, Any], fault: str) -> None:
    found = check(replace(HELD, **changes))
    assert any(fault in one for one in found), found
