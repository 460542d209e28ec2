"""While the portal is closed: people read a message and a time, programs get what they parse."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import LazySettings
from django.test import Client

from mgestion.web.middleware.maintenance import RETRY_AFTER

CAS = "{http://www.yale.edu/tp/cas}"


@pytest.fixture
def closed(settings: LazySettings, tmp_path: Path) -> Client:
    settings.DATA_DIR = tmp_path
    note = "14 h 30\nLes <comptes> sont déplacés.\n"
    (tmp_path / "MAINTENANCE").write_text(note, encoding="utf-8")
    return Client()


@pytest.mark.req("R72", "R135")
@pytest.mark.parametrize("path", ["/", "/cas/login", "/compte/", "/admin/", "/inscription/"])
def test_people_read_the_message_and_the_end(closed: Client, path: str) -> None:
    answer = closed.get(path)
    assert answer.status_code == 503
    assert "14 h 30 (heure de Paris)" in answer.text
    assert "Les &lt;comptes&gt; sont déplacés." in answer.text


@pytest.mark.req("R72")
@pytest.mark.parametrize(
    "path",
    ["/cas/serviceValidate", "/cas/p3/serviceValidate", "/cas/proxyValidate", "/cas/proxy"],
)
def test_a_platform_is_told_no_in_its_own_words(closed: Client, path: str) -> None:
    element = "proxyFailure" if path == "/cas/proxy" else "authenticationFailure"
    answer = closed.get(path, {"ticket": "ST-1", "service": "https://x.example.org/"})
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith("text/xml")
    failure = ElementTree.fromstring(answer.content).find(f"{CAS}{element}")  # noqa: S314
    assert failure is not None and failure.get("code") == "INTERNAL_ERROR"


@pytest.mark.req("R72")
def test_a_platform_that_reads_json_gets_json(closed: Client) -> None:
    answer = closed.get("/cas/p3/serviceValidate", {"ticket": "ST-1", "format": "json"})
    assert answer.status_code == 503 and answer["Content-Type"].startswith("application/json")
    failure = json.loads(answer.content)["serviceResponse"]["authenticationFailure"]
    assert failure["code"] == "INTERNAL_ERROR"


@pytest.mark.req("R72")
def test_the_oldest_protocol_is_told_no_on_two_lines(closed: Client) -> None:
    assert closed.get("/cas/validate").content == b"no\n\n"


@pytest.mark.req("R72")
def test_the_api_answers_with_a_problem_document(closed: Client) -> None:
    for answer in (closed.get("/api/v1/habilitations"), closed.post("/api/v1/activity")):
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert json.loads(answer.content)["code"] == "maintenance"
        assert answer["Retry-After"] == str(RETRY_AFTER)


@pytest.mark.req("R72")
def test_a_switch_that_cannot_be_read_closes_without_a_note(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "MAINTENANCE").mkdir()
    answer = Client().get("/")
    assert answer.status_code == 503 and answer["Retry-After"] == str(RETRY_AFTER)
    assert "Revenez dans quelques minutes" in answer.text
    (tmp_path / "MAINTENANCE").rmdir()
    assert Client().get("/accessibilite/").status_code == 200
