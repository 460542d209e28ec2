"""Who acts in the tests of requests."""

from pathlib import Path
from typing import BinaryIO

import pytest
from django.test import Client
from pytest_django.fixtures import Settings as SettingsWrapper

from accounts.people.models import User
from registrations.documents import document_reader, inspection
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.people import give_session
from tests.factories.registrations import load_reasons


@pytest.fixture
def agent(reference: None) -> User:
    """A reviewer of Île-de-France; the shipped reasons of refusal are there."""
    load_reasons()
    return make_staff("reviewer", delegations=("IDF",))


@pytest.fixture
def user(client: Client, reference: None) -> User:
    """Somebody who has just signed up, logged in to `client`."""
    user = make_newcomer()
    give_session(client, user)
    return user


@pytest.fixture
def folder(settings: SettingsWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test keeps documents. They are opened here, without a process for each one;
    `documents/test_inspection.py` starts the process.
    """

    def read_here(source: BinaryIO, task: str, _seconds: float, *rest: str) -> tuple[int, bytes]:
        return document_reader.answer_task(task, source.read(), *rest)

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(inspection, "run_reader", read_here)
    return tmp_path / "documents"
