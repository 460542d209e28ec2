"""Notifications of servers and events of providers, whole and mangled."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mgestion.outbox.bounces import events
from mgestion.outbox.bounces.reports import (
    DeliveryReport,
    Verdict,
    judge,
    parse_notification,
)
from tests.outbox.bounces.notifications import (
    ADDRESS,
    OUT_OF_OFFICE,
    POSTFIX,
    SHAPES,
    write_notification,
)

ID = "<4f0c@portail.example.org>"
NOW = datetime(2026, 3, 17, 13, 5, tzinfo=UTC)


@pytest.mark.req("D79")
@pytest.mark.parametrize("name", SHAPES)
def test_a_failure_is_read_whatever_server_wrote_it(name: str) -> None:
    (report,) = parse_notification(write_notification(SHAPES[name], ID))
    assert (report.message_id, report.verdict, report.status) == (ID, Verdict.HARD, "5.1.1")
    assert ADDRESS in report.recipients
    assert report.words and "\n" not in report.words


@pytest.mark.parametrize(
    ("action", "status", "verdict"),
    [
        ("failed", "5.1.1", Verdict.HARD),
        ("Failed", "4.4.7", Verdict.HARD),  # the relay gave up after days
        ("delayed", "4.2.2", Verdict.SOFT),
        ("delayed", "5.2.2", Verdict.SOFT),
        ("delivered", "2.0.0", Verdict.FINE),
        ("relayed", "2.0.0", Verdict.FINE),
        ("", "5.1.1", Verdict.HARD),
        ("", "4.2.2", Verdict.SOFT),
        ("", "", Verdict.FINE),
        ("exploded", "5.1.1", Verdict.FINE),
    ],
)
def test_the_action_decides_and_without_one_the_class(
    action: str, status: str, verdict: Verdict
) -> None:
    assert judge(action, status) is verdict


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff" * 100,
        write_notification(OUT_OF_OFFICE, ID),
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n" * 200,
        b"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@example.org\r\n",
        write_notification(POSTFIX, "no id at all"),
        write_notification(POSTFIX, ID).replace(b"message/delivery-status", b"text/plain"),
    ],
    ids=["empty", "bytes", "absence", "endless", "no mail named", "no id", "no report"],
)
def test_what_is_no_notification_gives_no_report(raw: bytes) -> None:
    assert parse_notification(raw) == []


def test_parts_within_parts_a_wrong_charset_and_ten_megabytes_take_no_time() -> None:
    raw = write_notification(POSTFIX, ID)
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)
    )
    began = time.process_time()
    assert parse_notification(deep + raw) == []
    wrong = raw.replace(b"charset=us-ascii", b"charset=klingon").replace(b"User unk", b"\xe9\xff")
    assert [one.verdict for one in parse_notification(wrong)] == [Verdict.HARD]
    large = raw.replace(b"Bonjour,", b"A" * 76 + b"\r\n" + b"QUFB\r\n" * 1_700_000)
    assert len(large) > 10_000_000
    assert [one.message_id for one in parse_notification(large[: 256 * 1024])] == [ID]
    assert time.process_time() - began < 5


@given(
    position=st.integers(0, 2500), junk=st.binary(max_size=40), shape=st.sampled_from(list(SHAPES))
)
def test_a_mangled_notification_never_raises_and_never_blames_another_mail(
    position: int, junk: bytes, shape: str
) -> None:
    raw = write_notification(SHAPES[shape], ID)
    for mangled in (raw[:position], raw[:position] + junk + raw[position:]):
        for report in parse_notification(mangled):
            report.message_id.encode("ascii")
            report.words.encode()
            assert len(report.words) <= 200


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_read_without_an_error(raw: bytes) -> None:
    assert parse_notification(raw) == [] or b"delivery-status" in raw.lower()


EVENTS: dict[str, dict[str, Any]] = {
    "generic": {"message_id": ID, "recipient": ADDRESS, "action": "failed", "status": "5.1.1"},
    "brevo": {"event": "hard_bounce", "message-id": ID, "email": ADDRESS, "reason": "5.1.1 no"},
    "mailgun": {
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "recipient": ADDRESS,
            "message": {"headers": {"message-id": ID.strip("<>")}},
            "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "message": "no such user"},
        }
    },
    "sendgrid": {"event": "bounce", "smtp-id": ID, "email": ADDRESS, "status": "5.1.1"},
    "ses": {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [
                {"emailAddress": ADDRESS, "status": "5.1.1", "diagnosticCode": "smtp; 550 no"}
            ],
        },
        "mail": {"commonHeaders": {"messageId": ID}},
    },
}


def test_the_table_of_providers_and_its_examples_agree() -> None:
    assert set(EVENTS) == set(events.FORMATS)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_of_each_provider_is_read(name: str) -> None:
    found = events.parse_events(json.dumps([EVENTS[name]]).encode())
    assert found is not None
    (report,) = found
    assert report == DeliveryReport(ID, frozenset({ADDRESS}), Verdict.HARD, "5.1.1", report.words)


def test_a_late_mail_and_one_that_was_opened_are_no_failure() -> None:
    soft = [
        {**EVENTS["brevo"], "event": "soft_bounce"},
        {**EVENTS["sendgrid"], "event": "deferred"},
        {**EVENTS["generic"], "action": "delayed"},
    ]
    fine = [{**EVENTS["brevo"], "event": "opened"}, {**EVENTS["generic"], "action": "delivered"}]
    read = events.parse_events(json.dumps([*soft, *fine]).encode()) or []
    assert [one.verdict for one in read] == [Verdict.SOFT] * 3 + [Verdict.FINE] * 2


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message_id", "recipient", "email", "smtp-id", "mail", "bounce", "x"]),
            inner,
            max_size=4,
        )
    ),
)


@given(_JSON)
def test_events_of_any_shape_are_read_without_an_error(event: Any) -> None:
    for report in events.parse_events(json.dumps([event]).encode()) or []:
        report.message_id.encode("ascii")
        report.words.encode()


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_of_events_is_refused(body: bytes) -> None:
    assert events.parse_events(body) is None


def test_a_signature_holds_for_its_body_its_time_and_its_secret_alone() -> None:
    secret, body = "s3cret-" * 6, b'{"a": 1}'
    stamp = str(int(NOW.timestamp()))
    good = events.sign_events(secret, stamp, body)

    def valid(**changes: Any) -> bool:
        given_: dict[str, Any] = {"stamp": stamp, "signature": good, "body": body, "now": NOW}
        return events.is_signature_valid(secret, **{**given_, **changes})

    assert valid()
    assert valid(now=NOW + timedelta(minutes=5))
    assert not valid(now=NOW + timedelta(minutes=5, seconds=1))
    assert not valid(now=NOW - timedelta(minutes=5, seconds=1))
    assert not valid(body=body + b" ")
    assert not valid(signature=good.upper())
    assert not valid(signature="")
    assert not valid(signature="sha256=é")
    for wrong in ("", "-1", "1e9", " " + stamp, stamp + "0" * 20, "١٢"):
        assert not valid(stamp=wrong, signature=events.sign_events(secret, wrong, body))
    assert not events.is_signature_valid(
        secret + "x", stamp=stamp, signature=good, body=body, now=NOW
    )
