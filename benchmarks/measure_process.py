"""What a process costs: memory of a web worker, start of a command, mails a second.

Memory is the resident size of gunicorn's worker after every page of a person was seen; the floor is
the same server with a bare view. Mails leave through the real sweep into an SMTP server on this
machine: BENCH_MAILS (1,000), by one worker and by two at once.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks import serving

MAILS = int(os.environ.get("BENCH_MAILS", "1000"))
STARTS = 7
PAGES = (
    "/services/",
    "/m-gestion/",
    "/m-gestion/demande/",
    "/compte/",
    "/cgu/",
    "/roles/",
    "/aide/",
)


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


def resident(process_id: int) -> int:
    """MB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


def worker_of(master: int) -> int:
    """gunicorn's only child."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(children[0])


def memory() -> Iterable[str]:
    sizes = {}
    env = serving.environment()
    for name in ("portal", "floor"):
        with serving.served(name, env) as site:
            if name == "portal":
                site.log_in("/cas/login", "username", "p2@garage.example.org")
                for _ in range(20):
                    for page in PAGES:
                        site.get(page)
            else:
                for _ in range(140):
                    site.get("/")
            sizes[name] = resident(worker_of(site.process_id))
    yield (
        f"memory of a web worker, warm: {sizes['portal']} MB (goal 100); with the portal's apps "
        f"and a bare view {sizes['floor']} MB"
    )


def starts() -> Iterable[str]:
    """The plan of a portal with nothing due, whole processes; in turns with a bare Django."""
    bare = "import django; from django.conf import settings; settings.configure(); django.setup()"
    commands = {
        "command": [sys.executable, "manage.py", "lifecycle", "plan"],
        "check": [sys.executable, "manage.py", "check"],
        "bare": [sys.executable, "-c", bare],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(
                command,
                cwd=serving.ROOT,
                env=serving.environment(),
                stdout=subprocess.DEVNULL,
                check=True,
            )
            spent[name].append(time.perf_counter() - began)
    took = {name: median(values) for name, values in spent.items()}
    yield (
        f"start of a command: {took['command']:.2f} s (goal 1.5); with all the checks "
        f"{took['check']:.2f} s; bare Django {took['bare']:.2f} s"
    )


SWEEP = """
import django; django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {port}
from uuid import uuid4
from django.utils import timezone
from mgestion.outbox.flows import deliver_due
while deliver_due(timezone.now, uuid4()).counts().get("accepted"):
    pass
"""


def mails() -> Iterable[str]:
    """Letters of a new access, which read the most; the clock starts with the first one."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.habilitations.flows import RESTORED_MAIL
    from accounts.habilitations.models import Access
    from mgestion.outbox.bulk import Letter, queue_many
    from mgestion.outbox.models import Mail, MailStatus
    from tests.outbox.sink import Sink

    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the sink tells each line of a mail
    accesses = list(Access.objects.select_related("user")[:1])
    for workers in (1, 2):
        Mail.objects.all().delete()
        with transaction.atomic():
            letters = [
                Letter(
                    subject=access.user.public_id,
                    cycle=str(number),
                    person=access.user.public_id,
                    data={"access": access.pk},
                )
                for access in accesses
                for number in range(MAILS)
            ]
            queue_many(RESTORED_MAIL, letters, now=timezone.now())
        with Sink() as sink:
            running = [
                subprocess.Popen(
                    [sys.executable, "-c", SWEEP.format(port=sink.port)],
                    cwd=serving.ROOT,
                    env=serving.environment(),
                )
                for _ in range(workers)
            ]
            sink.wait_for(1, 60)
            began = time.perf_counter()
            for process in running:
                process.wait()
            spent = time.perf_counter() - began
            twice = sink.count - len(sink.ids)
        sent = Mail.objects.filter(status=MailStatus.SENT).count()
        yield (
            f"{sent:,} mails, {workers} worker{'s' if workers > 1 else ''}: "
            f"{sent / spent:.0f} a second (goal 200), {twice} sent twice (goal 0)"
        )


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from benchmarks.measure_pages import fill

    settings.PASSWORD_HASHERS = serving.CHEAP
    fill(1)
    for part in (memory, starts, mails):
        for line in part():
            sys.stdout.write(f"· {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
