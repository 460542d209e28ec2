"""Reports of faults leave with nothing of a person, of a request or of a key.

What Sentry's client wraps in a process, each middleware and each statement, stays wrapped: it is
started in a fork of its own.
"""

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import sentry_sdk
from django.db import IntegrityError
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from sentry_sdk.transport import Transport

from mgestion.monitoring.fault_reports import MAX_WORDS, scrub_words, start_fault_reports

DSN = "https://key@sentry.example.org/1"
SECRETS = (
    "lea.fictive@garage.example.org",
    "Léa Fictive",
    "01 99 00 12 34",
    "73282932000074",
    "s3cr3t-k3y",
    "ST-1234567890",
    "198.51.100.66",
    "Été du garage 2026",
)


class Recorder(Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.sent.append(envelope.serialize().decode())


def record_reports(act: Callable[[], object]) -> tuple[Any, list[dict[str, Any]]]:
    """What `act` answers in a fork of this process, and the events that leave."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:  # ends here: nothing of pytest's nor of the database's connection is closed
            recorder = Recorder()
            start_fault_reports(DSN, "1.0.0", transport=recorder)
            answer = act()
            sentry_sdk.flush()
            events = [json.loads(sent.splitlines()[2]) for sent in recorder.sent]
            os.write(writer, json.dumps([answer, events]).encode())
        except BaseException:  # noqa: BLE001 - said here, and the parent finds no events
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        answer, events = json.load(said)
    os.waitpid(child, 0)
    return answer, events


def fail_with_values() -> None:
    address, name, phone, siret, key, ticket, ip, password = SECRETS
    kept = {"email": address, "name": name, "password": password}
    raise IntegrityError(
        f'duplicate key violates unique constraint "user_email"\n'
        f"DETAIL:  Key (email)=({address}) exists: {kept} {phone} {siret} {key} {ticket} {ip}"
    )


def report_exception() -> None:
    try:
        fail_with_values()
    except IntegrityError as trouble:
        sentry_sdk.capture_exception(trouble)


def report_log_line() -> None:
    logging.getLogger("registrations.tests").error("%s cannot be told at %s", *SECRETS[1::-1])


def report_caught_in_a_log_line() -> None:
    try:
        fail_with_values()
    except IntegrityError:
        logging.getLogger("registrations.tests").exception("the row of %s fails", SECRETS[0])


@pytest.mark.req("S25", "S31")
def test_no_personal_value_and_no_key_leaves() -> None:
    address, *_ = SECRETS
    request = RequestFactory(headers={"Cookie": f"__Host-sessionid={SECRETS[4]}"}).post(
        f"/mot-de-passe/{SECRETS[4]}/?q={address}", {"password": SECRETS[-1]}
    )

    def report_with_values() -> None:
        for report in (report_exception, report_log_line, report_caught_in_a_log_line):
            with sentry_sdk.isolation_scope() as scope:
                scope.set_user({"email": address, "ip_address": SECRETS[6]})
                scope.set_extra("request", str(request.META))
                scope.set_context("celery-job", {"args": [address], "ticket": SECRETS[5]})
                scope.set_tag("person", SECRETS[1])
                report()

    _, events = record_reports(report_with_values)
    assert ["exception" in event for event in events] == [True, False, True]
    for event in events:
        for secret in SECRETS:
            assert secret not in json.dumps(event, ensure_ascii=False), secret
        assert "request" not in event and "user" not in event and "extra" not in event
        assert set(event["tags"]) == {"request_id"}
    for event in events[::2]:
        (found,) = event["exception"]["values"]
        assert found["type"] == "IntegrityError"
        assert found["value"] == "duplicate key violates unique constraint ***"
        assert found["stacktrace"]["frames"][-1]["function"] == "fail_with_values"
        assert "vars" not in found["stacktrace"]["frames"][-1]


def test_a_page_that_fails_is_reported_by_its_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mgestion.jobs.health.find_problems", lambda now: fail_with_values())

    def visit() -> tuple[int, str]:
        client = Client(raise_request_exception=False)
        page = client.get(f"/readyz?q={SECRETS[0]}", headers={"X-Request-ID": "abcdef123456"})
        return page.status_code, page["X-Request-ID"]

    (status, request_id), events = record_reports(visit)
    assert status == 500
    assert events
    for event in events:
        assert SECRETS[0] not in json.dumps(event)
        assert event["tags"]["request_id"] == request_id


@given(st.text(max_size=300))
def test_words_of_any_error_stay_short_and_on_one_line(text: str) -> None:
    found = scrub_words(text)
    assert len(found) <= MAX_WORDS
    assert "\n" not in found
    assert "lea.fictive@" not in scrub_words(f"{text} lea.fictive@garage.example.org")


def test_without_a_server_the_client_is_not_imported() -> None:
    script = (
        "import django, sys; django.setup()\n"
        "sys.exit('sentry_sdk' in sys.modules and 'imported' or 0)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "mgestion.settings", "MGESTION_TESTING": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
