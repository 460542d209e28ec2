"""What stops a step for everybody: a platform that tells no activity, too many accounts at once
(D53, D72).
"""

from datetime import datetime

import pytest
import time_machine
from pytest_django import Settings

from accounts.habilitations.api import activity_push
from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from accounts.leaving import account_departures
from accounts.people.models import User
from lifecycle import health, tasks
from lifecycle.models import LifecycleRun
from mgestion.journal.actors import Actor
from tests.factories.habilitations import make_access, make_token, make_user
from tests.lifecycle.people import announced, notified, sleeper
from tests.lifecycle.shell.test_command import lifecycle
from tests.lifecycle.world import at, log_in, status_of, sweep, tick, ticks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ACTOR = Actor.system("test")


@pytest.fixture
def platform() -> Platform:
    """One that has pushed until 10 March 2026, and then no more."""
    Platform.objects.filter(code="m-contributions").update(api_enabled=True)
    found = Platform.objects.get(code="m-contributions")
    make_token(found, Scope.ACTIVITY, now=at("2026-02-20"), days=300)
    push(found, at("2026-03-10 09:00"), make_access(platform=found, user=make_user()).user)
    return found


def push(
    platform: Platform, now: datetime, user: User, seen: datetime | None = None
) -> tuple[int, str]:
    platform.refresh_from_db()
    (found,) = activity_push.record_pushed_activities(
        platform, [activity_push.PushedActivity(at=seen or now, subject=user.public_id)], now=now
    )
    return found.status, found.code


@pytest.mark.req("D72", "D53")
def test_nobody_under_notice_is_deactivated_while_a_platform_is_silent(platform: Platform) -> None:
    user = notified()
    make_access(platform=platform, user=user)
    tick(at("2026-03-27 10:00"))
    assert status_of(user.pk) == "notified"
    assert push(platform, at("2026-04-13"), user, at("2026-03-14")) == (200, "recorded")
    tick(at("2026-04-13 13:00"))
    assert status_of(user.pk) == "active"


@pytest.mark.req("D72", "D53", "D51")
def test_nobody_is_deleted_for_inactivity_while_a_platform_is_silent(platform: Platform) -> None:
    """The way back stays open meanwhile."""
    user, absent = announced(), announced()
    other = make_access(platform=platform, user=make_user()).user
    make_access(platform=platform, user=user)
    push(platform, at("2026-03-26"), other)
    ticks("2026-04-12", "2026-04-30")
    assert status_of(user.pk) == "deactivated_inactive"
    assert log_in(absent.pk, at("2026-04-30"))
    with time_machine.travel(at("2026-04-30"), tick=False):
        said = lifecycle("explain", str(user.public_id))[0]
    assert "une plateforme ne transmet plus l’activité" in said
    assert push(platform, at("2026-05-01"), user, at("2026-03-14")) == (200, "revived")
    tick(at("2026-05-01 13:00"))
    assert status_of(user.pk) == "active"


@pytest.mark.req("D72")
def test_a_silent_platform_stops_no_closure_and_no_act_of_an_administrator(
    platform: Platform,
) -> None:
    leaving, closing = make_user(), make_user()
    account_departures.deactivate_account(leaving, actor=ACTOR, reason="left", now=at("2026-04-01"))
    account_departures.close_account(closing, actor=Actor.person(closing), now=at("2026-04-01"))
    ticks("2026-04-01 13:00", "2026-04-17 00:00")
    assert status_of(leaving.pk) == status_of(closing.pk) == "deleted"


# --- the breaker ---------------------------------------------------------------------------------


