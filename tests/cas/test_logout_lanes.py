"""A platform that hangs delays nothing and nobody else (O13): lanes, the sweep's time, the breaker.

No test waits for a timeout: calls are doubles, the sweep's clock and « now » are the test's.
"""

import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.cas import metrics
from accounts.cas.models import LogoutDelivery, LogoutLane, LogoutStatus
from accounts.cas.single_logout import circuit_breaker, logout_delivery, sessions_to_end
from accounts.cas.single_logout.logout_delivery import LANE_WIDTH
from accounts.cas.single_logout.sessions_to_end import LogoutResult
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.platforms.models import Platform
from tests.cas.here import Here
from tests.factories.habilitations import make_staff
from tests.factories.people import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference"), pytest.mark.cas("O13")]
DEAD, WELL = "https://dead.example.org/", "https://well.example.org/"
STALLED = LogoutResult(False, "TimeoutError: timed out", stalled=True)
RECEIVED = LogoutResult(True, "HTTP 200")


class World:
    """Two platforms; what their servers answer, and every call that was made to them."""

    def __init__(self) -> None:
        codes = ("m-contributions", "m-tutorat")
        self.dead, self.well = (Platform.objects.get(code=code) for code in codes)
        self.answers: dict[str, Callable[[], LogoutResult]] = {
            DEAD: lambda: STALLED,
            WELL: lambda: RECEIVED,
        }
        self.calls: list[str] = []
        self.now = NOW
        self.seconds = 0.0

    def tell(self, url: str, session_index: str, now: Any) -> LogoutResult:
        self.calls.append(url)
        return self.answers[url]()

    def queue(self, platform: Platform, url: str, count: int) -> None:
        LogoutDelivery.objects.bulk_create(
            LogoutDelivery(
                platform=platform, url=url, session_index=f"ST-{number}", tail="abcdef",
                reason="idle", next_at=NOW, queued_at=NOW,
            )
            for number in range(count)
        )  # fmt: skip

    def sweep(self) -> dict[str, int]:
        return logout_delivery.deliver_due_logouts(lambda: self.now, lambda: self.seconds)

    def calls_to(self, url: str) -> int:
        return self.calls.count(url)

    @property
    def lane(self) -> LogoutLane:
        return LogoutLane.objects.get(platform=self.dead)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(sessions_to_end, "send_logout", made.tell)
    monkeypatch.setattr(logout_delivery, "ThreadPoolExecutor", Here)
    return made


# --- the breaker ---------------------------------------------------------------------------------


def test_the_pause_grows_with_each_trial_that_fails() -> None:
    minutes = {0: 0, 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 10, 5000: 10}
    pauses = {count: circuit_breaker.get_pause_after(count) for count in minutes}
    assert pauses == {count: timedelta(minutes=pause) for count, pause in minutes.items()}


def test_many_logouts_to_a_dead_platform_cost_a_handful_of_calls(world: World) -> None:
    world.queue(world.dead, DEAD, 100)
    world.queue(world.well, WELL, 10)
    counts = world.sweep()
    assert counts["received"] == 10
    assert world.calls_to(WELL) == 10
    assert world.calls_to(DEAD) <= 5 + LANE_WIDTH
    waiting = LogoutDelivery.objects.filter(platform=world.dead, attempts=0)
    assert waiting.count() >= 100 - 5 - LANE_WIDTH
    assert world.lane.paused_until == NOW + timedelta(minutes=1)


def test_while_it_is_left_alone_nobody_calls_and_its_rows_do_not_age(world: World) -> None:
    world.queue(world.dead, DEAD, 30)
    world.sweep()
    made = len(world.calls)
    world.now = NOW + timedelta(seconds=59)
    world.queue(world.well, WELL, 1)
    assert world.sweep()["received"] == 1
    assert world.calls_to(DEAD) == made
    assert LogoutDelivery.objects.filter(platform=world.dead, attempts=0).exists()


def test_after_the_pause_one_call_tries_and_its_failure_doubles_the_pause(world: World) -> None:
    world.queue(world.dead, DEAD, 30)
    world.sweep()
    made = len(world.calls)
    world.now = NOW + timedelta(minutes=1)
    world.sweep()
    assert len(world.calls) == made + 1
    assert world.lane.paused_until == world.now + timedelta(minutes=2)


def test_a_success_resets_and_the_rest_follows_in_the_same_sweep(world: World) -> None:
    world.queue(world.dead, DEAD, 12)
    world.sweep()
    world.answers[DEAD] = lambda: RECEIVED
    world.now = NOW + timedelta(minutes=2)
    world.sweep()
    assert (world.lane.timeouts, world.lane.paused_until) == (0, None)
    assert not LogoutDelivery.objects.exclude(status=LogoutStatus.DONE).exists()


@pytest.mark.parametrize("answer", [RECEIVED, LogoutResult(False, "HTTP 500")])
def test_only_timeouts_in_a_row_count(world: World, answer: LogoutResult) -> None:
    for _ in range(4):
        circuit_breaker.note_timeout(world.dead.pk, NOW)
    world.answers[DEAD] = lambda: answer
    world.queue(world.dead, DEAD, 1)
    world.sweep()
    assert world.lane.timeouts == 0


def test_calls_under_way_when_the_pause_began_do_not_lengthen_it(world: World) -> None:
    for _ in range(5 + LANE_WIDTH):
        circuit_breaker.note_timeout(world.dead.pk, NOW)
    assert world.lane.timeouts == 5
    assert world.lane.paused_until == NOW + timedelta(minutes=1)


