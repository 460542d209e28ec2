"""The Celery application. Tasks are in `tasks.py` modules, schedules in `slots.jobs`."""

import os
from typing import Any

import django
import kombu
from celery import Celery
from django.apps import apps

from mgestion.launch import broker, liveness

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mgestion.settings")

broker.register_transport()  # the embedded way to run; production's broker is Redis
app = Celery("mgestion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(liveness.SignOfLife)


@app.on_after_configure.connect
def schedule_jobs(sender: Celery, **_: Any) -> None:
    """Sets up Django, which registers the jobs, and gives Celery their schedules and queues."""
    if not apps.ready:
        django.setup()
    from mgestion.jobs.scheduled import Queue, build_beat_schedule, build_task_routes

    sender.conf.beat_schedule = build_beat_schedule()
    sender.conf.task_routes = build_task_routes()
    # All three, so that a worker started without `-Q` reads them all.
    sender.conf.task_queues = [kombu.Queue(name, routing_key=name) for name in Queue]
