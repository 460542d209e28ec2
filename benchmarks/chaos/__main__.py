"""Runs the faults one after the other under the load of a few people, then the checker.

python -m benchmarks.chaos [PEOPLE]        the report goes to docs/chaos.md
"""

from __future__ import annotations

import contextlib
import json
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.people import Applicant, Reviewer
from benchmarks.chaos.report import Setting, write_report
from benchmarks.chaos.servers import World, open_world
from benchmarks.chaos.told import Held, Told, compare
from tests.servers.stack import NATIONAL, STAFF_PASSWORD
from tests.servers.visitor import Visitor

ROOT: Final = Path(__file__).resolve().parents[2]
AT_ONCE: Final = 4  # people at work at the same time
PAUSE: Final = 6.0  # seconds that something is away, and between two faults
IDLE: Final = 20  # accounts whose 24 months are over
SETTLE: Final = 150.0  # seconds in which what waits is sent, once all is well again
_IDLE: Final = f"""
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from tests.factories.habilitations import make_user
now = timezone.now()
for number in range({IDLE}):
    then = now - timedelta(days=800)
    make_user(email=f"inactive.fictive{{number}}@garage-calme.example.org",
              status_since=then, clock_from=then, created_at=then)
"""
_CODE: Final = """
import django; django.setup()
from django.utils import timezone
from tests.factories.factors import code
print(code(timezone.now()))
"""
# The same tasks many times, from a broker that repeats itself.
_REPEAT: Final = """
import django; django.setup()
from mgestion.celery import app
for _ in range(15):
    for task in ("mgestion.outbox.tasks.deliver_mails", "lifecycle.tasks.settle_cases"):
        app.send_task(task)
    app.send_task("lifecycle.tasks.run_lifecycle", kwargs={"again": ".again"})
"""
_HELD: Final = """
import json, django; django.setup()
from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from lifecycle.ledger.entries import get_reference
from lifecycle.models import LedgerEntry
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.requests.models import Request
of = {str(u.public_id): u.email for u in User.objects.all()}
references = {get_reference(u.public_id): u.email for u in User.objects.all()}
print(json.dumps({
    "accounts": [(u.email, u.status) for u in User.objects.filter(email__startswith="camille.")],
    "requests": [(r.reference, r.user.email, r.status)
                 for r in Request.objects.select_related("user")],
    "accesses": [a.user.email for a in Access.objects.select_related("user")],
    "acts": [(e.act, of.get(str(e.person), "")) for e in Entry.objects.exclude(person=None)],
    "mails": [(m.message_id, m.kind, m.to, m.status) for m in Mail.objects.all()],
    "cases": [(references.get(line.reference, "?"), line.line)
              for line in LedgerEntry.objects.all()],
}))
"""
Fault = tuple[str, Callable[[World], None]]


def _while_away(name: str) -> Callable[[World], None]:
    def fault(world: World) -> None:
        with getattr(world, name)():
            time.sleep(PAUSE)

    return fault


FAULTS: Final[tuple[Fault, ...]] = (
    ("kill -9 of web", lambda world: world.kill_and_start("web")),
    ("kill -9 of the worker", lambda world: world.kill_and_start("worker")),
    ("kill -9 of beat", lambda world: world.kill_and_start("beat")),
    ("tasks repeated 45 times", lambda world: _say_nothing(world.stack.run("-c", _REPEAT))),
    ("PostgreSQL crashes and starts again", lambda world: world.crash_postgres()),
    ("PostgreSQL frozen", _while_away("frozen_postgres")),
    ("Redis stopped", _while_away("stopped_redis")),
    ("Redis frozen", _while_away("frozen_redis")),
    ("the mail relay stopped", _while_away("stopped_smtp")),
    ("the mail relay silent", _while_away("silent_smtp")),
    ("a second worker, ten minutes ahead", _while_away("wrong_clock")),
    ("kill -9 of the worker, again", lambda world: world.kill_and_start("worker")),
    ("kill -9 of web, again", lambda world: world.kill_and_start("web")),
)
KILLS: Final = 3  # of a worker: each may leave one second copy of a mail


def _say_nothing(text: str) -> None:
    return None


def log_in_agent(world: World) -> Visitor:
    agent = Visitor(world.stack.url, world.stack.authority)
    page = agent.submit(
        agent.get("/admin/"), "password", username=NATIONAL, password=STAFF_PASSWORD
    )
    agent.submit(page, "code", code=world.stack.run("-c", _CODE).strip())
    return agent


@contextlib.contextmanager
def crowd(world: World, told: Told) -> Iterator[None]:
    """People come one after the other, AT_ONCE at a time, until the block ends; those who began
    finish.
    """
    enough, never = threading.Event(), threading.Event()
    references: queue.Queue[str] = queue.Queue()
    numbers = iter(range(10_000))
    reviewer = Reviewer(log_in_agent(world), told, never)

    def live() -> None:
        while not enough.is_set():
            stack = world.stack
            person = Applicant(next(numbers), stack.url, stack.authority, world.box, told, never)
            reference = person.run()
            if reference:
                references.put(reference)

    def review() -> None:
        while (reference := references.get()) != "":
            reviewer.accept(reference)

    with ThreadPoolExecutor(max_workers=AT_ONCE + 1) as pool:
        people = [pool.submit(live) for _ in range(AT_ONCE)]
        desk = pool.submit(review)
        try:
            yield
        finally:
            enough.set()
            for one in people:
                one.result()
            references.put("")
            desk.result()


def settle(world: World) -> dict[str, Any]:
    """What is held once nothing waits any more, or SETTLE seconds are over."""
    until = time.monotonic() + SETTLE
    while True:
        found: dict[str, Any] = json.loads(world.stack.run("-c", _HELD))
        waiting = [mail for mail in found["mails"] if mail[3] == "queued"]
        if not waiting or time.monotonic() > until:
            return found
        time.sleep(5)


def main() -> int:
    began, lines = time.monotonic(), []
    told = Told()
    with tempfile.TemporaryDirectory(prefix="mgchaos-") as place, open_world(Path(place)) as world:
        world.stack.run("-c", _IDLE)
        with crowd(world, told):
            time.sleep(PAUSE)
            for name, fault in FAULTS:
                before = told.lost_answers
                start = time.monotonic()
                fault(world)
                time.sleep(PAUSE)
                lines.append((name, time.monotonic() - start, told.lost_answers - before))
                _say(f"   {name}: {lines[-1][1]:.0f} s, {lines[-1][2]} answers lost")
        found = settle(world)
        rows: dict[str, Any] = {
            name: [tuple(row) if isinstance(row, list) else row for row in found[name]]
            for name in found
        }
        held = Held(**rows, received=dict(world.box.copies))
    idle = [f"inactive.fictive{number}@garage-calme.example.org" for number in range(IDLE)]
    faults = compare(told, held, idle=idle, copies_allowed=KILLS)
    report = write_report(
        Setting(AT_ONCE, IDLE, PAUSE, KILLS), told, held, lines, faults, time.monotonic() - began
    )
    (ROOT / "docs/chaos.md").write_text(report, encoding="utf-8")
    _say(report)
    return 1 if faults else 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
