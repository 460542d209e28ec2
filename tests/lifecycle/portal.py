"""The portal that children of a test are forked from (`tests/lifecycle/children.py`): loaded once,
with the project's own settings, before any connection.

Time stands still at `NOW`, beat ticks twice a second, and the mail server is a file. What a child
says and waits for are files of its folder: while « stop » is there, a run says « began-… » and
waits.
"""

import os
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "mgestion.settings"
django.setup()

from celery import signals  # noqa: E402
from celery.apps import beat, worker  # noqa: E402, F401  # loaded for all children
from celery.bin import celery  # noqa: E402, F401
from django.conf import settings  # noqa: E402
from django.core.mail import EmailMessage  # noqa: E402
from django.core.mail.backends.base import BaseEmailBackend  # noqa: E402
from django.db import connection, connections  # noqa: E402

from lifecycle import tasks as lifecycle_tasks  # noqa: E402
from lifecycle.engine import run as runs  # noqa: E402
from mgestion.celery import app  # noqa: E402
from mgestion.jobs import decorators  # noqa: E402
from mgestion.outbox import tasks as outbox_tasks  # noqa: E402

NOW = datetime(2026, 6, 10, 10, tzinfo=ZoneInfo("Europe/Paris"))
settings.EMAIL_BACKEND = f"{__name__}.FileServer"
for _module in (decorators, lifecycle_tasks, outbox_tasks):
    vars(_module)["timezone"] = SimpleNamespace(now=lambda: NOW)
app.finalize()
app.loader.import_default_modules()
_take_step = vars(runs)["take_step"]
_folder = Path()


def start(database: dict[str, Any], folder: Path) -> None:
    """What a child does first."""
    global _folder
    _folder = folder
    connections.settings["default"].update(database)
    vars(runs)["take_step"] = _take_step_when_told
    with (folder / f"log-{os.getpid()}").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


class FileServer(BaseEmailBackend):
    """Accepts everything; a line for each mail."""

    def send_messages(self, messages: list[EmailMessage]) -> int:  # type: ignore[override]
        _write_lines("accepted", *(f"{message.to[0]} {message.subject}" for message in messages))
        return len(messages)


def _write_lines(name: str, *lines: str) -> None:
    with (_folder / name).open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def _wait_when_told() -> None:
    stop, until = _folder / "stop", time.monotonic() + 600
    if stop.exists():
        (_folder / f"began-{os.getpid()}").touch()
    while stop.exists() and time.monotonic() < until:
        time.sleep(0.02)


def _take_step_when_told(*arguments: Any) -> Any:
    _wait_when_told()
    return _take_step(*arguments)


# --- Celery --------------------------------------------------------------------------------------


def run_celery(url: str, words: tuple[str, ...]) -> None:
    """`celery …` with the broker at `url`."""
    wanted = ("lifecycle.sweep", "lifecycle.settle", "outbox.deliver")
    declared = app.conf.beat_schedule
    app.conf.beat_schedule = {
        name: {"task": declared[name]["task"], "schedule": timedelta(seconds=0.5)}
        for name in wanted
    }
    app.conf.update(broker_url=url)
    app.start(list(words))


@signals.task_postrun.connect
def write_down(task: Any, **_: Any) -> None:
    """A line for each task that was carried out."""
    _write_lines("tasks", task.name)


# --- a run by itself -----------------------------------------------------------------------------


def run_once(how: str, place: int, batch: int) -> None:
    """`kill`: dies by SIGKILL before this statement. `cut`: the database ends its connection
    there. `wait`: waits there while « stop » is in the folder. Writes how many accounts it touched,
    and the number of statements.
    """
    settings.LIFECYCLE_BATCH = batch
    seen = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == place and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif seen == place and how == "cut":
            other = connections.create_connection("default")
            with other.cursor() as cursor:
                pid = connection.connection.info.backend_pid
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()
        elif seen == place:
            _wait_when_told()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        done = runs.execute_run(NOW, trigger="child", any_hour=True, over_breaker=True)
    _write_lines("runs", f"{sum(done.counts.values()) if done else 0} {seen}")
