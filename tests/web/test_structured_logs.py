"""Log lines for programs: fields, the person's opaque id, the client's address, and no secret."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from mgestion.database import slow_queries
from mgestion.jobs.decorators import sweep_task
from mgestion.settings.logs import build_logging
from mgestion.web.logging.json_lines import JsonLineFormatter
from mgestion.web.logging.log_lines import LineFormatter, RefusedRequestFilter
from mgestion.web.logging.request_id import RequestIdFilter, current_request_id
from registrations.documents.intake import receive_files
from tests.factories.people import client_of, person

NOW = datetime(2026, 3, 17, 3, 0, tzinfo=UTC)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    if not hasattr(record, "request_id"):  # the handler's own filter came first
        RequestIdFilter().filter(record)
    line = JsonLineFormatter().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def access_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [fields_of(record) for record in caplog.records if record.name == "mgestion.access"]


def test_production_writes_json_and_the_demo_lines() -> None:
    for embedded, name in ((False, "JsonLineFormatter"), (True, "LineFormatter")):
        chosen = build_logging(embedded=embedded)["formatters"]["chosen"]["()"]
        assert chosen.rpartition(".")[2] == name


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_id_its_time_and_the_client(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    caplog.set_level(logging.INFO)
    away = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}
    response = client.get("/mot-de-passe/SECRETKEY/?q=lea.martin@example.org", headers=away)
    (line,) = access_lines(caplog)
    assert line["client"] == "198.51.100.7"
    assert line["path"] == "/mot-de-passe/***/"
    assert (line["method"], line["status"]) == ("GET", response.status_code)
    assert line["milliseconds"] >= 0
    assert line["request_id"] == response["X-Request-ID"]
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT[\d:]+\.\d{3}Z", line["time"])
    assert "user" not in line
    assert "SECRETKEY" not in caplog.text and "lea.martin" not in caplog.text


@pytest.mark.django_db
@pytest.mark.req("S25")
def test_a_person_is_an_opaque_id_and_a_refusal_is_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    user = person()
    client = client_of(user)
    caplog.set_level(logging.INFO)
    client.get("/services/")
    refused = client.get("/admin/login/")
    ours = access_lines(caplog)
    assert {line["user"] for line in ours} == {str(user.public_id)}
    assert refused.status_code == 403 and ours[-1]["level"] == "WARNING"
    assert user.email not in caplog.text


def test_probes_that_are_well_are_not_worth_a_line(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client.get("/healthz")
    assert access_lines(caplog) == []


def test_a_traceback_and_a_forged_line_stay_in_one_object() -> None:
    try:
        raise ValueError("/mot-de-passe/SECRETKEY/\n{}")
    except ValueError as trouble:
        record = logging.LogRecord(
            "x",
            logging.ERROR,
            __file__,
            1,
            "broken\n%s",
            ("a\u2028b",),
            (ValueError, trouble, None),
        )
    found = fields_of(record)
    assert found["message"] == "broken\na\u2028b"
    assert "ValueError" in found["trace"] and "SECRETKEY" not in found["trace"]


def test_an_error_of_the_database_is_logged_without_the_row_that_it_quotes() -> None:
    said = (
        'duplicate key value violates unique constraint "accounts_user_email_key"\n'
        "LINE 1: INSERT INTO accounts_user VALUES ('lea.fictive@garage.example.org')\n"
        "DETAIL:  Key (email_key)=(lea.fictive@garage.example.org) already exists."
    )
    info = (IntegrityError, IntegrityError(said), None)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broken", (), info)
    for trace in (fields_of(record)["trace"], LineFormatter().format(record)):
        assert "accounts_user_email_key" in trace
        assert "lea.fictive" not in trace


def test_while_the_database_is_away_an_error_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from mgestion.web.logging import log_lines

    monkeypatch.setattr(log_lines, "is_database_away", lambda trouble: True)
    trouble = OperationalError("connection refused")
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "%s", ("Server Error",),
        (OperationalError, trouble, None),
    )  # fmt: skip
    assert RefusedRequestFilter().filter(record)
    assert record.getMessage() == "Server Error: connection refused"
    assert record.exc_info is None


@pytest.mark.django_db
def test_a_task_has_an_id_and_a_line_when_it_did_something(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[str] = []

    def work(now: datetime) -> dict[str, int]:
        seen.append(current_request_id())
        return {"sent": len(seen) - 1, "dead": 0}

    task = sweep_task("tests.sweep")(work)
    task()
    task()
    first, second = seen
    assert len(first) == 32 and first != second and not current_request_id()
    (record,) = (record for record in caplog.records if record.name == "mgestion.jobs.flows")
    assert record.getMessage().startswith("tests.sweep: sent 1 in ")
    assert fields_of(record)["job"] == "tests.sweep"


@pytest.mark.django_db
def test_a_slow_statement_is_logged_without_its_values(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert slow_queries._time_statement in connection.execute_wrappers  # noqa: SLF001
    settings.SLOW_QUERY = timedelta(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["lea.martin@example.org"])
    assert "A statement took 0.0 s: SELECT %s" in caplog.text
    assert "lea.martin" not in caplog.text


def test_a_connection_that_opens_inside_a_get_does_not_keep_the_guard() -> None:
    """Django takes the last wrapper off when a guard ends."""

    class NewConnection:
        execute_wrappers: list[object] = ["the guard of GETs"]

    opened = NewConnection()
    slow_queries._watch_connection(opened)  # noqa: SLF001
    opened.execute_wrappers.pop()
    assert opened.execute_wrappers == [slow_queries._time_statement]  # noqa: SLF001


def refusals(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [fields_of(record) for record in caplog.records if record.name == "mgestion.security"]


@pytest.mark.django_db
def test_a_refusal_says_who_from_where_and_why(caplog: pytest.LogCaptureFixture) -> None:
    user = person()
    answer = client_of(user).get("/admin/login/")
    assert answer.status_code == 403
    (line,) = refusals(caplog)
    assert (line["code"], line["user"]) == ("permission", str(user.public_id))
    assert (line["client"], line["path"]) == ("127.0.0.1", "/admin/login/")
    assert line["request_id"] == answer["X-Request-ID"]


@pytest.mark.django_db
def test_a_forged_form_an_unknown_token_and_a_refused_file_are_security_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Client(enforce_csrf_checks=True).post("/mot-de-passe/oublie/", {"email": "x@example.org"})
    Client().get(
        reverse("habilitations:api:changes"), headers={"Authorization": "Bearer mgp_nothing"}
    )
    receive_files([SimpleUploadedFile("note.pdf", b"no document at all")])
    codes = [line["code"] for line in refusals(caplog)]
    assert codes[:2] == ["csrf", "api.token_required"]
    assert codes[2].startswith("upload.")
    assert "note.pdf" not in caplog.text
