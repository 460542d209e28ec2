"""The whole portal as processes: web server, the jobs (tests/browser/worker.py), mail server."""

import contextlib
import email
import email.policy
import functools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.errors import ServerFailed
from tests.servers.migrated import migrated_database
from tests.servers.processes import (
    ROOT,
    ChildProcess,
    LineProcess,
    free_port,
    stop,
    wait_until,
)


@dataclass
class Sink:
    """A real SMTP server that keeps what it accepts."""

    messages: list[EmailMessage] = field(default_factory=list)
    senders: list[ChildProcess] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def wait_for(self, address: str, subject: str) -> EmailMessage:
        """The latest mail to `address` whose subject holds `subject`."""
        try:
            wait_until(lambda: bool(self._find(address, subject)), *self.senders)
        except ServerFailed as trouble:
            seen = [(str(m["To"]), str(m["Subject"])) for m in self.messages]
            trouble.add_note(f"No mail to {address} about {subject!r}; seen: {seen}")
            raise
        return self._find(address, subject)[-1]

    def _find(self, address: str, subject: str) -> list[EmailMessage]:
        return [
            message
            for message in list(self.messages)
            if address in str(message["To"]) and subject.lower() in str(message["Subject"]).lower()
        ]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(message: EmailMessage, fragment: str) -> str:
    """The first link of the plain text that holds `fragment`."""
    for link in re.findall(r"https?://\S+", text_of(message)):
        if fragment in link:
            return str(link).rstrip(".,;)")
    raise AssertionError(f"no link with {fragment!r} in:\n{text_of(message)}")


@dataclass
class Portal:
    url: str
    sink: Sink
    environment: dict[str, str]
    worker: LineProcess | None = None

    def lay_demo_again(self) -> None:
        """Puts the demo's rows in the place of what people made of them, under the running
        processes: SQLite's backup is one transaction to them.
        """
        live = Path(self.environment["DATA_DIR"], "portal.sqlite3")
        with (
            contextlib.closing(sqlite3.connect(live.with_name("demo.sqlite3"))) as demo,
            contextlib.closing(sqlite3.connect(live, timeout=60)) as database,
        ):
            demo.backup(database)
        self.sink.messages.clear()

    def run(self, program: str) -> None:
        """Runs a Python program in the worker."""
        assert self.worker is not None
        self.worker.write_line(json.dumps(program))
        trouble = json.loads(self.worker.read_line())
        assert not trouble, trouble


@contextmanager
def _process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[ChildProcess]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield ChildProcess(process, log)
        finally:
            stop(process, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a loopback address
            return bool(answer.status == 200)
    except OSError:
        return False


# In one process: each start of Django takes a second of processor time. The people of the demo have
# a few passwords between them, hashed once each; and a sixth of its closed requests is enough.
_COMMANDS = """
import functools
import django
django.setup()
from django.contrib.auth import base_user
from django.core.management import call_command
from registrations.demo import crowd
base_user.make_password = functools.cache(base_user.make_password)
crowd.CLOSED = 36
for command in ("load_reference", "load_demo", "register_demo_platform"):
    call_command(command)
"""


@functools.cache
def _demo_folder() -> tempfile.TemporaryDirectory[str]:
    """Where this process keeps the demo's data folder, to be copied by each portal: making it
    takes longer than most tests.
    """
    return tempfile.TemporaryDirectory(prefix="mgdemo-")


def _lay_data(environment: dict[str, str], data: Path) -> None:
    whole = Path(_demo_folder().name) / "whole"
    if not whole.exists():
        making = Path(tempfile.mkdtemp(dir=whole.parent))
        shutil.copyfile(migrated_database(), making / "portal.sqlite3")
        here = {**environment, "DATA_DIR": str(making)}
        subprocess.run([sys.executable, "-c", _COMMANDS], cwd=ROOT, env=here, check=True)
        shutil.copyfile(making / "portal.sqlite3", making / "demo.sqlite3")
        making.rename(whole)
    shutil.copytree(whole, data)


@functools.cache
def _platform_port() -> int:
    """One for the process: the copied data hold the address."""
    return free_port()


@contextmanager
def running_platform(portal: Portal) -> Iterator[str]:
    """The demo's second platform beside `portal`; its address."""
    port, data = portal.environment["DEMO_PLATFORM_PORT"], Path(portal.environment["DATA_DIR"])
    command = [sys.executable, "-m", "mgestion.launch.demo_platform", "--port", port]
    command += ["--portal", portal.url, "--token-file", str(data / "run" / "demo-platform-token")]
    url = f"http://127.0.0.1:{port}"
    with _process(command, portal.environment, data.parent / "platform.log") as process:
        wait_until(lambda: _answers(f"{url}/campus.css"), process)
        yield url


@contextmanager
def running_web(port: int, environment: dict[str, str], log: Path) -> Iterator[str]:
    """The portal's web server, as the demo runs it; its address."""
    command = [sys.executable, "-m", "gunicorn", "mgestion.wsgi", "-b", f"127.0.0.1:{port}"]
    command += ["-w", "2", "-k", "gthread", "--threads", "4", "--no-control-socket"]
    command.append("--preload")  # as many processes, but Django is imported once
    url = f"http://127.0.0.1:{port}"
    with _process(command, environment, log) as process:
        wait_until(lambda: _answers(f"{url}/healthz"), process)
        yield url


@contextmanager
def running_portal(folder: Path) -> Iterator[Portal]:
    """A portal with reference and demo data in `folder`, its worker and its mail server."""
    sink = Sink()
    # A busy machine takes long to answer on a port that it listens on.
    smtp = Controller(sink, hostname="127.0.0.1", port=free_port(), ready_timeout=90.0)
    port = free_port()
    plain = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment = {
        **plain,
        "DJANGO_SETTINGS_MODULE": "mgestion.settings",
        "MGESTION_MODE": "embedded",
        "MGESTION_TESTING": "1",
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "DEMO_PLATFORM_PORT": str(_platform_port()),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp.port}",
        "PYTHONWARNINGS": "",
        # The demo's own, which a portal under test does not ask by itself.
        "COMPANY_DIRECTORY_URL": f"http://127.0.0.1:{port}/annuaire-de-demonstration/?q={{siret}}",
    }
    portal = Portal(url=f"http://127.0.0.1:{port}", sink=sink, environment=environment)
    with ExitStack() as stack:
        smtp.start()
        stack.callback(smtp.stop)
        _lay_data(environment, folder / "data")
        portal.worker = LineProcess(
            "tests.browser.worker", environment=environment, log=folder / "worker.log"
        )
        stack.callback(portal.worker.kill)
        sink.senders.append(portal.worker.child)
        stack.enter_context(running_web(port, environment, folder / "web.log"))
        yield portal
