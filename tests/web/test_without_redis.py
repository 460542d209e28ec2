"""Forms are posted while Redis accepts and never answers: it is not in their way."""

import socket
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind
from mgestion.celery import app
from mgestion.outbox.models import Mail
from registrations.requests.models import Request
from tests.factories.habilitations import load_reference
from tests.factories.people import ADDRESS, NOW, log_in, person

FORM = {
    "last_name": "Martin",
    "first_name": "Jeanne",
    "phone": "01 99 00 12 34",
    "company_name": "Garage Lumière",
    "siret": "732 829 320 00074",
    "kind": "entreprise",
    "department": "75",
    "branch": "automobile",
    "profile": "ENT-GEST",
    "accept_terms": "on",
    "declaration": "on",
    "form_token": "7b0f2f6e-3a4e-4a55-9a3e-0d1f2c3b4a5d",
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The project's broker says nothing; to knock at it is a failure of the test, so that one that
    is down keeps nobody waiting either.
    """

    def published(*args: object, **kwargs: object) -> None:
        raise AssertionError("a request reached for the broker")

    monkeypatch.setattr(app, "connection_for_write", published)
    monkeypatch.setattr(app, "producer_or_acquire", published)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
        yield
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()  # nobody even knocked


def test_a_sign_up_and_a_lost_password_are_recorded(client: Client) -> None:
    typed = {"email": ADDRESS, "email2": ADDRESS}
    assert client.post("/inscription/", typed).status_code == 303
    assert client.post("/mot-de-passe/oublie/", {"email": ADDRESS}).status_code == 303
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP).count() == 1
    assert PostedRequest.objects.filter(kind=Kind.RESET).count() == 1


def test_a_person_logs_in_and_sends_a_request(client: Client) -> None:
    load_reference()
    with time_machine.travel(NOW, tick=False):
        person()
        assert log_in(client).status_code == 303
        answer = client.post("/m-gestion/demande/", FORM)
    assert answer.status_code in (302, 303)
    assert Request.objects.count() == 1
    assert Mail.objects.filter(kind="registrations.acknowledgment").count() == 1
