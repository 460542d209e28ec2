"""Statements O1–O15: the way out, here and on the platforms."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cas import CASClient
from django.contrib.sessions.models import Session
from django.test import Client
from lxml import etree

from accounts.cas import metrics
from accounts.cas.models import LogoutDelivery, LogoutStatus, Ticket
from accounts.cas.single_logout import logout_delivery, sessions_to_end
from accounts.cas.tasks import deliver_single_logouts
from accounts.habilitations.platforms.models import Platform
from accounts.leaving import account_departures
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from accounts.profile.account.flows import log_out_everywhere
from mgestion.journal.actors import Actor
from tests.cas.here import Here
from tests.cas.platform_server import PlatformServer, platform_server
from tests.factories.cas import SERVICE, ask_ticket, validate
from tests.factories.people import NOW, log_in

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden" / "logout_request.xml"
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")


def sweep(now: Any = NOW) -> dict[str, int]:
    queued = sessions_to_end.queue_ended_sessions(now)
    told = logout_delivery.deliver_due_logouts(lambda: now)
    return {"queued": queued, "received": told["received"], "failed": told["failed"]}


# --- /cas/logout (O1–O6) -------------------------------------------------------------------------


@pytest.mark.cas("O1", "O2")
@pytest.mark.req("D36", "S20")
def test_o1_o2_the_session_ends_and_the_next_login_asks_the_password(inside: Client) -> None:
    assert "Vous êtes déconnecté" in inside.get("/cas/logout").content.decode()
    assert 'name="password"' in inside.get("/cas/login", {"service": SERVICE}).content.decode()


@pytest.mark.cas("O3", "O4")
def test_o3_o4_only_a_registered_service_is_gone_to(inside: Client) -> None:
    response: Any = inside.get("/cas/logout", {"service": SERVICE})
    assert (response.status_code, response["Location"]) == (303, SERVICE)
    response = inside.get("/cas/logout", {"service": "https://evil.example.net/"})
    assert response.status_code == 200
    assert "evil" not in response.content.decode()


@pytest.mark.cas("O5", "O6")
def test_o5_o6_url_is_ignored_and_a_second_logout_says_the_same(inside: Client) -> None:
    for _ in range(2):
        response = inside.get("/cas/logout", {"url": SERVICE})
        assert response.status_code == 200
        assert "Vous êtes déconnecté" in response.content.decode()


@pytest.mark.cas("O1", "O6")
def test_a_head_of_the_way_out_only_looks(inside: Client) -> None:
    assert inside.head("/cas/logout").status_code == 200
    assert inside.get("/compte/").status_code == 200


# --- the message (O8–O12) ------------------------------------------------------------------------


@pytest.mark.cas("O9", "O10", "O11", "O12", "C3")
@pytest.mark.req("D36")
def test_o9_o10_o11_o12_the_body_is_the_golden_one_to_the_byte() -> None:
    made = sessions_to_end.build_logout_body(
        "ST-ABCDEFGHIJKLMNOPQRSTUVWXYZ012",
        request_id="LR-0123456789abcdef0123456789abcdef",
        now=NOW,
    )
    assert made == GOLDEN.read_text().rstrip("\n")
    assert not made.startswith("<?xml")
    assert "\n" not in made
    tree = etree.fromstring(made)  # a str: with an encoding declared, lxml would refuse it
    assert tree.tag == "{urn:oasis:names:tc:SAML:2.0:protocol}LogoutRequest"
    assert re.match("[A-Za-z_]", str(tree.attrib["ID"]))
    # What phpCAS and the WordPress clients search for.
    assert re.search(r"<samlp:SessionIndex>(.*)</samlp:SessionIndex>", made)


@pytest.mark.cas("C1")
def test_python_cas_reads_the_ticket_in_the_body() -> None:
    made = sessions_to_end.build_logout_body("ST-x1", request_id="LR-1", now=NOW)
    client = CASClient(
        version=3, server_url="https://portail.example.org/cas/", service_url=SERVICE
    )
    assert [item.text for item in client.get_saml_slos(made)] == ["ST-x1"]


@pytest.mark.cas("O7", "O8")
def test_o7_o8_a_platform_is_told_in_one_form_field(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
    inside.post("/cas/logout")
    assert sweep() == {"queued": 1, "received": 1, "failed": 0}
    (told,) = server.received
    assert told.path == "/logout"
    assert told.content_type == "application/x-www-form-urlencoded"
    assert list(told.fields) == ["logoutRequest"]
    assert told.headers["User-Agent"] == f"M-Gestion (+{settings.PUBLIC_URL})"
    assert told.headers["Accept"] == "*/*"
    assert f"<samlp:SessionIndex>{entered}</samlp:SessionIndex>" in server.requests[0]
    row = LogoutDelivery.objects.get()
    assert (row.status, row.answer, row.attempts, row.reason) == (
        LogoutStatus.DONE,
        "HTTP 200",
        1,
        "logout",
    )
    assert (row.session_index, row.tail) == ("", entered[-6:])
    assert sweep() == {"queued": 0, "received": 0, "failed": 0}


@pytest.mark.both
@pytest.mark.cas("O7")
def test_o7_every_platform_that_validated_a_ticket_is_told_and_no_other(
    inside: Client, entered: str, server: PlatformServer
) -> None:
    second = ask_ticket(inside)
    validate(Client(), second)
    ask_ticket(inside)  # never validated
    refused = ask_ticket(inside)
    validate(Client(), refused, "https://elsewhere.example.org/")
    inside.post("/cas/logout")
    assert sweep()["received"] == 2
    assert {
        ticket for ticket in (entered, second) if any(ticket in body for body in server.requests)
    } == {entered, second}


@pytest.mark.cas("O7")
def test_o7_without_an_address_of_its_own_the_service_is_told(inside: Client, entered: str) -> None:
    Platform.objects.update(slo_url="")
    inside.post("/cas/logout")
    sessions_to_end.queue_ended_sessions(NOW)
    assert LogoutDelivery.objects.get().url == SERVICE


def test_a_platform_set_so_is_not_told(
    inside: Client, entered: str, server: PlatformServer
) -> None:
    Platform.objects.update(single_logout=False)
    inside.post("/cas/logout")
    sweep()
    assert not server.received
    assert not Ticket.objects.exclude(clear="").exists()


# --- whatever ends a session (O14) ---------------------------------------------------------------


def _session_row_deleted(user: User) -> None:
    Session.objects.all().delete()


ENDS: dict[str, Callable[[User], Any]] = {
    "logout everywhere": lambda user: log_out_everywhere(user, now=NOW),
    "deactivation": lambda user: account_departures.deactivate_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=NOW
    ),
    "suspension": lambda user: account_departures.suspend_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=NOW
    ),
    "inactivity": lambda user: User.objects.filter(pk=user.pk).update(
        status=Status.DEACTIVATED_INACTIVE
    ),
    "session row gone": _session_row_deleted,
}


@pytest.mark.cas("O14")
@pytest.mark.req("D36", "S20", "R85")
@pytest.mark.parametrize("end", ENDS)
def test_o14_whatever_ends_the_session_is_told(
    inside: Client, visitor: User, entered: str, server: PlatformServer, end: str
) -> None:
    assert sweep()["queued"] == 0
    ENDS[end](visitor)
    assert sweep() == {"queued": 1, "received": 1, "failed": 0}
    assert entered in server.requests[0]


@pytest.mark.cas("O14")
@pytest.mark.req("D36", "S20")
def test_o14_a_new_password_ends_the_other_sessions_and_tells(
    inside: Client, visitor: User, entered: str, server: PlatformServer
) -> None:
    from django.contrib.auth.hashers import make_password

    from accounts.entry.recovery.flows import set_password

    set_password(
        visitor,
        password_hash=make_password("Autre-Tramway-2027"),
        reason="reset",
        actor=Actor.person(visitor),
        now=NOW,
    )
    assert sweep()["received"] == 1
    assert entered in server.requests[0]


@pytest.mark.cas("O14")
@pytest.mark.req("S20", "S21")
@pytest.mark.parametrize(
    ("after", "queued"), [(timedelta(minutes=119), 0), (timedelta(hours=2), 1)]
)
def test_o14_an_idle_end_is_told_without_anybody_coming_back(
    inside: Client, entered: str, after: timedelta, queued: int
) -> None:
    Platform.objects.update(idle_logout=True)
    assert sweep(NOW + after)["queued"] == queued


@pytest.mark.cas("O15")
def test_o15_nothing_in_clear_is_left_once_it_is_told(inside: Client, entered: str) -> None:
    inside.post("/cas/logout")
    sweep()
    assert not Ticket.objects.exclude(clear="").exists()
    assert not LogoutDelivery.objects.exclude(session_index="").exists()


def test_two_browsers_are_two_sessions_and_only_the_one_that_left_is_told(
    inside: Client, entered: str, server: PlatformServer
) -> None:
    other = Client()
    log_in(other)
    kept = ask_ticket(other)
    validate(Client(), kept)
    inside.post("/cas/logout")
    sweep()
    assert len(server.requests) == 1
    assert entered in server.requests[0]


# --- platforms that do not answer well (O13) -----------------------------------------------------


@pytest.mark.cas("O13")
def test_o13_a_logout_never_waits_for_a_platform(
    inside: Client, entered: str, server: PlatformServer
) -> None:
    server.hang = True
    assert inside.post("/cas/logout").status_code == 200
    assert not server.received  # nobody even knocked: the worker will


@pytest.mark.cas("O13")
def test_o13_a_platform_that_hangs_is_left_after_the_timeout_and_tried_again(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
    settings.CAS_LOGOUT_TIMEOUT = 0.2
    server.hang = True
    inside.post("/cas/logout")
    assert sweep() == {"queued": 1, "received": 0, "failed": 1}
    row = LogoutDelivery.objects.get()
    assert (row.status, row.next_at) == (LogoutStatus.QUEUED, NOW + timedelta(seconds=10))
    assert row.answer == "aucune réponse dans le délai"
    assert sweep(NOW + timedelta(seconds=9))["received"] == 0
    server.hang = False
    server.release.set()
    assert sweep(NOW + timedelta(seconds=10))["received"] == 1


@pytest.mark.cas("O13")
def test_o13_a_platform_in_trouble_is_given_up_after_the_last_try(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
    server.status = 500
    inside.post("/cas/logout")
    at = NOW
    for delay in (0, *settings.CAS_LOGOUT_DELAYS):
        at += timedelta(seconds=delay)
        sweep(at)
    row = LogoutDelivery.objects.get()
    assert (row.status, row.attempts, row.answer, row.session_index) == (
        LogoutStatus.FAILED,
        5,
        "HTTP 500",
        "",
    )
    assert len(server.received) == 5
    assert sweep(at + timedelta(days=1))["failed"] == 0


@pytest.mark.cas("O13")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_o13_a_redirect_to_another_host_is_not_followed(
    inside: Client, entered: str, server: PlatformServer, status: int
) -> None:
    with platform_server() as elsewhere:
        server.status, server.location = status, f"{elsewhere.url}/steal"
        inside.post("/cas/logout")
        sweep()
        assert not elsewhere.received
    row = LogoutDelivery.objects.get()
    assert row.status == LogoutStatus.FAILED
    assert "redirection" in row.answer


@pytest.mark.cas("O13")
@pytest.mark.parametrize("status", [302, 303])
def test_o13_a_redirect_to_its_own_home_after_the_logout_is_an_answer(
    inside: Client, entered: str, server: PlatformServer, status: int
) -> None:
    server.status, server.location = status, "/"
    inside.post("/cas/logout")
    assert sweep()["received"] == 1
    assert len(server.received) == 1


@pytest.mark.cas("O13")
@pytest.mark.parametrize("status", [302, 303])
def test_o13_a_redirect_to_our_own_login_page_is_an_answer(
    inside: Client, entered: str, server: PlatformServer, settings: Any, status: int
) -> None:
    """mod_auth_cas ends its session, then sends whoever posted to log in."""
    ours = f"{settings.PUBLIC_URL}/cas/login?service=https%3A%2F%2Fcontributions.example.org%2F"
    server.status, server.location = status, ours
    inside.post("/cas/logout")
    assert sweep()["received"] == 1
    row = LogoutDelivery.objects.get()
    assert (row.status, row.answer) == (
        LogoutStatus.DONE,
        f"HTTP {status}, vers notre page de connexion",
    )


@pytest.mark.cas("O13")
@pytest.mark.parametrize("path", ["/cas/logout", "/cas/login.evil", "//evil.example/cas/login"])
def test_o13_another_page_of_ours_is_no_answer(
    inside: Client, entered: str, server: PlatformServer, settings: Any, path: str
) -> None:
    server.status, server.location = 302, f"{settings.PUBLIC_URL}{path}"
    inside.post("/cas/logout")
    assert sweep()["failed"] == 1


@pytest.mark.cas("O13")
def test_o13_a_client_that_refuses_with_status_200_has_not_received(
    inside: Client, entered: str, server: PlatformServer
) -> None:
    """phpCAS does so for a caller that its settings do not allow: trying again changes nothing."""
    server.body = b"<b>Unauthorized logout request from client 'worker'</b>"
    inside.post("/cas/logout")
    assert sweep() == {"queued": 1, "received": 0, "failed": 1}
    row = LogoutDelivery.objects.get()
    assert row.status == LogoutStatus.FAILED
    assert row.answer.startswith("HTTP 200, refusée")
    assert row.session_index == ""


@pytest.mark.cas("O13")
def test_o13_a_refused_connection_is_a_result_and_not_a_fault(inside: Client, entered: str) -> None:
    Platform.objects.update(slo_url="http://127.0.0.1:9/logout")
    inside.post("/cas/logout")
    assert sweep()["failed"] == 1
    assert "ConnectionRefused" in LogoutDelivery.objects.get().answer


@pytest.mark.both
def test_a_lease_keeps_a_second_worker_away_and_ends_by_itself(
    inside: Client, entered: str, server: PlatformServer
) -> None:
    inside.post("/cas/logout")
    sessions_to_end.queue_ended_sessions(NOW)
    LogoutDelivery.objects.update(leased_until=NOW + timedelta(seconds=60))
    assert logout_delivery.deliver_due_logouts(lambda: NOW)["received"] == 0
    assert logout_delivery.deliver_due_logouts(lambda: NOW + timedelta(seconds=60))["received"] == 1


@pytest.mark.both
def test_a_worker_that_comes_back_after_its_lease_does_not_undo_what_another_one_found(
    inside: Client, entered: str, server: PlatformServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.post("/cas/logout")
    sessions_to_end.queue_ended_sessions(NOW)
    tell = sessions_to_end.send_logout

    def slowly(*given: Any) -> sessions_to_end.LogoutResult:
        monkeypatch.setattr(sessions_to_end, "send_logout", tell)
        later = NOW + logout_delivery.LEASE
        assert logout_delivery.deliver_due_logouts(lambda: later)["received"] == 1
        return sessions_to_end.LogoutResult(False, "timed out")

    monkeypatch.setattr(logout_delivery, "ThreadPoolExecutor", Here)
    monkeypatch.setattr(sessions_to_end, "send_logout", slowly)
    logout_delivery.deliver_due_logouts(lambda: NOW)
    row = LogoutDelivery.objects.get()
    assert (row.status, row.session_index, row.attempts) == (LogoutStatus.DONE, "", 2)
    assert len(server.requests) == 1


@pytest.mark.req("D29")
def test_the_log_forgets_what_an_address_carried(
    inside: Client, server: PlatformServer, settings: Any
) -> None:
    service = f"{SERVICE}?suite=%2Fdossier%2Fjeanne.martin"
    validate(Client(), ask_ticket(inside, service), service)
    LogoutDelivery.objects.all().delete()
    inside.post("/cas/logout")
    sessions_to_end.queue_ended_sessions(NOW)
    LogoutDelivery.objects.update(url=f"{server.url}/logout?suite=jeanne.martin")
    logout_delivery.deliver_due_logouts(lambda: NOW)
    (told,) = server.received
    assert told.path == "/logout?suite=jeanne.martin"
    assert LogoutDelivery.objects.get().url == f"{server.url}/logout"


def test_the_task_does_both_halves(inside: Client, entered: str, server: PlatformServer) -> None:
    inside.post("/cas/logout")
    deliver_single_logouts()
    assert entered in server.requests[0]


@pytest.mark.both
def test_the_log_and_old_tickets_are_forgotten(inside: Client, entered: str, settings: Any) -> None:
    from accounts.cas.tickets import ticket_life

    inside.post("/cas/logout")
    ask = Ticket.objects.count()
    sweep()
    assert ticket_life.purge_old_tickets(NOW + timedelta(hours=23))["tickets"] == 0
    assert ticket_life.purge_old_tickets(NOW + timedelta(hours=25))["tickets"] == ask
    assert sessions_to_end.purge_logout_log(NOW + settings.CAS_LOGOUT_LOG_LIFE)["logouts"] == 0
    assert (
        sessions_to_end.purge_logout_log(NOW + settings.CAS_LOGOUT_LOG_LIFE + timedelta(seconds=1))[
            "logouts"
        ]
        == 1
    )


@pytest.mark.req("D28", "S34")
def test_a_deletion_is_told_though_the_person_is_gone(
    inside: Client, visitor: User, entered: str, server: PlatformServer
) -> None:
    sessions_to_end.queue_people_sessions([visitor.pk], NOW)
    Ticket.objects.all().delete()
    assert logout_delivery.deliver_due_logouts(lambda: NOW)["received"] == 1
    assert entered in server.requests[0]


def test_the_metrics_tell_what_waits_and_what_was_given_up(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
    settings.CAS_LOGOUT_DELAYS = ()
    server.status = 500
    inside.post("/cas/logout")
    sessions_to_end.queue_ended_sessions(NOW)
    assert metrics.measure_cas(NOW + timedelta(seconds=5)) == {
        "cas_tickets_issued_last_hour": 1,
        "cas_tickets_consumed_last_hour": 1,
        "cas_logouts_waiting": 1,
        "cas_logouts_oldest_seconds": 5,
        "cas_logouts_failed_last_day": 0,
        "cas_platforms_left_alone": 0,
    }
    logout_delivery.deliver_due_logouts(lambda: NOW)
    after = metrics.measure_cas(NOW)
    assert (after["cas_logouts_waiting"], after["cas_logouts_failed_last_day"]) == (0, 1)
