"""Mails and single logout as production runs them: beat, the three workers of docker-compose.yml, a
PostgreSQL and a Redis of this machine, a mail server in a process of its own.

Each scenario says what it measures; BENCH_MAILS (2,500) letters. Times of a mail are those of its
acceptance by the server.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import serving
from benchmarks.verdicts import judge, size
from tests.servers.processes import free_port

MAILS = size("BENCH_MAILS", 2500, 200)
WAITING = size("BENCH_WAITING", 4000, 300)
KILLS = 3
WORKERS = {"celery": 4, "mail": 2, "platforms": 2}
PATIENCE = 240.0
DEAD_LOGOUTS, HEALTHY_LOGOUTS = size("BENCH_LOGOUTS", 1000, 50), 50
_RESETS = iter(range(1, 100))


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


class Sink:
    """`benchmarks.slow_smtp` in a process; what it accepted, and when."""

    def __init__(self, milliseconds: int) -> None:
        self.port, self.file = free_port(), Path(tempfile.mkstemp(prefix="mgsink-")[1])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.slow_smtp", str(self.port), str(milliseconds),
             str(self.file)],
            cwd=serving.ROOT,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            assert time.monotonic() < deadline
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self.file.unlink()

    @property
    def accepted(self) -> list[tuple[float, str]]:
        """Seconds since 1970, Message-ID; in the order of acceptance."""
        lines = (line.split() for line in self.file.read_text().splitlines())
        return [(float(words[0]), words[1]) for words in lines if len(words) == 2]

    @property
    def copies(self) -> int:
        return sum(self.ids.values()) - len(self.ids)

    @property
    def ids(self) -> Counter[str]:
        return Counter(found for _, found in self.accepted)


@contextlib.contextmanager
def portal(sink: Sink) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The workers and beat, by name, once each watched job has run."""
    from mgestion.jobs.models import JobRun

    JobRun.objects.all().delete()
    folder = tempfile.mkdtemp(prefix="mgbeat-")
    env = serving.environment(SMTP_URL=f"smtp://127.0.0.1:{sink.port}")
    celery = [sys.executable, "-m", "celery", "-A", "mgestion"]
    commands = {
        name: [*celery, "worker", "-Q", name, "-c", str(size), "-n", f"{name}@%h", "-l", "ERROR"]
        for name, size in WORKERS.items()
    }
    commands["beat"] = [*celery, "beat", "-l", "ERROR", "--schedule", f"{folder}/beat"]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = {
        name: subprocess.Popen(command, cwd=serving.ROOT, env=env, start_new_session=True, **quiet)
        for name, command in commands.items()
    }
    try:
        _wait(lambda: len(Lateness().seen()) == len(Lateness.PERIODS), "the workers' first runs")
        yield running
    finally:
        for process in running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _wait(is_done: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_done():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)


class Lateness:
    """How late jobs ran: the time since the last success, less the job's period, at its worst."""

    PERIODS = {"entry.settle": 2.0, "cas.single_logout": 5.0, "jobs.beat": 30.0}

    def __init__(self) -> None:
        self.worst = dict.fromkeys(self.PERIODS, 0.0)

    def seen(self) -> dict[str, datetime]:
        from mgestion.jobs.flows import find_last_successes

        return {job: at for job, at in find_last_successes().items() if job in self.PERIODS}

    def look(self) -> None:
        from django.utils import timezone

        now = timezone.now()
        for job, last in self.seen().items():
            late = (now - last).total_seconds() - self.PERIODS[job]
            self.worst[job] = max(self.worst[job], late)

    def __str__(self) -> str:
        return ", ".join(f"{job} {late:.1f} s" for job, late in self.worst.items())


