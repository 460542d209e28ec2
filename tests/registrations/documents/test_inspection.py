"""Documents are opened by a bounded process of its own, and shown at the desk page by page."""

import io
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image
from pytest_django.fixtures import Settings as SettingsWrapper

from accounts.people.models import User
from mgestion.errors import Refused
from registrations.documents import flows as documents_flows
from registrations.documents import inspection, intake, reader_slots
from registrations.documents.inspection import InspectedFile, draw_page, inspect_file
from registrations.requests.document_models import Upload
from registrations.requests.enums import FileKind
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations import papers

TEN_MEGABYTES = 10 * 1024 * 1024 - 2000


@pytest.fixture(autouse=True)
def _data_folder(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


Hold = Callable[[bytes], Path]


@pytest.fixture
def hold(tmp_path: Path) -> Hold:
    """Writes bytes to the disk, as a received file is."""

    def write(data: bytes) -> Path:
        path = tmp_path / "received"
        path.write_bytes(data)
        return path

    return write


def _has_ink(page: Image.Image) -> bool:
    return any(page.convert("L").histogram()[:80])


# --- what a file is ---


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("case", papers.ORDINARY)
def test_what_an_ordinary_reader_opens_is_accepted_and_shown(hold: Hold, case: str) -> None:
    data, active = papers.ORDINARY[case]
    source = hold(data)
    assert inspect_file(source) == InspectedFile(FileKind.PDF, 1, active)
    with Image.open(io.BytesIO(draw_page(source, FileKind.PDF, 1))) as page:
        assert page.format == "JPEG"
        assert page.size == (1100, 1467)
        assert _has_ink(page)  # the line of text is there
        if case == "a form with scripts":  # what was typed into its field
            assert _has_ink(page.crop((140, 640, 960, 740)))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("data", "kind"), [(papers.png(), FileKind.PNG), (papers.jpeg(), FileKind.JPEG)]
)
def test_pictures_are_known_by_their_bytes_and_shown(
    hold: Hold, data: bytes, kind: FileKind
) -> None:
    assert inspect_file(hold(data)) == InspectedFile(kind, 1, active=False)
    with Image.open(io.BytesIO(draw_page(hold(data), kind, 1))) as page:
        assert page.size == (40, 60)


@pytest.mark.parametrize("case", papers.REFUSED)
def test_nothing_else_passes_whatever_it_is_called(
    hold: Hold, case: str, request: pytest.FixtureRequest
) -> None:
    data, code = papers.REFUSED[case]
    if not case.startswith("pdf"):  # PDFium keeps its last error: one process for each
        request.getfixturevalue("folder")
    with pytest.raises(Refused) as refused:
        inspect_file(hold(data))
    assert refused.value.code == code


# --- what it costs at most ---


