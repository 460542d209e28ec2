"""Log lines that nobody can forge, in UTC, without keys."""

import logging
import sys

import pytest
from django.test import Client

from mgestion.web.logging.log_lines import LineFormatter
from mgestion.web.logging.request_id import RequestIdFilter

pytestmark = pytest.mark.req("S25")


def line(message: str, *args: object, exc_info: bool = False) -> str:
    found = sys.exc_info() if exc_info else None
    record = logging.LogRecord("tests", logging.ERROR, __file__, 1, message, args, found)
    record.created = 1773752705.123
    RequestIdFilter().filter(record)
    return LineFormatter().format(record)


def test_a_line_begins_with_a_time_in_utc() -> None:
    assert line("Bonjour") == "2026-03-17T13:05:05.123Z ERROR tests [-] Bonjour"


@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028", "\u2029"])
def test_a_line_end_in_a_message_stays_in_its_line(break_: str) -> None:
    forged = line("login of %s", f"lea{break_}2026-03-17T13:05:05.123Z INFO admin granted")
    assert len(forged.splitlines()) == 1


def test_terminal_and_reordering_marks_are_written_as_escapes() -> None:
    text = line("a\x1b[31mb\u202ec")
    assert "\\x1b[31m" in text
    assert "\\u202e" in text


def test_a_traceback_is_indented_and_holds_no_forged_line_nor_key() -> None:
    try:
        raise RuntimeError("x\n2026-01-01T00:00:00.000Z INFO forged /mot-de-passe/s3cr3t/")
    except RuntimeError:
        lines = line("It failed", exc_info=True).split("\n")
    assert len(lines) > 3
    assert all(part.startswith("    | ") for part in lines[1:])
    assert "s3cr3t" not in "".join(lines)


@pytest.mark.urls("tests.web.urls")
def test_a_line_that_django_writes_after_the_page_has_the_pages_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, logger="django.request"):
        response = client.get("/t/500")
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    RequestIdFilter().filter(record)
    assert f"[{response['X-Request-ID']}]" in LineFormatter().format(record)
