"""The calendar, as data: what each account is on each day, on the real rows with real mails."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor
from tests.lifecycle.people import announced, notified, sleeper
from tests.lifecycle.world import Server, at, deliver, log_in, status_of, sweep, tick

pytestmark = pytest.mark.django_db

ADMIN = Actor.system("test")


def since(day: str, **more: Any) -> Callable[[], User]:
    """Somebody whose clock runs from that day."""
    return partial(sleeper, clock_from=at(day), **more)


# name: (who, (moment, act, expected status afterwards)…). Acts: tick (sweep, then mails), sweep,
# mails, login (let in), refused (a login turned away), down / up / refusing (the mail server),
# admin (deactivated), back (reactivated by an agent), suspend, lift, close, cancel, seen (activity
# on a platform that counts).
CASES: dict[str, tuple[Any, ...]] = {
    "example of L7": (
        sleeper,
        ("2026-03-10 23:59", "tick", "active"),
        ("2026-03-11 00:00", "tick", "queued"),
        ("2026-03-11 01:00", "tick", "notified"),
        ("2026-03-26 23:59", "tick", "notified"),
        ("2026-03-27 00:00", "tick", "deactivated_inactive"),
        ("2026-04-11 23:59", "tick", "deactivated_inactive"),
        ("2026-04-12 00:00", "tick", "deleted"),
    ),
    "15 days over the change to winter time": (
        since("2024-10-14"),
        ("2026-10-15 10:00", "tick", "queued"),
        ("2026-10-30 23:59", "tick", "notified"),
        ("2026-10-31 00:00", "tick", "deactivated_inactive"),
    ),
    "login on day 15 at 23:59 revives": (
        announced,
        ("2026-04-11", "tick", "deactivated_inactive"),
        ("2026-04-11 23:59", "login", "active"),
        ("2026-04-12", "tick", "active"),
        ("2028-04-11", "tick", "active"),
        ("2028-04-12", "tick", "queued"),
    ),
    "login on day 16 at 00:00 is too late": (
        announced,
        ("2026-04-11", "tick", "deactivated_inactive"),
        ("2026-04-12 00:00", "refused", "deactivated_inactive"),
        ("2026-04-12 00:01", "tick", "deleted"),
    ),
    "login during the notice ends it": (
        notified,
        ("2026-03-26 23:59", "login", "active"),
        ("2026-03-27", "tick", "active"),
        ("2028-03-26", "tick", "active"),
        ("2028-03-27", "tick", "queued"),
    ),
    "login after the notice's delay, before the late job: never deactivated (D21)": (
        notified,
        ("2026-04-20", "login", "active"),
        ("2026-04-20", "tick", "active"),
    ),
    "login before the notice has left: the mail is dropped": (
        sleeper,
        ("2026-03-11 09:00", "sweep", "queued"),
        ("2026-03-11 09:05", "login", "active"),
        ("2026-03-11 09:10", "mails", "active"),
        ("2026-03-11 10:00", "tick", "active"),
    ),
    "an outage of five weeks shortens nothing": (
        sleeper,
        ("2026-04-20", "tick", "queued"),
        ("2026-05-05", "tick", "notified"),
        ("2026-06-20", "tick", "deactivated_inactive"),
        ("2026-07-05", "tick", "deactivated_inactive"),
        ("2026-08-30", "tick", "deleted"),
    ),
    "one step per run, however late": (
        since("2020-01-01"),
        ("2026-04-20 09:00", "tick", "queued"),
        ("2026-04-20 10:00", "tick", "notified"),
        ("2026-04-20 11:00", "tick", "notified"),
    ),
    "the mail server is down for four days: the deadline is later": (
        sleeper,
        ("2026-03-11", "down", "active"),
        ("2026-03-11", "tick", "queued"),
        ("2026-03-13", "tick", "queued"),
        ("2026-03-15", "up", "queued"),
        ("2026-03-15", "mails", "queued"),
        ("2026-03-15 13:00", "tick", "notified"),
        ("2026-03-30 23:59", "tick", "notified"),
        ("2026-03-31 00:00", "tick", "deactivated_inactive"),
    ),
    "rendered before midnight, accepted after: the later day binds": (
        sleeper,
        ("2026-03-11 23:50", "sweep", "queued"),
        ("2026-03-12 00:01", "mails", "queued"),
        ("2026-03-12", "tick", "notified"),
        ("2026-03-27 23:59", "tick", "notified"),
        ("2026-03-28 00:00", "tick", "deactivated_inactive"),
    ),
    "the second mail is late: nothing expires before it": (
        notified,
        ("2026-03-27", "down", "notified"),
        ("2026-03-27", "tick", "deactivated_inactive"),
        ("2026-04-20", "tick", "deactivated_inactive"),
        ("2026-04-20", "up", "deactivated_inactive"),
        ("2026-04-20 13:00", "mails", "deactivated_inactive"),
        ("2026-04-20 14:00", "tick", "deactivated_inactive"),
        ("2026-05-05 23:59", "tick", "deactivated_inactive"),
        ("2026-05-06 00:00", "tick", "deleted"),
    ),
    "a login while the second mail waits revives": (
        notified,
        ("2026-03-27", "down", "notified"),
        ("2026-03-27", "tick", "deactivated_inactive"),
        ("2026-06-30", "login", "active"),
    ),
    "an undeliverable notice: held, never deactivated": (
        sleeper,
        ("2026-03-11", "refusing", "active"),
        ("2026-03-11", "tick", "queued"),
        ("2026-03-12 13:00", "tick", "queued"),
        ("2026-03-13", "tick", "queued"),
        ("2026-03-14", "tick", "queued"),
        ("2028-03-27", "tick", "queued"),
    ),
    "activity on another platform that counts": (
        sleeper,
        ("2026-03-09", "seen", "active"),
        ("2026-03-11", "tick", "active"),
        ("2028-03-09", "tick", "active"),
        ("2028-03-10", "tick", "queued"),
    ),
    "deactivated by an administrator": (
        since("2026-03-01"),
        ("2026-03-17", "admin", "deactivated_by_admin"),
        ("2026-03-17 12:05", "tick", "deactivated_by_admin"),
        ("2026-03-17 13:00", "tick", "deactivated_by_admin"),
        ("2026-03-18", "refused", "deactivated_by_admin"),
        ("2026-04-01 23:59", "tick", "deactivated_by_admin"),
        ("2026-04-02 00:00", "tick", "deleted"),
    ),
    "reactivated on day 15 at 23:59": (
        since("2024-04-01"),
        ("2026-03-17", "admin", "deactivated_by_admin"),
        ("2026-03-17 12:05", "tick", "deactivated_by_admin"),
        ("2026-04-01 23:00", "tick", "deactivated_by_admin"),
        ("2026-04-01 23:59", "back", "active"),
        ("2026-04-02", "tick", "active"),
        ("2028-04-01", "tick", "active"),
        ("2028-04-02", "tick", "queued"),
    ),
    "deactivated by an administrator during a notice": (
        notified,
        ("2026-03-20", "admin", "deactivated_by_admin"),
        ("2026-03-20 13:00", "tick", "deactivated_by_admin"),
        ("2026-03-27", "tick", "deactivated_by_admin"),
        ("2026-04-04 23:59", "tick", "deactivated_by_admin"),
        ("2026-04-05 00:00", "tick", "deleted"),
    ),
    "a second deactivation has its own 15 days": (
        since("2026-03-01"),
        ("2026-03-17", "admin", "deactivated_by_admin"),
        ("2026-03-17 13:00", "tick", "deactivated_by_admin"),
        ("2026-03-20", "back", "active"),
        ("2026-03-25", "admin", "deactivated_by_admin"),
        ("2026-03-25 13:00", "tick", "deactivated_by_admin"),
        ("2026-04-02", "tick", "deactivated_by_admin"),
        ("2026-04-09 23:59", "tick", "deactivated_by_admin"),
        ("2026-04-10 00:00", "tick", "deleted"),
    ),
    "two deactivations between two runs": (
        since("2026-03-01"),
        ("2026-03-17 09:00", "admin", "deactivated_by_admin"),
        ("2026-03-17 09:10", "tick", "deactivated_by_admin"),
        ("2026-03-17 09:20", "back", "active"),
        ("2026-03-17 09:30", "admin", "deactivated_by_admin"),
        ("2026-03-17 10:00", "tick", "deactivated_by_admin"),
        ("2026-04-01 23:59", "tick", "deactivated_by_admin"),
        ("2026-04-02 00:00", "tick", "deleted"),
    ),
    "an agent brings back an inactive account (D26)": (
        announced,
        ("2026-04-05", "back", "active"),
        ("2026-04-12", "tick", "active"),
        ("2028-04-05", "tick", "active"),
        ("2028-04-06", "tick", "queued"),
    ),
    "suspended: no clock, until it is lifted": (
        announced,
        ("2026-04-05", "suspend", "suspended"),
        ("2026-04-12", "tick", "suspended"),
        ("2029-01-01", "tick", "suspended"),
        ("2029-01-02", "lift", "active"),
        ("2031-01-02", "tick", "active"),
        ("2031-01-03", "tick", "queued"),
    ),
    "closure asked by the person": (
        since("2026-03-01"),
        ("2026-03-17", "close", "closing"),
        ("2026-03-17 13:00", "tick", "closing"),
        ("2026-03-18", "refused", "closing"),
        ("2026-04-01 23:59", "tick", "closing"),
        ("2026-04-02 00:00", "tick", "deleted"),
    ),
    "closure given up on day 15": (
        since("2026-03-01"),
        ("2026-03-17", "close", "closing"),
        ("2026-03-17 13:00", "tick", "closing"),
        ("2026-04-01 23:59", "cancel", "active"),
        ("2026-04-02 00:00", "tick", "active"),
    ),
    "never completed sign-up": (
        since("2026-03-01", status=Status.PENDING),
        ("2026-03-03 23:59", "tick", "pending"),
        ("2026-03-04 09:00", "tick", "pending"),
        ("2026-03-31 23:59", "tick", "pending"),
        ("2026-04-01 00:00", "tick", "deleted"),
    ),
    "never completed sign-up reminded late": (
        since("2026-03-01", status=Status.PENDING),
        ("2026-03-31 23:00", "tick", "pending"),  # the link of the reminder lives 72 h
        ("2026-04-01 00:00", "tick", "pending"),
        ("2026-04-03 22:59", "tick", "pending"),
        ("2026-04-03 23:00", "tick", "deleted"),
    ),
}


def _play(user: User, moment: str, act: str) -> None:
    now = at(moment)
    match act:
        case "tick":
            tick(now)
        case "sweep":
            sweep(now)
        case "mails":
            deliver(now)
        case "up" | "down" | "refusing":
            Server.mode = act
        case "login" | "seen":
            assert log_in(user.pk, now), moment
        case "refused":
            assert not log_in(user.pk, now), moment
        case "admin":
            account_departures.deactivate_account(user, actor=ADMIN, reason="left", now=now)
        case "back":
            account_departures.reactivate_account(user, actor=ADMIN, now=now)
        case "suspend":
            account_departures.suspend_account(user, actor=ADMIN, reason="breach", now=now)
        case "lift":
            account_departures.lift_suspension(user, actor=ADMIN, now=now)
        case "close":
            account_departures.close_account(user, actor=ADMIN, now=now)
        case "cancel":
            account_departures.cancel_closure(user, actor=ADMIN, now=now)
        case _:
            raise AssertionError(act)


@pytest.mark.req(
    "R88", "R90", "R91", "R94", "R95", "R96", "R97", "R98", "R99", "R100", "R102", "D17"
)
@pytest.mark.req("D18", "D19", "D20", "D21", "D23", "D25", "D26", "D27", "D50", "D52", "L1", "L2")
@pytest.mark.req("L3", "L4", "L5", "L6", "L7", "S35")
@pytest.mark.parametrize("name", CASES)
def test_calendar(name: str) -> None:
    who, *story = CASES[name]
    user = who()
    for moment, act, expected in story:
        _play(user, moment, act)
        assert status_of(user.pk) == expected, f"{moment} {act}"