def _bomb() -> bytes:
    """Two thousand openings of packed objects, then a filler that a walker would read for each."""
    body, filler = b"9 0 obj<</Type/ObjStm>>stream\n" * 1999, b"endstrea"
    body += filler * ((TEN_MEGABYTES - len(body)) // len(filler))
    tail = b"xref\n0 1\n0000000000 65535 f \ntrailer<</Size 1>>\nstartxref\n%d\n%%%%EOF\n"
    return b"%PDF-1.7\n" + body + tail % (9 + len(body))


@pytest.mark.req("S23")
def test_no_file_costs_two_seconds_of_processor(hold: Hold, settings: SettingsWrapper) -> None:
    most, over = 0.4, 0.3  # seconds; over: to start, and until the system ends the reader
    assert settings.DOCUMENT_INSPECTION_SECONDS + over <= 2
    settings.DOCUMENT_INSPECTION_SECONDS = most
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(Refused) as refused:
        inspect_file(hold(_bomb()))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < most + over
    # On a machine that is too busy, the reader is stopped before it has spent anything.
    assert refused.value.code in ("file_complex", "file_unread")


def _picture_that_lies_in_wait() -> bytes:
    """Eighty million pixels in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (10_000, 7_900)).save(out, "PNG")
    return out.getvalue()


def test_a_large_picture_is_opened_within_the_same_bounds(hold: Hold) -> None:
    assert inspect_file(hold(_picture_that_lies_in_wait())).kind == FileKind.PNG


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("DOCUMENT_READER_TIMEOUT", 0.01, "file_unread"),
        ("DOCUMENT_READER_MEGABYTES", 20, "file_complex"),
    ],
)
def test_a_reader_that_meets_a_bound_refuses_the_file(
    hold: Hold, settings: SettingsWrapper, name: str, value: float, code: str
) -> None:
    setattr(settings, name, value)
    with pytest.raises(Refused) as refused:
        inspect_file(hold(papers.pdf()))
    assert refused.value.code == code


def test_a_reader_that_cannot_start_says_to_come_back(
    hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/does/not/exist")
    with pytest.raises(Refused) as refused:
        inspect_file(hold(papers.pdf()))
    assert refused.value.code == "file_unread"
    assert "quelques minutes" in refused.value.message


def test_the_reader_knows_nothing_of_the_portal_and_answers_from_its_process(
    hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of the environment, no open file beyond the document, no portal module."""
    run, seen = subprocess.run, []

    def noting(command: list[str], **options: object) -> object:
        seen.append((command, options))
        return run(command, **options)  # type: ignore[call-overload]  # as they came

    monkeypatch.setattr(subprocess, "run", noting)
    source = hold(papers.form())
    assert inspect_file(source) == InspectedFile(FileKind.PDF, 1, active=True)
    assert draw_page(source, FileKind.PDF, 1).startswith(b"\xff\xd8\xff")
    with pytest.raises(Refused) as refused:
        inspect_file(hold(papers.locked(b"secret")))
    assert refused.value.code == "file_locked"
    assert len(seen) == 3
    for command, options in seen:
        assert command[1] == "-I"
        assert options["env"] == {} and "shell" not in options
    program = Path(seen[0][0][2]).read_text(encoding="utf-8")
    for room in ("django", "registrations", "accounts", "mgestion"):
        assert f"import {room}" not in program
        assert f"from {room}" not in program


@pytest.mark.usefixtures("folder")
def test_one_document_is_read_at_a_time_and_the_others_wait_their_turn(
    hold: Hold, settings: SettingsWrapper
) -> None:
    settings.DOCUMENT_READERS, settings.DOCUMENT_READER_PATIENCE = 1, 0.1
    source = hold(papers.pdf())
    with reader_slots.hold_reader_slot(1):
        with pytest.raises(Refused) as refused:
            inspect_file(source)
        assert refused.value.code == "readers_busy"
    assert inspect_file(source).kind == FileKind.PDF


def test_files_that_arrive_together_never_hold_more_than_half_of_the_threads(
    settings: SettingsWrapper, folder: Path
) -> None:
    """The third is refused at once, and nothing of it stays; a page gets one place more."""
    with (
        reader_slots.limit_reader_threads(settings.DOCUMENT_UPLOAD_THREADS),
        reader_slots.limit_reader_threads(2),
    ):
        with pytest.raises(Refused) as refused:
            intake.receive_files([papers.sent()])
        assert refused.value.code == "readers_busy"
        assert papers.list_kept(folder) == []
        with reader_slots.limit_reader_threads(settings.DOCUMENT_PAGE_THREADS):
            assert intake.receive_files([]).received == []  # an answer in words waits for nobody
    taken = intake.receive_files([papers.sent()])
    assert (len(taken.received), taken.refused) == (1, [])


# --- at the desk ---


def _received(agent: User, data: bytes) -> Upload:
    request = make_request()
    documents_flows.ask_for_documents(
        request.pk, version=request.version, message="Votre Kbis.", actor_user=agent, now=NOW
    )
    documents_flows.record_answer(
        request.pk,
        user=request.user,
        text="",
        files=intake.receive_files([papers.sent(data)]).received,
        now=NOW,
    )
    return Upload.objects.get(request=request)


def _address(upload: Upload, *more: int) -> str:
    name = "page" if more else "pages"
    return reverse(
        f"admin:registrations_request_{name}", args=[upload.request_id, upload.pk, *more]
    )


@pytest.mark.django_db
@pytest.mark.req("R109", "S24")
@pytest.mark.usefixtures("folder")
def test_the_desk_sees_the_pages_without_the_original(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = _received(agent, papers.form())
    desk = client_of(agent)
    decision = desk.get(reverse("admin:registrations_request_change", args=[upload.request_id]))
    assert _address(upload) in decision.content.decode()
    assert "L’original contient un script" in decision.content.decode()
    shown = desk.get(_address(upload)).content.decode()
    assert _address(upload, 1) in shown
    assert "L’original contient un script" in shown
    picture = desk.get(_address(upload, 1))
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert picture["Cache-Control"] == "no-store"
    assert picture.content.startswith(b"\xff\xd8\xff")
    assert desk.get(_address(upload, 2)).status_code == 404
    Upload.objects.update(pages=23)
    assert "Les 3 pages suivantes" in desk.get(_address(upload)).text
    assert desk.get(_address(upload, 21)).status_code == 404
    monkeypatch.setattr(inspection, "run_reader", lambda *_: (-signal.SIGPROF, b""))
    answer = desk.get(_address(upload, 1))
    assert (answer.status_code, "trop complexe" in answer.text) == (503, True)


@pytest.mark.django_db
@pytest.mark.req("S14", "S22")
@pytest.mark.usefixtures("folder")
def test_pages_are_for_the_agents_of_the_scope(agent: User) -> None:
    upload = _received(agent, papers.pdf())
    other: Request = make_request()
    outsider = make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",))
    for address in (_address(upload), _address(upload, 1)):
        assert client_of(agent).get(address).status_code == 200
        assert client_of(outsider).get(address).status_code == 404
        assert client_of(upload.request.user).get(address).status_code in (302, 403)
    through = reverse("admin:registrations_request_page", args=[other.pk, upload.pk, 1])
    assert client_of(agent).get(through).status_code == 404
