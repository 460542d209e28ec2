"""The faults, one after the other. Each may say what was seen of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from benchmarks.chaos.platforms import HANGING
from benchmarks.chaos.servers import World, shift_clock
from benchmarks.chaos.told import Told

PAUSE: Final = 6.0  # seconds that something is away, and between two faults
_HANGS: Final = 30.0  # seconds: seven calls without an answer
# The same tasks many times, from a broker that repeats itself.
_REPEAT: Final = """
import django; django.setup()
from mgestion.celery import app
for _ in range(15):
    for task in ("mgestion.outbox.tasks.deliver_mails", "lifecycle.tasks.settle_cases"):
        app.send_task(task)
    app.send_task("lifecycle.tasks.run_lifecycle", kwargs={"again": ".again"})
"""
Fault = tuple[str, Callable[[World, Told], str]]


def _while_away(name: str) -> Callable[[World, Told], str]:
    def fault(world: World, told: Told) -> str:
        with getattr(world, name)():
            time.sleep(PAUSE)
        return ""

    return fault


def _kill(name: str) -> Callable[[World, Told], str]:
    def fault(world: World, told: Told) -> str:
        world.kill_and_start(name)
        return ""

    return fault


def repeat_tasks(world: World, told: Told) -> str:
    world.stack.run("-c", _REPEAT)
    return ""


def crash_postgres(world: World, told: Told) -> str:
    world.crash_postgres()
    return ""


def hang_platform(world: World, told: Told) -> str:
    (platform,) = (one for one in world.platforms if one.code == HANGING)
    with platform.hanging():
        time.sleep(_HANGS)
        lag, alarms = world.read_figure("outbox_lag_seconds"), world.read_figure("alarm")
    rung = "no alarm" if alarms == 0 else "an alarm"
    return f"oldest mail due for {lag:.0f} s, {rung}"


def start_second_worker(world: World, told: Told) -> str:
    """Farther than CLOCK_TOLERANCE, and not so far that the ticks of beat are too old for it."""
    with world.second_worker(timedelta(seconds=45)):
        repeat_tasks(world, told)  # enough for both
        time.sleep(PAUSE)
        said = world.stack.read_log("second worker")
    did = sum('"logger": "mgestion.jobs.flows"' in line for line in said)
    refused = sum("CLOCK_TOLERANCE" in line for line in said)
    return f"it did {did} jobs, and said {refused} times why"


def shift_worker(world: World, told: Told) -> str:
    world.kill_and_start("worker", **shift_clock(timedelta(minutes=-5)))
    time.sleep(2 * PAUSE)
    before = world.count_runs()
    time.sleep(PAUSE)
    done = world.count_runs() - before
    world.kill_and_start("worker")
    return f"{done} runs of jobs meanwhile"


def _shift_web(minutes: int) -> Callable[[World, Told], str]:
    def fault(world: World, told: Told) -> str:
        world.kill_and_start("web", **shift_clock(timedelta(minutes=minutes)))
        time.sleep(PAUSE)
        skew = world.read_figure("clock_skew_seconds")
        world.kill_and_start("web")
        return f"`mgestion_clock_skew_seconds` {skew:.0f}"

    return fault


def shift_database(world: World, told: Told) -> str:
    world.shift_postgres(timedelta(minutes=5))
    time.sleep(2 * PAUSE)
    before = world.count_runs()
    time.sleep(PAUSE)
    skew, done = world.read_figure("clock_skew_seconds"), world.count_runs() - before
    world.crash_postgres()
    return f"`mgestion_clock_skew_seconds` {skew:.0f}, {done} runs of jobs meanwhile"


def fill_portal_disk(world: World, told: Told) -> str:
    if world.disk is None:
        return "not tried: needs root"
    try:
        world.disk.keep_full(3 * PAUSE)
    finally:
        world.disk.empty()
    return f"{len(told.refused)} messages kept in their box, without their document"


def fill_database_disk(world: World, told: Told) -> str:
    if world.database_disk is None:
        return "not tried: needs root"
    try:
        world.database_disk.keep_full(2 * PAUSE)
        ended = world.use_up_log()
        time.sleep(PAUSE)
    finally:
        world.database_disk.empty()
    started = world.revive_postgres()
    word = "its log had no room, and it stopped" if ended else "it went on"
    return f"{word}{'; started again by hand' if started else ''}"


FAULTS: Final[tuple[Fault, ...]] = (
    ("web five minutes ahead", _shift_web(5)),
    ("kill -9 of web", _kill("web")),
    ("kill -9 of the worker", _kill("worker")),
    ("kill -9 of beat", _kill("beat")),
    ("tasks repeated 45 times", repeat_tasks),
    ("PostgreSQL crashes and starts again", crash_postgres),
    ("PostgreSQL frozen", _while_away("frozen_postgres")),
    ("Redis stopped", _while_away("stopped_redis")),
    ("Redis frozen", _while_away("frozen_redis")),
    ("the mail relay stopped", _while_away("stopped_smtp")),
    ("the mail relay silent", _while_away("silent_smtp")),
    ("a platform hangs on single logout", hang_platform),
    ("the disk of documents, /tmp and logs is full", fill_portal_disk),
    ("PostgreSQL's disk is full", fill_database_disk),
    ("a second worker, 45 seconds ahead", start_second_worker),
    ("the worker five minutes behind", shift_worker),
    ("web five minutes behind", _shift_web(-5)),
    ("PostgreSQL five minutes ahead", shift_database),
    ("kill -9 of the worker, again", _kill("worker")),
    ("kill -9 of web, again", _kill("web")),
)
# Each may leave one second copy of a mail: accepted by the relay, and not yet written down.
WORKER_KILLS: Final = 5
DATABASE_ENDS: Final = 4
