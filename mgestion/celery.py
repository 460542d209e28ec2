"""The Celery application. Tasks and schedules live in the rooms (`tasks.py`, `schedule.py`)."""

import os
from typing import Any

from celery import Celery

from mgestion.run import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mgestion.settings")

broker.register()  # the embedded way to run; production's broker is Redis
app = Celery("mgestion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def schedule_jobs(sender: Celery, **_: Any) -> None:
    """Each room's `schedule.py`, found through INSTALLED_APPS: nothing to list twice."""
    # After configuration: the schedules read Django's settings.
    from mgestion.jobs.scheduled import beat_schedule

    sender.conf.beat_schedule = beat_schedule()
