"""Whose activity counts: on every platform for whom no listed one is open (D22, D65)."""

from datetime import datetime

import pytest
import time_machine

from accounts.habilitations.accesses.activity import note_platform_entry
from accounts.habilitations.accesses.flows import end_access, grant_access
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.api import activity_push
from accounts.habilitations.enums import Role, Scope
from accounts.habilitations.platforms.models import Platform
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import StepReason
from lifecycle.rules import planning
from lifecycle.rules.silent_platforms import find_silent_platforms
from mgestion.journal.actors import Actor
from tests.factories.habilitations import make_access, make_token
from tests.lifecycle.people import announced, notified, sleeper
from tests.lifecycle.shell.test_command import lifecycle
from tests.lifecycle.world import at, log_in, status_of, tick, ticks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference"), pytest.mark.req("D65")]
NOW = at("2026-03-11")


def of(code: str) -> Platform:
    return Platform.objects.get(code=code)


def push(user: User, seen: datetime, now: datetime) -> str:
    platform = of("m-tutorat")
    if not platform.api_enabled:
        Platform.objects.filter(pk=platform.pk).update(api_enabled=True)
        platform.refresh_from_db()
        make_token(platform, Scope.ACTIVITY, now=now, days=300)
    (found,) = activity_push.record_pushed_activities(
        platform, [activity_push.PushedActivity(at=seen, subject=user.public_id)], now=now
    )
    return found.code


def test_who_works_on_m_tutorat_only_is_not_idle() -> None:
    user = sleeper()
    make_access(platform=of("m-tutorat"), user=user)
    assert push(user, at("2026-03-10"), at("2026-03-10 13:00")) == "recorded"
    tick(NOW)
    assert status_of(user.pk) == "active"
    assert User.objects.get(pk=user.pk).last_activity_at == at("2026-03-10")


def test_who_holds_a_listed_access_is_judged_by_the_listed_ones() -> None:
    user = sleeper()
    make_access(platform=of("m-tutorat"), user=user)
    make_access(platform=of("m-contributions"), user=user)
    push(user, at("2026-03-10"), at("2026-03-10 13:00"))
    note_platform_entry(user, of("m-tutorat"), noted_today=False, now=at("2026-03-10 14:00"))
    tick(NOW)
    assert status_of(user.pk) == "queued"


def test_who_lost_the_last_listed_access_is_judged_by_what_the_others_know() -> None:
    user = sleeper()
    make_access(platform=of("m-tutorat"), user=user)
    listed = make_access(platform=of("m-contributions"), user=user)
    push(user, at("2025-12-01"), at("2025-12-01 13:00"))
    assert User.objects.get(pk=user.pk).last_activity_at == at("2024-03-10")
    Access.objects.filter(pk=listed.pk).update(ended_at=at("2026-03-01"))
    assert list(planning.iterate_plan(NOW)) == []  # the plan and the run agree
    with time_machine.travel(NOW, tick=False):
        said = lifecycle("explain", str(user.public_id))[0]
    assert "ne compte pas" not in said
    assert "court depuis le lundi 1er décembre 2025" in said
    tick(NOW)
    assert status_of(user.pk) == "active"
    assert User.objects.get(pk=user.pk).clock_from == at("2025-12-01")


def test_a_listed_access_that_ends_under_notice_lets_the_others_count() -> None:
    user = notified()
    make_access(platform=of("m-tutorat"), user=user)
    listed = make_access(platform=of("m-contributions"), user=user)
    push(user, at("2025-12-01"), at("2025-12-01 13:00"))
    tick(at("2026-03-13"))
    assert status_of(user.pk) == "notified"
    end_access(listed.pk, actor=Actor.system("test"), reason="left", now=at("2026-03-15"))
    tick(at("2026-03-15 13:00"))
    assert status_of(user.pk) == "active"
    assert User.objects.get(pk=user.pk).clock_from == at("2025-12-01")


