"""Runs the faults one after the other under the load of a few people, then the checker.

python -m benchmarks.chaos            every fault; the report goes to docs/chaos.md
python -m benchmarks.chaos disk web   those whose name has one of these words; no report is kept
"""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.disks import enter_namespace
from benchmarks.chaos.faults import DATABASE_ENDS, FAULTS, PAUSE, WORKER_KILLS
from benchmarks.chaos.people import Applicant, Client, Reviewer
from benchmarks.chaos.platforms import Rider
from benchmarks.chaos.report import Line, Setting, write_report
from benchmarks.chaos.servers import World, open_world
from benchmarks.chaos.told import Held, Told, compare
from tests.servers.stack import NATIONAL, STAFF_PASSWORD

ROOT: Final = Path(__file__).resolve().parents[2]
AT_ONCE: Final = 4  # people at work at the same time
RIDERS: Final = 3  # people who enter platforms and log out
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
_RIDERS: Final = f"""
import django; django.setup()
import sys
from django.utils import timezone
from accounts.habilitations.platforms.models import Platform
from tests.factories.cas import make_platform
from tests.factories.habilitations import make_access
from tests.factories.people import person
now = timezone.now()
places = [make_platform(code, f"https://{{code}}.example.org", slo_url=url)
          for code, url in zip(sys.argv[1::2], sys.argv[2::2])]
for number in range({RIDERS}):
    user = person(f"passage.fictif{{number}}@garage-calme.example.org", now=now)
    for place in places:
        make_access(user=user, platform=place, dashboard="", granted_at=now)
"""
_HELD: Final = """
import hashlib, json, django; django.setup()
from accounts.cas.models import LogoutDelivery
from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from lifecycle.ledger.entries import get_reference
from lifecycle.models import LedgerEntry
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.conversation.models import RequestMessage
from registrations.documents.files import get_documents_folder, get_stored_path
from registrations.requests.document_models import Upload
from registrations.requests.models import Request
def is_whole(upload):
    path = get_stored_path(upload.stored)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == upload.digest
uploads = list(Upload.objects.select_related("request"))
of = {str(u.public_id): u.email for u in User.objects.all()}
references = {get_reference(u.public_id): u.email for u in User.objects.all()}
print(json.dumps({
    "accounts": [(u.email, u.status) for u in User.objects.filter(email__startswith="camille.")],
    "requests": [(r.reference, r.user.email, r.status)
                 for r in Request.objects.select_related("user")],
    "accesses": [a.user.email for a in Access.objects.select_related("user")
                 if a.user.email.startswith("camille.")],
    "acts": [(e.act, of.get(str(e.person), "")) for e in Entry.objects.exclude(person=None)],
    "mails": [(m.message_id, m.kind, m.to, m.status) for m in Mail.objects.all()],
    "messages": [(m.pk, m.request.reference, m.by_staff, m.text)
                 for m in RequestMessage.objects.select_related("request")],
    "uploads": [(u.request.reference, u.digest, is_whole(u)) for u in uploads],
    "message_mails": [(m.kind, m.cycle) for m in Mail.objects.filter(
        kind__in=["registrations.message_to_desk", "registrations.message_to_person"])],
    "orphans": sum(path.is_file() for path in get_documents_folder().rglob("*")) - len(uploads),
    "logouts_waiting": LogoutDelivery.objects.filter(status="queued").count(),
    "cases": [(references.get(line.reference, "?"), line.line)
              for line in LedgerEntry.objects.all()],
}))
"""


def log_in_agent(world: World) -> Client:
    agent = Client(world.stack.url, world.stack.authority)
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
            reviewer.handle(reference)

    def ride(number: int) -> None:
        stack, platforms = world.stack, world.platforms
        address = f"passage.fictif{number}@garage-calme.example.org"
        Rider(address, stack.url, stack.authority, platforms, told, never).ride(enough)

    with ThreadPoolExecutor(max_workers=AT_ONCE + RIDERS + 1) as pool:
        people = [pool.submit(live) for _ in range(AT_ONCE)]
        people += [pool.submit(ride, number) for number in range(RIDERS)]
        desk = pool.submit(review)
        try:
            yield
        except BaseException:
            never.set()  # Ctrl-C, or a fault that failed: nobody tries again
            raise
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
        if not (waiting or found["logouts_waiting"]) or time.monotonic() > until:
            return found
        time.sleep(5)


def break_things(world: World, told: Told, words: list[str]) -> list[Line]:
    """Every fault, or those named by `words`, with a rest after it."""
    lines = []
    for name, fault in FAULTS:
        if words and not any(word in name for word in words):
            continue
        before, start = told.lost_answers, time.monotonic()
        seen = fault(world, told)
        ended = world.start_ended()
        time.sleep(PAUSE)
        ended += world.start_ended()
        if ended:
            seen = f"{seen}; {', '.join(sorted(set(ended)))} ended by itself".removeprefix("; ")
        now = time.monotonic()
        lines.append(Line(name, start, now, told.lost_answers - before, seen))
        _say(f"   {name}: {now - start:.0f} s, {lines[-1].lost} answers lost. {seen}")
    return lines


def main() -> int:
    enter_namespace("benchmarks.chaos")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is open is closed
    began = time.monotonic()
    told = Told()
    with tempfile.TemporaryDirectory(prefix="mgchaos-") as place, open_world(Path(place)) as world:
        world.stack.run("-c", _IDLE)
        addresses = [word for one in world.platforms for word in (one.code, one.logout_url)]
        world.stack.run("-c", _RIDERS, *addresses)
        with crowd(world, told):
            time.sleep(PAUSE)
            lines = break_things(world, told, sys.argv[1:])
        found = settle(world)
        orphans, _ = found.pop("orphans"), found.pop("logouts_waiting")
        rows: dict[str, Any] = {
            name: [tuple(row) if isinstance(row, list) else row for row in found[name]]
            for name in found
        }
        logouts = {platform.code: list(platform.told) for platform in world.platforms}
        held = Held(**rows, received=dict(world.box.copies), logouts=logouts)
    ran = any(line.name.startswith("tasks repeated") for line in lines)  # with the lifecycle's
    idle = [f"inactive.fictive{number}@garage-calme.example.org" for number in range(IDLE * ran)]
    faults = compare(told, held, idle=idle, copies_allowed=WORKER_KILLS + DATABASE_ENDS)
    setting = Setting(AT_ONCE, RIDERS, IDLE, PAUSE, WORKER_KILLS, DATABASE_ENDS, orphans)
    report = write_report(setting, told, held, lines, faults, time.monotonic() - began)
    if not sys.argv[1:]:
        (ROOT / "docs/chaos.md").write_text(report, encoding="utf-8")
    _say(report)
    return 1 if faults else 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