def letters(count: int) -> None:
    """Letters of a new access, which read the most."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.habilitations.accesses.flows import RESTORED_MAIL
    from accounts.habilitations.accesses.models import Access
    from mgestion.outbox.flows import NewMail, queue_mails
    from mgestion.outbox.models import Mail

    Mail.objects.all().delete()
    access = Access.objects.select_related("user")[0]
    person = access.user.public_id
    with transaction.atomic():
        asked = [
            NewMail(subject=person, cycle=str(number), person=person, data={"access": access.pk})
            for number in range(count)
        ]
        queue_mails(RESTORED_MAIL, asked, now=timezone.now())


def ask_reset() -> tuple[float, Any]:
    """Somebody posts « mot de passe oublié »; when, and how to find the mail."""
    from django.utils import timezone

    from accounts.entry.posted_requests import Kind, post_request

    address = f"p{next(_RESETS)}@garage.example.org"
    post_request(Kind.RESET, address, now=timezone.now())

    def message_id() -> str:
        from accounts.people.models import User
        from mgestion.outbox.models import Mail

        person = User.objects.get(email_key=address).public_id
        found = Mail.objects.filter(kind="entry.reset", person=person)
        return str(found.values_list("message_id", flat=True).first() or "")

    return time.time(), message_id


def until_accepted(sink: Sink, asked: tuple[float, Any], late: Lateness) -> float:
    """Seconds from the post to the acceptance of the reset's mail."""
    began, message_id = asked
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        late.look()
        wanted = message_id()
        for at, found in sink.accepted:
            if wanted and found.strip("<>") == wanted.strip("<>"):
                return at - began
        time.sleep(0.2)
    raise AssertionError("the reset never left")


def _postgres() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(serving.read_stat(cursor.fetchone()[0])[1])  # its parent


def rate(milliseconds: int, goal: int) -> Iterable[str]:
    from mgestion.outbox.models import Mail, MailStatus

    sink = Sink(milliseconds)
    try:
        with portal(sink) as running:
            letters(MAILS)
            whole = {"Python": running["mail"].pid, "PostgreSQL": _postgres(), "sink": sink.pid}
            before = {name: serving.processor(process_id) for name, process_id in whole.items()}
            _wait(lambda: len(sink.ids) >= MAILS, "every mail")
            spent = {
                name: (serving.processor(process_id) - before[name]) / MAILS * 1000
                for name, process_id in whole.items()
            }
            total = sum(spent.values())
            times = [at for at, _ in sink.accepted]
            # From the first acceptance on: the wait for beat is not the rate.
            speed = (MAILS - 1) / (times[MAILS - 1] - times[0])
            _wait(
                lambda: Mail.objects.filter(status=MailStatus.SENT).count() == MAILS, "the records"
            )
            what = f"{MAILS:,} letters, {milliseconds} ms a command"
            yield judge(f"{what}, a second", speed, goal, at_least=True)
            yield judge(f"{what}, sent twice", sink.copies, 0)
            yield (
                f"   {total:.1f} ms of processor "
                f"a letter ({', '.join(f'{name} {took:.1f}' for name, took in spent.items())}), "
                f"so at most {(os.cpu_count() or 1) * 1000 / total:.0f} a second on "
                f"{os.cpu_count()} processors; the load was {os.getloadavg()[0]:.0f}"
            )
    finally:
        sink.stop()