@pytest.mark.cas("O15")
@pytest.mark.req("D29")
def test_what_waits_for_a_silent_platform_is_given_up_after_a_day(world: World) -> None:
    world.queue(world.dead, f"{DEAD}?suite=jeanne.martin", 3)
    for _ in range(5):
        circuit_breaker.note_timeout(world.dead.pk, NOW)
    LogoutLane.objects.update(paused_until=NOW + timedelta(days=2))
    world.now = NOW + timedelta(hours=23, minutes=59)
    assert world.sweep()["given_up"] == 0
    world.now = NOW + timedelta(hours=24)
    assert world.sweep()["given_up"] == 3
    rows = LogoutDelivery.objects.values_list("status", "session_index", "url")
    assert set(rows) == {(LogoutStatus.FAILED, "", DEAD)}
    assert world.calls == []


# --- lanes and time ------------------------------------------------------------------------------


def test_a_platform_that_hangs_holds_its_own_calls_and_no_other_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logout_delivery, "ThreadPoolExecutor", ThreadPoolExecutor)
    world.queue(world.dead, DEAD, 40)
    world.queue(world.well, WELL, 40)
    others_done = threading.Event()

    def hangs() -> LogoutResult:
        # Ends only once all of the other platform's calls were made: else the test fails here.
        return STALLED if others_done.wait(90) else RECEIVED

    def answers() -> LogoutResult:
        if world.calls_to(WELL) == 40:
            others_done.set()
        return RECEIVED

    world.answers = {DEAD: hangs, WELL: answers}
    monkeypatch.setattr(logout_delivery, "wait", _patient(futures.wait))
    world.sweep()
    assert others_done.is_set()
    done = LogoutDelivery.objects.filter(platform=world.well, status=LogoutStatus.DONE)
    assert done.count() == 40


def _patient(wait: Callable[..., Any]) -> Callable[..., Any]:
    """A slow machine is no platform that hangs."""
    return lambda running, timeout, return_when: wait(running, timeout=90, return_when=return_when)


def test_a_sweep_begins_no_call_after_its_time(world: World, settings: Any) -> None:
    world.queue(world.well, WELL, 100)

    def slow() -> LogoutResult:
        world.seconds += 0.5
        return RECEIVED

    world.answers[WELL] = slow
    counts = world.sweep()
    # Four are claimed together: the last ones begin while the clock still shows less than 3 s.
    assert settings.CAS_LOGOUT_SWEEP / 0.5 <= counts["received"] < 6 + LANE_WIDTH
    assert not LogoutDelivery.objects.exclude(leased_until=None).exists()
    assert LogoutDelivery.objects.filter(status=LogoutStatus.QUEUED, attempts=0).count() > 80


def test_what_never_comes_back_is_a_timeout_and_no_longer_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logout_delivery, "ThreadPoolExecutor", ThreadPoolExecutor)
    release = threading.Event()

    def never() -> LogoutResult:
        release.wait(90)
        return RECEIVED

    world.answers[DEAD] = never
    world.queue(world.dead, DEAD, 3)
    monkeypatch.setattr(logout_delivery, "wait", lambda running, **more: (set(), set(running)))
    try:
        world.seconds = 0.0
        counts = logout_delivery.deliver_due_logouts(
            lambda: NOW, iter([0.0, 0.0, 9.0, 9.0]).__next__
        )
    finally:
        release.set()
    assert counts["failed"] == 3
    assert world.lane.timeouts == 3
    row = LogoutDelivery.objects.first()
    assert row is not None
    assert (row.status, row.next_at) == (LogoutStatus.QUEUED, NOW + timedelta(seconds=10))


# --- two workers ---------------------------------------------------------------------------------


@pytest.mark.both
def test_a_lease_keeps_a_second_worker_away_and_ends_by_itself(world: World) -> None:
    world.queue(world.well, WELL, 1)
    LogoutDelivery.objects.update(leased_until=NOW + timedelta(seconds=60))
    assert world.sweep()["received"] == 0
    world.now = NOW + timedelta(seconds=60)
    assert world.sweep()["received"] == 1


@pytest.mark.both
def test_a_worker_that_comes_back_after_its_lease_does_not_undo_what_another_one_found(
    world: World,
) -> None:
    world.queue(world.well, WELL, 1)

    def slow() -> LogoutResult:
        world.answers[WELL] = lambda: RECEIVED
        world.now = NOW + logout_delivery.LEASE
        assert world.sweep()["received"] == 1
        world.now = NOW
        return LogoutResult(False, "timed out")

    world.answers[WELL] = slow
    world.sweep()
    row = LogoutDelivery.objects.get()
    assert (row.status, row.session_index, row.attempts) == (LogoutStatus.DONE, "", 2)
    assert world.calls_to(WELL) == 2


# --- shown to staff ------------------------------------------------------------------------------


def test_staff_sees_who_does_not_answer_and_when_it_is_tried_again(world: World) -> None:
    now = timezone.now()
    for _ in range(5):
        circuit_breaker.note_timeout(world.dead.pk, now)
    national = Client()
    agent = make_staff(StaffRole.NATIONAL)
    national.force_login(agent, backend="accounts.entry.login.backends.PasswordBackend")
    page = national.get(reverse("admin:cas_logoutdelivery_changelist")).text
    assert "ne répond pas" in page
    assert "5 fois de suite" in page
    lanes = national.get(reverse("admin:cas_logoutlane_changelist")).text
    assert str(world.dead) in lanes
    assert metrics.measure_cas(now)["cas_platforms_left_alone"] == 1
    circuit_breaker.note_answer(world.dead.pk)
    page = national.get(reverse("admin:cas_logoutdelivery_changelist")).text
    assert "ne répond pas" not in page
    lanes = national.get(reverse("admin:cas_logoutlane_changelist")).text
    assert str(world.dead) not in lanes