@pytest.mark.req("D72")
def test_too_many_notices_stop_no_closure_and_no_act_of_an_administrator(
    settings: Settings,
) -> None:
    settings.LIFECYCLE_BREAKER_FLOOR, settings.LIFECYCLE_BREAKER_SHARE = 1, 0.0
    people = [sleeper() for _ in range(2)]
    gone = [make_user() for _ in range(4)]
    for user in gone[:2]:
        account_departures.close_account(user, actor=Actor.person(user), now=at("2026-02-20"))
    for user in gone[2:]:
        account_departures.deactivate_account(
            user, actor=ACTOR, reason="left", now=at("2026-02-20")
        )
    tick(at("2026-02-20 13:00"))
    with time_machine.travel(at("2026-03-11"), tick=False):
        plan = lifecycle("plan")[1]
        out, _, code = lifecycle("run", "--apply")
    assert code == 3
    assert "«\u00a0avertir\u00a0»" in plan and "«\u00a0supprimer\u00a0»" not in plan
    assert "«\u00a0avertir\u00a0»" in out and "supprimer\u00a0: 4" in out
    assert {status_of(user.pk) for user in gone} == {"deleted"}
    assert {status_of(user.pk) for user in people} == {"active"}


def test_too_many_deletions_for_inactivity_stop_the_deletion_of_nobody_else(
    settings: Settings,
) -> None:
    idle = [announced() for _ in range(3)]
    closing = make_user()
    account_departures.close_account(closing, actor=Actor.person(closing), now=at("2026-03-20"))
    tick(at("2026-03-28 13:00"))
    settings.LIFECYCLE_BREAKER_FLOOR, settings.LIFECYCLE_BREAKER_SHARE = 2, 0.0
    done = tick(at("2026-04-20"))
    assert done is not None and done.outcome == "stopped" and done.counts["delete"] == 1
    assert {status_of(user.pk) for user in idle} == {"deactivated_inactive"}
    assert status_of(closing.pk) == "deleted"


def test_a_run_says_what_its_cap_leaves_and_the_next_one_goes_on(settings: Settings) -> None:
    settings.LIFECYCLE_CAP, settings.LIFECYCLE_BATCH = 2, 2
    people = [sleeper() for _ in range(5)]
    done = tick(at("2026-03-11"))
    assert done is not None
    assert "reste à faire, avertir\u00a0: 3" in done.text
    assert "l’exécution suivante continue" in done.text
    assert sorted(status_of(user.pk) for user in people) == [*["active"] * 3, *["queued"] * 2]
    tick(at("2026-03-11 13:00"))
    assert [status_of(user.pk) for user in people].count("active") == 1


def test_a_run_over_the_breaker_says_that_the_next_one_would_be_stopped(
    settings: Settings,
) -> None:
    settings.LIFECYCLE_CAP, settings.LIFECYCLE_BATCH = 2, 2
    settings.LIFECYCLE_BREAKER_FLOOR, settings.LIFECYCLE_BREAKER_SHARE = 1, 0.0
    for _ in range(5):
        sleeper()
    done = sweep(at("2026-03-11"), over_breaker=True)
    assert done is not None
    assert "avertir\u00a0: 3" in done.text and "--over-breaker" in done.text
    done = sweep(at("2026-03-11 13:00"))
    assert done is not None and done.outcome == "stopped"


# --- accounts that fail --------------------------------------------------------------------------


@time_machine.travel(at("2026-04-12 10:07"), tick=False)
def test_a_run_in_which_an_account_fails_is_seen_from_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from accounts.leaving import erasure_list
    from mgestion.jobs.metrics import measure_jobs
    from mgestion.jobs.models import JobRun

    user = announced()

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(erasure_list, "write_erasures", full)
        tasks.run_lifecycle()
    job = JobRun.objects.get(job="lifecycle.sweep")
    assert (job.outcome, job.counts["failed"]) == ("partial", 1)
    name = 'job_failed_rows{job="lifecycle.sweep"}'
    assert measure_jobs(at("2026-04-12 10:10"))[name] == 1
    assert health.build_metrics(at("2026-04-12 10:10"))["lifecycle_failed_accounts"] == 1
    assert LifecycleRun.objects.latest("started_at").outcome == "partial"
    with time_machine.travel(at("2026-04-12 11:07"), tick=False):
        tasks.run_lifecycle()
    assert status_of(user.pk) == "deleted"
    assert name not in measure_jobs(at("2026-04-12 11:10"))
