from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.lifecycle.children import children as children


@pytest.fixture(autouse=True)
def _mail_server(settings: Settings) -> Iterator[None]:
    from tests.lifecycle.world import BACKEND, Server

    settings.EMAIL_BACKEND = BACKEND
    Server.mode = "up"
    Server.accepted.clear()
    yield