def test_a_listed_access_that_is_granted_keeps_what_counted_and_ends_the_others_say() -> None:
    user = sleeper()
    make_access(platform=of("m-tutorat"), user=user)
    assert push(user, at("2025-12-01"), at("2025-12-01 13:00")) == "recorded"
    grant_access(
        user=user,
        platform_code="m-contributions",
        role=Role.GESTIONNAIRE,
        establishment=make_access(platform=of("m-contributions")).establishment,
        dashboard="",
        actor=Actor.system("test"),
        reason="",
        now=at("2026-01-10"),
    )
    push(user, at("2026-06-01"), at("2026-06-01 13:00"))
    tick(at("2027-12-01"))
    assert status_of(user.pk) == "active"
    tick(at("2027-12-02"))
    assert status_of(user.pk) == "queued"


def test_an_entry_on_another_platform_ends_a_notice() -> None:
    user = sleeper()
    make_access(platform=of("m-tutorat"), user=user)
    tick(NOW)
    assert status_of(user.pk) == "queued"
    note_platform_entry(user, of("m-tutorat"), noted_today=False, now=at("2026-03-12"))
    tick(at("2026-03-12 13:00"))
    assert status_of(user.pk) == "active"


def test_activity_told_late_undoes_the_deactivation_of_whom_only_it_concerns() -> None:
    user = announced()
    make_access(platform=of("m-tutorat"), user=user)
    assert status_of(user.pk) == Status.DEACTIVATED_INACTIVE
    assert push(user, at("2026-03-14"), at("2026-04-01")) == "revived"
    assert status_of(user.pk) == "active"


def silent_tutorat(last: str) -> None:
    """M-Tutorat pushes its activity, and has not since `last`."""
    other = make_access(platform=of("m-tutorat")).user
    push(other, at(last), at(last))
    Platform.objects.update(activity_heard_again_at=None)  # and did for long before


@pytest.mark.req("D53", "D72")
def test_the_silence_of_another_platform_keeps_whom_it_judges_and_nobody_else() -> None:
    silent_tutorat("2026-03-01")
    judged, listed, nowhere = sleeper(), sleeper(), sleeper()
    for user in (judged, listed):
        make_access(platform=of("m-tutorat"), user=user)
    make_access(platform=of("m-contributions"), user=listed)
    assert not find_silent_platforms(NOW).listed
    due = {line.user.public_id: (line.due, line.why.value) for line in planning.iterate_plan(NOW)}
    assert due[judged.public_id] == (False, "silent_platform")
    assert due[listed.public_id][0]
    assert due[nowhere.public_id][0]
    counted = planning.count_steps_by_day(NOW.date(), NOW.date(), NOW)
    assert sum(counted.values()) == 2
    with time_machine.travel(NOW, tick=False):
        said = lifecycle("explain", str(judged.public_id))[0]
        assert StepReason.SILENT_PLATFORM.label in said
    run = tick(NOW)
    assert run is not None
    assert "M-Tutorat" in run.text
    assert [status_of(user.pk) for user in (judged, listed, nowhere)] == [
        "active",
        "queued",
        "queued",
    ]


@pytest.mark.req("D53", "D72")
def test_whom_another_platform_judges_is_not_deactivated_nor_deleted_while_it_is_silent() -> None:
    early, late = notified(), notified()
    for user in (early, late):
        make_access(platform=of("m-tutorat"), user=user)
    silent_tutorat("2026-03-10")
    tick(at("2026-03-27"))
    assert [status_of(user.pk) for user in (early, late)] == ["notified", "notified"]
    other = make_access(platform=of("m-tutorat")).user
    push(other, at("2026-03-27"), at("2026-03-27 12:30"))
    ticks("2026-03-28 12:30", "2026-03-28 12:45")
    assert status_of(early.pk) == Status.DEACTIVATED_INACTIVE
    ticks("2026-04-14", "2026-05-14")
    assert status_of(early.pk) == Status.DEACTIVATED_INACTIVE
    assert User.objects.get(pk=late.pk).revivable_until is None  # login finds no deadline
    assert log_in(late.pk, at("2026-05-14 13:00"))
    push(other, at("2026-05-15"), at("2026-05-15"))
    tick(at("2026-05-15 13:00"))
    assert status_of(early.pk) == Status.DEACTIVATED_INACTIVE
    tick(at("2026-05-16 13:00"))
    assert status_of(early.pk) == "deleted"
