"""The Celery application. Tasks and schedules live in the rooms (`tasks.py`, `schedule.py`)."""

import os
from typing import Any

import kombu
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
    from mgestion.jobs.scheduled import Queue, beat_schedule, task_routes

    sender.conf.beat_schedule = beat_schedule()
    sender.conf.task_routes = task_routes()
    # All three, so that a worker started without `-Q` leaves none of them unread.
    sender.conf.task_queues = [kombu.Queue(name, routing_key=name) for name in Queue]
