"""The Celery application. Tasks and schedules live in the rooms (`tasks.py`, `slots.jobs`)."""

import os
from typing import Any

import django
import kombu
from celery import Celery

from mgestion.launch import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mgestion.settings")

broker.register()  # the embedded way to run; production's broker is Redis
app = Celery("mgestion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def schedule_jobs(sender: Celery, **_: Any) -> None:
    """The jobs that the rooms registered when Django started, which a beat has not done yet."""
    django.setup()
    from mgestion.jobs.scheduled import Queue, beat_schedule, task_routes

    sender.conf.beat_schedule = beat_schedule()
    sender.conf.task_routes = task_routes()
    # All three, so that a worker started without `-Q` leaves none of them unread.
    sender.conf.task_queues = [kombu.Queue(name, routing_key=name) for name in Queue]
