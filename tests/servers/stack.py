"""The portal as production runs it: Caddy, gunicorn, worker, beat, PostgreSQL behind PgBouncer,
Redis and a mail relay, each a real process with production's settings.

The smoke test, `make load` and `make chaos` start it.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.servers.caddy import caddy_server
from tests.servers.processes import ROOT, ChildProcess, free_port, wait_until

CELERY: Final = ("celery", "-A", "mgestion")
NATIONAL: Final = "agent.national@opco.example.org"
STAFF_PASSWORD: Final = "Demonstration-Agent-2026"
# In one process: each start of Django takes a second of processor time. An agent with a second
# factor (SECRET of tests/factories/factors.py) is there to decide.
_PREPARE: Final = f"""
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
call_command("load_reference")
call_command("collectstatic", interactive=False, verbosity=0)
from accounts.habilitations.enums import StaffRole
from tests.factories.factors import give_factor
from tests.factories.habilitations import make_staff, make_user
now = timezone.now()
user = make_user(email={NATIONAL!r}, password={STAFF_PASSWORD!r}, status_since=now, clock_from=now,
                 created_at=now)
give_factor(make_staff(StaffRole.NATIONAL, user=user), now=now)
"""


@dataclass
class Stack:
    """`start` and `stop` one of its own processes (web, worker, beat) by name."""

    url: str
    web_port: int
    folder: Path
    environment: Mapping[str, str]
    authority: Path = Path()
    children: dict[str, ChildProcess] = field(default_factory=dict)

    def command(self, name: str) -> list[str]:
        words = {
            "web": (
                *("gunicorn", "-c", "python:mgestion.launch.web_server"),
                *("-b", f"127.0.0.1:{self.web_port}", "mgestion.wsgi"),
            ),
            "worker": (*CELERY, "worker", "--concurrency", "2", "--loglevel", "INFO"),
            "second worker": (
                *(*CELERY, "worker", "--concurrency", "2", "--loglevel", "INFO"),
                *("-n", "second@%h"),
            ),
            "beat": (*CELERY, "beat", "--schedule", str(self.folder / "beat")),
        }
        return [sys.executable, "-m", *words[name]]

    def start(self, name: str, **variables: str) -> None:
        """`variables`: for this start alone."""
        with (self.folder / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(
                self.command(name),
                cwd=ROOT,
                env={**self.environment, **variables},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.children[name] = ChildProcess(process, self.folder / f"{name}.log")

    def kill(self, name: str) -> None:
        """SIGKILL, to the process and to its own children."""
        process = self.children[name].process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait(self) -> None:
        """Until the web process is ready to serve."""
        wait_until(self.is_ready, *self.children.values())

    def is_ready(self) -> bool:
        address = f"http://127.0.0.1:{self.web_port}/readyz"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def read_log(self, name: str) -> list[str]:
        return (self.folder / f"{name}.log").read_text(errors="replace").splitlines()

    def run(self, *words: str) -> str:
        """What a Python in the portal's environment prints."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *words],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def build_environment(
    folder: Path, *, url: str, database_url: str, redis_url: str, smtp_url: str, pooled: bool
) -> dict[str, str]:
    """Production's variables; nothing of the tests' own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "mgestion.settings",
        "MGESTION_MODE": "production",
        **{name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "HASH_KEY", "FACTOR_KEY")},
        "ALLOWED_HOSTS": "localhost",
        "PUBLIC_URL": url,
        "DATABASE_URL": database_url,
        "DATABASE_POOLED": "on" if pooled else "off",
        "REDIS_URL": redis_url,
        "SMTP_URL": smtp_url,
        "MAIL_FROM": "Espace de connexion <ne-pas-repondre@portail.example.org>",
        "BOUNCE_ADDRESS": "retours@portail.example.org",
        "TRUSTED_PROXY_COUNT": "1",
        "DATA_DIR": str(folder / "data"),
        "TMPDIR": str(folder),
        "MALLOC_MMAP_THRESHOLD_": "1048576",
    }


@contextlib.contextmanager
def production_stack(
    folder: Path,
    *,
    database_url: str,
    pooled_url: str = "",
    redis_url: str,
    smtp_url: str,
    body_max: str = "60MB",
    **more: str,
) -> Iterator[Stack]:
    """`database_url`: PostgreSQL itself, for the migrations; the processes use `pooled_url` where
    one is given. `more`: other variables. Raises ServerMissing or ServerFailed.
    """
    url = f"https://localhost:{free_port()}"
    environment = {
        **build_environment(
            folder,
            url=url,
            database_url=pooled_url or database_url,
            redis_url=redis_url,
            smtp_url=smtp_url,
            pooled=bool(pooled_url),
        ),
        **more,
    }
    (folder / "data").mkdir()
    direct = {"DATABASE_URL": database_url, "DATABASE_POOLED": "off"}
    stack = Stack(url, free_port(), folder, {**environment, **direct})
    stack.run("-c", _PREPARE)
    stack.environment = environment
    try:
        for name in ("web", "worker", "beat"):
            stack.start(name)
        with caddy_server(
            folder / "caddy",
            url=url,
            web_port=stack.web_port,
            body_max=body_max,
            static_parent=folder / "data",
        ) as stack.authority:
            stack.wait()
            yield stack
    finally:
        for name in stack.children:  # at once: a graceful stop has tests of its own
            stack.kill(name)
