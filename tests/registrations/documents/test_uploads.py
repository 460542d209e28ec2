"""What the applicant sends is judged by its bytes, kept apart, and only ever downloaded."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings as SettingsWrapper

from accounts.habilitations.enums import StaffRole
from accounts.leaving.account_erasure import erase_accounts
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.outbox.models import Mail
from registrations.desk.acts import decide
from registrations.documents import files, intake, virus_scanner
from registrations.documents import flows as documents_flows
from registrations.documents import jobs as document_jobs
from registrations.documents.inspection import InspectedFile
from registrations.requests.document_models import Upload
from registrations.requests.enums import FileKind, RequestStatus, ScanResult
from registrations.requests.models import Request, RequestEvent
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations import papers

pytestmark = [pytest.mark.usefixtures("reference", "folder"), pytest.mark.django_db]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def asked(agent: User) -> Request:
    request = make_request()
    documents_flows.ask_for_documents(
        request.pk,
        version=request.version,
        message="Votre Kbis.",
        actor_user=agent,
        now=NOW + HOUR,
    )
    return Request.objects.select_related("user").get(pk=request.pk)


def send(request: Request, *sent: SimpleUploadedFile, text: str = "") -> Any:
    address = reverse("registrations:request_answer", args=[request.reference])
    return client_of(request.user).post(address, {"text": text, "documents": list(sent)})


def _downloads(client: Client, address: str) -> bool:
    response = client.get(address)
    return response.status_code == 200 and bool(response.getvalue())


# --- what a file is called ---


def test_a_name_holds_no_path_no_trick_and_the_true_ending() -> None:
    for given, shown in (
        ("Kbis.PDF", "Kbis.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Zoé\\Kbis été.pdf", "Kbis été.pdf"),
        ("kbis.pdf.exe", "kbis.pdf.exe.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ('"; filename=evil.html', "-- filename=evil.html.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie- x.pdf"),
        ("....", "document.pdf"),
        ("", "document.pdf"),
        ("x" * 300, "x" * 110 + ".pdf"),
    ):
        assert intake.clean_file_name(given, FileKind.PDF) == shown
        assert len(shown) <= 120


# --- sending ---


@pytest.mark.req("R109")
def test_words_and_files_are_kept_together_under_names_that_lead_to_nobody(
    asked: Request, folder: Path
) -> None:
    sent = (papers.sent(papers.pdf(), "Kbis-Lefevre.pdf"), papers.sent(papers.png(), "scan.png"))
    assert send(asked, *sent, text="Voici mes documents.").status_code == 302
    rows = list(Upload.objects.order_by("name"))
    assert [(row.name, row.kind, row.size) for row in rows] == [
        ("Kbis-Lefevre.pdf", "pdf", len(papers.pdf())),
        ("scan.png", "png", len(papers.png())),
    ]
    kept = papers.list_kept(folder)
    assert {path.read_bytes() for path in kept} == {papers.pdf(), papers.png()}
    for path in kept:
        assert re.fullmatch(r"[\w-]{43}", path.name)
        assert not any(word in str(path) for word in ("Lefevre", *(str(row.pk) for row in rows)))
        assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0
    asked.refresh_from_db()
    assert asked.status == RequestStatus.SUBMITTED
    line = RequestEvent.objects.get(act="document_received")
    assert line.text == "Voici mes documents.\n2 fichiers joints."


def test_a_hostile_file_is_refused_with_its_name_and_nothing_is_kept(
    asked: Request, folder: Path
) -> None:
    for case in ("html", "empty"):
        data, code = papers.REFUSED[case]
        response = send(asked, papers.sent(data, "../mal<b>.pdf"), text="Ma réponse écrite")
        assert response.status_code == 200, case
        page = response.text
        assert "mal-b-" in page
        assert "<b>.pdf" not in page
        assert "Erreur" in page
        assert "Ma réponse écrite" in page
        assert papers.list_kept(folder) == []
    assert not Upload.objects.exists()
    asked.refresh_from_db()
    assert asked.status == RequestStatus.AWAITING_DOCUMENT


def test_a_refused_file_loses_neither_the_answer_nor_the_other_files(
    asked: Request, folder: Path
) -> None:
    response = send(
        asked,
        papers.sent(papers.pdf(), "bon.pdf"),
        papers.sent(papers.HTML, "mal.pdf"),
        text="Voici.",
    )
    assert response.status_code == 302
    said = [str(each) for each in get_messages(response.wsgi_request)]
    assert any("mal.pdf" in each for each in said)
    assert asked.askings.get().answer == "Voici."
    assert [row.name for row in Upload.objects.all()] == ["bon.pdf"]
    assert len(papers.list_kept(folder)) == 1


def test_the_same_answer_posted_twice_is_one(asked: Request, folder: Path) -> None:
    client, address = client_of(asked.user), f"/demandes/{asked.reference}/repondre/"
    said = {"text": "Voici.", "form_token": "9b2d1c1e-6f0a-4c55-8f58-0d3f2f1f7a11"}
    for _ in range(2):
        said["documents"] = papers.sent(papers.pdf(), "Kbis.pdf")  # type: ignore[assignment]  # as a browser sends it
        assert client.post(address, said).status_code == 302
    assert asked.askings.get().answer == "Voici."
    assert Upload.objects.count() == len(papers.list_kept(folder)) == 1
    assert RequestEvent.objects.filter(act="document_received").count() == 1


def test_a_file_too_large_is_cut_while_it_arrives(
    asked: Request, folder: Path, settings: SettingsWrapper
) -> None:
    settings.UPLOAD_MAX_BYTES = 2 * 1024 * 1024
    response = send(asked, papers.sent(papers.pdf() + b" " * 9_000_000, "gros.pdf"))
    page = response.text
    assert "dépasse 2\u00a0Mo" in page
    assert papers.list_kept(folder) == []
    given = response.wsgi_request.FILES["documents"]
    assert given.size < 3 * 1024 * 1024


def test_five_files_at_once_and_the_others_are_named(asked: Request, folder: Path) -> None:
    response = send(asked, *[papers.sent(papers.png(), f"{n}.png") for n in range(60)])
    given = response.wsgi_request.FILES.getlist("documents")
    assert [each.size > 0 for each in given] == [True] * 5 + [False] * 55
    assert len(papers.list_kept(folder)) == 5
    said = [str(each) for each in get_messages(response.wsgi_request)]
    assert any("au plus 5\u00a0fichiers" in each for each in said)


def test_an_empty_answer_says_what_to_do_and_its_address_leads_back_to_the_request(
    asked: Request,
) -> None:
    page = send(asked).text
    assert "Écrivez une réponse ou joignez un fichier" in page
    assert "<title>Erreur" in page
    page = f"/demandes/{asked.reference}/"
    assert client_of(asked.user).get(f"{page}repondre/")["Location"] == page


def _never(*_given: object) -> InspectedFile:
    raise AssertionError("a file was inspected")


def test_no_file_is_inspected_before_one_was_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "inspect_file", _never)
    request = make_request()
    response = send(request, papers.sent())
    assert response.status_code == 302
    assert papers.list_kept(folder) == []


@pytest.mark.req("S23")
def test_ten_answers_an_hour_then_no_file_is_inspected(
    asked: Request, folder: Path, monkeypatch: pytest.MonkeyPatch, settings: SettingsWrapper
) -> None:
    assert settings.ANSWERS_PER_PERSON == (10, HOUR)
    settings.ANSWERS_PER_PERSON = (1, HOUR)
    assert send(asked, papers.sent(papers.HTML)).status_code == 200
    monkeypatch.setattr(intake, "inspect_file", _never)
    assert send(asked, papers.sent()).status_code == 429
    assert papers.list_kept(folder) == []


def test_files_are_not_kept_when_the_matter_ends_meanwhile(
    asked: Request, agent: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def withdrawn_meanwhile(*given: object) -> intake.FileIntake:
        received = intake_receive(*given)  # type: ignore[arg-type]  # as the view gives it
        documents_flows.withdraw_asking(asked.pk, actor_user=agent, now=NOW + 2 * HOUR)
        return received

    intake_receive = intake.receive_files
    monkeypatch.setattr(intake, "receive_files", withdrawn_meanwhile)
    response = send(asked, papers.sent())
    assert response.status_code == 302
    assert papers.list_kept(folder) == []
    assert not Upload.objects.exists()


# --- what was forgotten ---


@pytest.mark.req("R109")
def test_a_forgotten_document_is_added_until_the_decision(
    asked: Request, agent: User, folder: Path
) -> None:
    send(asked, papers.sent(papers.pdf(), "Kbis.pdf"), text="Voici.")
    asked.refresh_from_db()
    due, version = asked.due_at, asked.version
    page = client_of(asked.user).get(f"/demandes/{asked.reference}/").text
    assert page.count('name="attachments"') == 1
    send(asked, papers.sent(papers.png(), "badge.png"), text="J’avais oublié le badge.")
    asked.refresh_from_db()
    assert (asked.due_at, asked.version) == (due, version + 1)
    assert {row.name for row in asked.uploads.all()} == {"Kbis.pdf", "badge.png"}
    assert asked.askings.get().answer == "Voici.\n\nJ’avais oublié le badge."
    lines = RequestEvent.objects.filter(act="document_received").order_by("pk")
    assert lines[1].text == "Complément.\nJ’avais oublié le badge.\n1 fichier joint."
    assert Mail.objects.filter(kind="registrations.document_received").count() == 2
    decide.approve_request(
        asked.pk, version=asked.version, role="gestionnaire", actor_user=agent, now=NOW + DAY
    )
    page = client_of(asked.user).get(f"/demandes/{asked.reference}/").text
    assert "Compléter ma réponse" not in page
    send(asked, papers.sent(papers.png(), "trop-tard.png"))
    assert len(papers.list_kept(folder)) == 2


def test_nothing_is_added_where_nothing_was_answered(asked: Request, agent: User) -> None:
    documents_flows.withdraw_asking(asked.pk, actor_user=agent, now=NOW + 2 * HOUR)
    page = client_of(asked.user).get(f"/demandes/{asked.reference}/").text
    assert "Compléter ma réponse" not in page
    with pytest.raises(Refused) as refused:
        documents_flows.record_answer(asked.pk, user=asked.user, text="Voici.", now=NOW + 3 * HOUR)
    assert refused.value.code == "wrong_state"


@pytest.mark.req("S22")
def test_nobody_answers_for_another(asked: Request, folder: Path) -> None:
    address = reverse("registrations:request_answer", args=[asked.reference])
    for user in (make_newcomer(), make_staff(StaffRole.NATIONAL)):
        sent = {"documents": [papers.sent()]}
        assert client_of(user).post(address, sent).status_code == 404
    assert papers.list_kept(folder) == []


# --- giving back ---


@pytest.mark.req("S14", "S22", "S24")
def test_a_file_is_only_ever_a_download_under_a_sandbox_and_not_there_for_anybody_else(
    asked: Request, agent: User
) -> None:
    send(asked, papers.sent(papers.pdf(), "Kbis été.pdf"))
    row = Upload.objects.get()
    mine = reverse("registrations:request_paper", args=[asked.reference, row.pk])
    theirs = reverse("admin:registrations_request_paper", args=[asked.pk, row.pk])
    for user, address in ((asked.user, mine), (agent, theirs)):
        response = client_of(user).get(address)
        assert response.status_code == 200
        assert response.getvalue() == papers.pdf()
        assert response["Content-Disposition"].startswith("attachment;")
        assert "Kbis%20%C3%A9t%C3%A9.pdf" in response["Content-Disposition"]
        assert response["Content-Type"] == "application/pdf"
        policy = response["Content-Security-Policy"]
        assert policy == "default-src 'none'; sandbox; frame-ancestors 'none'"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "no-store"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    page = client_of(agent).get(reverse("admin:registrations_request_change", args=[asked.pk]))
    assert "sans antivirus" in page.text
    other = make_request()
    through = reverse("registrations:request_paper", args=[other.reference, row.pk])
    outsider = make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",))
    for user, address in ((make_newcomer(), mine), (other.user, through), (outsider, theirs)):
        assert client_of(user).get(address).status_code == 404
    assert Client().get(mine).status_code == 302
    assert _downloads(client_of(make_staff("auditor")), theirs)


def test_no_path_is_built_from_anything_but_a_token() -> None:
    for token in ("../../etc/passwd", "a" * 42, "a" * 42 + "/", ""):
        with pytest.raises(ValueError, match="token"):
            files.get_stored_path(token)


# --- the antivirus ---


def _exit(status: int) -> list[str]:
    return [sys.executable, "-c", f"raise SystemExit({status})"]


def _broken(path: Path) -> ScanResult:
    raise OSError("the antivirus is away")


def test_what_the_antivirus_says(settings: SettingsWrapper, tmp_path: Path) -> None:
    for how, found in (
        ("", ScanResult.NONE),
        (_exit(0), ScanResult.CLEAN),
        (_exit(1), ScanResult.INFECTED),
        (_exit(2), ScanResult.PENDING),
        (["/does/not/exist"], ScanResult.PENDING),
        ("tests.registrations.documents.test_uploads._broken", ScanResult.PENDING),
        ("no.such.module", ScanResult.PENDING),
    ):
        settings.UPLOAD_SCANNER = how
        assert virus_scanner.scan_file(tmp_path) == found, how


def test_an_infected_file_is_refused(
    asked: Request, folder: Path, settings: SettingsWrapper
) -> None:
    settings.UPLOAD_SCANNER = _exit(1)
    response = send(asked, papers.sent())
    assert "refusé par notre antivirus" in response.text
    assert papers.list_kept(folder) == []


def test_an_antivirus_that_is_away_loses_nothing_and_lets_nothing_through(
    asked: Request, agent: User, settings: SettingsWrapper
) -> None:
    settings.UPLOAD_SCANNER = _exit(9)
    send(asked, papers.sent())
    row = Upload.objects.get()
    theirs = reverse("admin:registrations_request_paper", args=[asked.pk, row.pk])
    desk = client_of(agent)
    page = desk.get(reverse("admin:registrations_request_change", args=[asked.pk]))
    assert "en attente de l’antivirus" in page.text
    assert theirs not in page.text
    assert desk.get(theirs).status_code == 404
    settings.UPLOAD_SCANNER = _exit(0)
    assert document_jobs.scan_pending_files(NOW) == {"scanned": 1, "infected": 0}
    assert _downloads(desk, theirs)


@pytest.mark.django_db(transaction=True)
def test_a_file_found_infected_later_loses_its_bytes(
    asked: Request, folder: Path, settings: SettingsWrapper
) -> None:
    settings.UPLOAD_SCANNER = _exit(9)
    send(asked, papers.sent())
    settings.UPLOAD_SCANNER = _exit(1)
    assert document_jobs.scan_pending_files(NOW) == {"scanned": 0, "infected": 1}
    assert papers.list_kept(folder) == []
    assert Upload.objects.get().scan == ScanResult.INFECTED


# --- how long ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("D62")
def test_files_go_three_months_after_the_decision(
    asked: Request, agent: User, folder: Path
) -> None:
    send(asked, papers.sent())
    Upload.objects.update(received_at=NOW + 2 * HOUR)
    long_after = NOW + 200 * DAY
    assert document_jobs.purge_expired_files(long_after)["files"] == 0  # still open: needed
    decided = NOW + 10 * DAY
    asked.refresh_from_db()
    decide.approve_request(
        asked.pk, version=asked.version, role="gestionnaire", actor_user=agent, now=decided
    )
    assert document_jobs.purge_expired_files(decided + 90 * DAY - HOUR)["files"] == 0
    assert len(papers.list_kept(folder)) == 1
    assert document_jobs.purge_expired_files(decided + 90 * DAY + HOUR)["files"] == 1
    assert papers.list_kept(folder) == []
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("S27", "D62")
def test_files_go_with_the_account(asked: Request, folder: Path) -> None:
    send(asked, papers.sent())
    erase_accounts([asked.user_id], cause="test", now=NOW + DAY)
    assert papers.list_kept(folder) == []
    assert not Upload.objects.exists()


def test_a_file_without_a_row_goes_after_a_day_and_a_row_without_file_is_a_404(
    folder: Path, asked: Request
) -> None:
    send(asked, papers.sent())
    orphan = files.store_file(papers.sent(papers.png()))
    now = timezone.now()
    assert files.delete_orphan_files(now) == 0
    assert files.delete_orphan_files(now + 2 * DAY) == 1
    assert not orphan.path.exists()
    assert len(papers.list_kept(folder)) == 1
    row = Upload.objects.get()
    files.delete_files([row.stored])
    mine = reverse("registrations:request_paper", args=[asked.reference, row.pk])
    assert client_of(asked.user).get(mine).status_code == 404
