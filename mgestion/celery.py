"""The Celery application. Tasks and their schedule live in the rooms (`tasks.py`, `schedule.py`), named by string."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mgestion.settings")

app = Celery("mgestion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
