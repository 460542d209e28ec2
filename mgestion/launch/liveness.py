"""A worker's sign of life: a file that its main loop touches, read by `mgestion.launch.probe`."""

import tempfile
from pathlib import Path
from typing import Any

from celery import bootsteps

TOUCH_EVERY = 15.0  # seconds


class SignOfLife(bootsteps.StartStopStep):
    """Runs in the timer of the worker, not in its pool: a long job is no silence."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.file = Path(tempfile.gettempdir()) / f"{parent.hostname.replace('/', '_')}.alive"
        self.entry: Any = None

    def start(self, parent: Any) -> None:
        self.file.touch()
        self.entry = parent.timer.call_repeatedly(TOUCH_EVERY, self.file.touch, priority=10)

    def stop(self, parent: Any) -> None:
        self.file.unlink(missing_ok=True)
