"""No room on a disk: what was typed is kept, nothing is half there, the next try works."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.fixtures import Settings as SettingsWrapper

from mgestion.errors import Refused
from registrations.conversation.models import RequestMessage
from registrations.documents import reader_slots
from registrations.requests.document_models import Upload
from registrations.requests.models import Request
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations import papers

pytestmark = [pytest.mark.usefixtures("reference", "folder"), pytest.mark.django_db]
TYPED = "Voici mon Kbis, et une question."


def find_no_room(*args: Any, **kwargs: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def open_full(*args: Any, **kwargs: Any) -> Any:
    return open("/dev/full", "w+b")


def send(request: Request, *sent: SimpleUploadedFile) -> Any:
    address = reverse("registrations:request_message", args=[request.reference])
    return client_of(request.user).post(address, {"message": TYPED, "attachments": list(sent)})


@pytest.mark.parametrize(
    ("module", "name", "fails"),
    [
        (os, "fsync", find_no_room),  # the last moment: all of it was written
        (tempfile, "TemporaryFile", find_no_room),
        (tempfile, "TemporaryFile", open_full),  # no room for what comes over the network
    ],
)
def test_a_document_without_room_is_not_half_there_and_loses_no_word(
    monkeypatch: pytest.MonkeyPatch,
    settings: SettingsWrapper,
    folder: Path,
    module: Any,
    name: str,
    fails: Any,
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10  # bytes: the file comes by the disk
    request = make_request()
    with monkeypatch.context() as full:
        full.setattr(module, name, fails)
        page = send(request, papers.sent()).text
    assert "«\u00a0Kbis.pdf\u00a0»" in page and "la place manque de notre côté" in page
    assert TYPED in page
    assert not Upload.objects.exists() and not RequestMessage.objects.exists()
    assert not papers.list_kept(folder)
    assert send(request, papers.sent()).status_code == 302
    assert Upload.objects.count() == RequestMessage.objects.count() == 1


def test_no_room_for_the_lock_of_a_reader_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "open", find_no_room)
    with pytest.raises(Refused) as refused, reader_slots.hold_reader_slot(0):
        pass
    assert refused.value.code == "no_reader"