def reset_behind_letters() -> Iterable[str]:
    """Many letters wait, the relay takes 20 ms a command, and people ask for a reset."""
    sink, late = Sink(20), Lateness()
    try:
        with portal(sink):
            letters(WAITING)
            _wait(lambda: len(sink.accepted) > WAITING // 40, "the letters' beginning")
            took = []
            for _ in range(5):
                took.append(until_accepted(sink, ask_reset(), late))
                time.sleep(1.3)
            left = WAITING - len(sink.ids)
            what = f"a reset behind {left:,} letters and more, 20 ms a command"
            more = f"{sorted(took)[2]:.1f} in the middle"
            yield judge(f"{what}: accepted after", max(took), 5, " s", more=more)
            yield judge("   other jobs late by", max(late.worst.values()), 10, " s", more=str(late))
    finally:
        sink.stop()


def dead_platform() -> Iterable[str]:
    """1,000 logouts wait for a platform that accepts and never answers."""
    from django.utils import timezone

    from accounts.cas.models import LogoutDelivery, LogoutLane, LogoutStatus
    from accounts.habilitations.platforms.models import Platform
    from mgestion.outbox.models import Mail

    LogoutDelivery.objects.all().delete()
    LogoutLane.objects.all().delete()
    Mail.objects.all().delete()
    sink, late = Sink(0), Lateness()
    dead, well = Platform.objects.filter(enabled=True)[:2]
    silent = socket.create_server(("127.0.0.1", 0), backlog=2000)
    healthy_port = free_port()
    healthy = subprocess.Popen(
        [sys.executable, "-c", HEALTHY.format(port=healthy_port)], cwd=serving.ROOT
    )

    def queue(platform: Any, port: int, count: int) -> None:
        now = timezone.now()
        LogoutDelivery.objects.bulk_create(
            LogoutDelivery(
                platform=platform, url=f"http://127.0.0.1:{port}/", session_index="ST-x",
                tail="x", reason="idle", next_at=now, queued_at=now,
            )
            for _ in range(count)
        )  # fmt: skip

    try:
        with portal(sink):
            queue(dead, silent.getsockname()[1], DEAD_LOGOUTS)
            began = time.time()
            took = [until_accepted(sink, ask_reset(), late)]
            queue(well, healthy_port, HEALTHY_LOGOUTS)
            began = time.time()
            done = LogoutDelivery.objects.filter(platform=well, status=LogoutStatus.DONE)
            _wait(lambda: done.count() == HEALTHY_LOGOUTS, "the healthy platform's logouts")
            others = time.time() - began
            for _ in range(4):
                took.append(until_accepted(sink, ask_reset(), late))
                time.sleep(2)
            waiting = LogoutDelivery.objects.filter(platform=dead, attempts=0).count()
            what = f"{DEAD_LOGOUTS:,} logouts to a platform that never answers ({waiting} untried)"
            yield judge(f"{what}: a reset leaves after", max(took), 10, " s")
            yield judge(f"   {HEALTHY_LOGOUTS} logouts of another are told after", others, 10, " s")
            yield judge("   other jobs late by", max(late.worst.values()), 10, " s", more=str(late))
    finally:
        silent.close()
        healthy.kill()
        healthy.wait(30)
        sink.stop()


HEALTHY = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *said): pass
ThreadingHTTPServer(("127.0.0.1", {port}), Answer).serve_forever()
"""


def killed() -> Iterable[str]:
    """Three mail processes are killed at work, one after the other."""
    from mgestion.outbox.models import Mail, MailStatus

    sink, count = Sink(10), WAITING // 4
    try:
        with portal(sink) as running:
            letters(count)
            for number in range(KILLS):
                _wait(lambda so_far=count // 5 * (number + 1): len(sink.ids) >= so_far, "letters")
                master = running["mail"].pid
                children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
                os.kill(int(children[number % len(children)]), signal.SIGKILL)
            # What the dead had claimed waits for the end of its lease: a minute.
            _wait(
                lambda: Mail.objects.filter(status=MailStatus.SENT).count() == count, "every mail"
            )
            what = f"{KILLS} mail processes killed at work (-9)"
            yield judge(f"{what}: letters that arrived", len(sink.ids), count, at_least=True)
            yield judge("   sent twice", sink.copies, KILLS)
    finally:
        sink.stop()


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from benchmarks.measure_pages import fill

    settings.PASSWORD_HASHERS = serving.CHEAP
    fill(40)
    only = os.environ.get("BENCH_MAILS_ONLY", "")
    parts: dict[str, Any] = {
        "fast": lambda: rate(0, 200),
        "slow": lambda: rate(10, 100),
        "reset": reset_behind_letters,
        "dead": dead_platform,
        "killed": killed,
    }
    for name, part in parts.items():
        if only and name not in only.split(","):
            continue
        for line in part():
            sys.stdout.write(f"· {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
