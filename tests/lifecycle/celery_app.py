"""The project's Celery for worker and beat processes of a test: time stands still at TEST_NOW, the
lifecycle and the outbox tick each second, and the mail server is a file.

While the file « stop » is in DATA_DIR, a run says « began » there and waits before its first step.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
from celery import signals
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from mgestion.celery import app as app

os.environ["DJANGO_SETTINGS_MODULE"] = "mgestion.settings"
django.setup()

_SECOND = timedelta(seconds=1)
_FOLDER = Path(os.environ["DATA_DIR"])
settings.EMAIL_BACKEND = "tests.lifecycle.celery_app.FileServer"


class FileServer(BaseEmailBackend):
    """Accepts everything; a line for each mail."""

    def send_messages(self, messages: list[EmailMessage]) -> int:  # type: ignore[override]
        with (_FOLDER / "accepted").open("a") as lines:
            for message in messages:
                lines.write(f"{message.to[0]} {message.subject}\n")
        return len(messages)


def _stand_still() -> None:
    """The names that the tasks use; imported here, when Django is ready."""
    from lifecycle import tasks as lifecycle_tasks
    from lifecycle.engine import run as runs
    from mgestion.jobs import decorators
    from mgestion.outbox import tasks as outbox_tasks

    clock = SimpleNamespace(now=lambda: datetime.fromisoformat(os.environ["TEST_NOW"]))
    take_step = vars(runs)["take_step"]

    def take_when_told(*arguments: Any) -> Any:
        if (_FOLDER / "stop").exists():
            (_FOLDER / "began").touch()
            until = time.monotonic() + 600
            while (_FOLDER / "stop").exists() and time.monotonic() < until:
                time.sleep(0.02)
        return take_step(*arguments)

    for module in (decorators, lifecycle_tasks, outbox_tasks):
        vars(module)["timezone"] = clock
    vars(runs)["take_step"] = take_when_told


_stand_still()


@signals.task_postrun.connect
def write_down(task: Any, **_: Any) -> None:
    """A line for each task that was carried out."""
    with (_FOLDER / "tasks").open("a") as lines:
        lines.write(f"{task.name}\n")


@app.on_after_finalize.connect
def tick_each_second(sender: Any, **_: Any) -> None:
    """The declared entries, at a pace that a test can wait for."""
    wanted = ("lifecycle.sweep", "lifecycle.settle", "outbox.deliver")
    declared = sender.conf.beat_schedule
    sender.conf.beat_schedule = {
        name: {"task": declared[name]["task"], "schedule": _SECOND} for name in wanted
    }
