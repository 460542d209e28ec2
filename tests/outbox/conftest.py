from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.outbox.sink import Sink


@pytest.fixture(scope="session", autouse=True)
def _kinds() -> None:
    from tests.outbox.kinds import register  # Django isn't set up yet when this file is read

    register()


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """Delivery goes to a real server (Django's tests put a backend of their own in its place)."""
    with Sink() as server:
        settings.EMAIL_BACKEND = "mgestion.outbox.sending.backends.SmtpBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        yield server
