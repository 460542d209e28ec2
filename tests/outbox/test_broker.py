"""No request waits for the broker: the row is the queue, and nothing is published."""

import socket
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from celery import Celery
from django.db import transaction

from mgestion.celery import app
from mgestion.outbox import flows
from mgestion.outbox.models import Mail
from tests.servers.processes import free_port

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Celery:
    """The project's Celery, whose every way to publish is a failure of the test."""

    def published(*args: object, **kwargs: object) -> None:
        raise AssertionError("something was published while a form was handled")

    for name in ("send_task", "connection_for_write", "producer_or_acquire"):
        monkeypatch.setattr(app, name, published)
    monkeypatch.setattr("celery.app.task.Task.apply_async", published)
    return app


def queue_like_a_form() -> None:
    with transaction.atomic():
        flows.queue_mail("tests.plain", subject=uuid4(), now=NOW)


def test_a_queued_mail_publishes_nothing_before_nor_after_the_commit(broker: Celery) -> None:
    queue_like_a_form()
    assert Mail.objects.count() == 1


def test_a_broker_that_is_down_costs_a_form_nothing(
    broker: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{free_port()}/0")
    queue_like_a_form()  # `broker` would raise
    assert Mail.objects.count() == 1


def test_a_broker_that_never_answers_costs_a_form_nothing(
    broker: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(
            app.conf, "broker_url", f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        )
        queue_like_a_form()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()  # nobody even knocked
    assert Mail.objects.count() == 1
