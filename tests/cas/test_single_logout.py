"""Statements O1–O15: the way out, here and on the platforms."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cas import CASClient
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from lxml import etree

from accounts.cas import metrics
from accounts.cas.models import LogoutDelivery, LogoutStatus, Ticket
from accounts.cas.single_logout import logout_delivery, sessions_to_end
from accounts.cas.tickets import ticket_life
from accounts.entry.models import SessionRecord
from accounts.entry.recovery.flows import set_password
from accounts.habilitations.platforms.models import Platform
from accounts.leaving import account_departures
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from accounts.profile.account.flows import log_out_everywhere
from mgestion.journal.actors import Actor
from tests.cas.platform_server import PlatformServer, platform_server
from tests.factories.cas import SERVICE, issue, make_visitor, validate
from tests.factories.people import NOW, log_in, sign_in

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden" / "logout_request.xml"
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")


def deliver(now: datetime) -> dict[str, int]:
    return logout_delivery.deliver_due_logouts(lambda: now)


def sweep() -> dict[str, int]:
    queued = sessions_to_end.queue_ended_sessions(NOW)
    told = deliver(NOW)
    return {"queued": queued, "received": told["received"], "failed": told["failed"]}


# --- /cas/logout (O1–O6) -------------------------------------------------------------------------


@pytest.mark.cas("O1", "O2", "O3", "O4", "O5", "O6")
@pytest.mark.req("D36", "S20")
def test_o1_to_o6_the_session_ends_and_only_a_registered_service_is_gone_to(inside: Client) -> None:
    assert inside.head("/cas/logout").status_code == 200
    assert inside.get("/compte/").status_code == 200  # a HEAD only looks
    for given in ({}, {"url": SERVICE}):  # `url` is ignored, and a second logout says the same
        page = inside.get("/cas/logout", given)
        assert page.status_code == 200
        assert "Vous êtes déconnecté" in page.text
    assert 'name="password"' in inside.get("/cas/login", {"service": SERVICE}).text
    assert log_in(inside).status_code == 303
    response: Any = inside.get("/cas/logout", {"service": SERVICE})
    assert (response.status_code, response["Location"]) == (303, SERVICE)
    response = inside.get("/cas/logout", {"service": "https://evil.example.net/"})
    assert response.status_code == 200
    assert "evil" not in response.text


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


@pytest.mark.both
@pytest.mark.cas("O7", "O8", "O15")
def test_o7_o8_every_platform_that_validated_a_ticket_is_told_in_one_form_field_and_no_other(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
    other = Client()  # a second browser is a second session
    sign_in(other)
    validate(Client(), issue(other))
    second = issue(inside)
    validate(Client(), second)
    issue(inside)  # never validated
    validate(Client(), issue(inside), "https://elsewhere.example.org/")  # refused
    inside.post("/cas/logout")
    assert sweep() == {"queued": 2, "received": 2, "failed": 0}
    told = server.received[0]
    assert (told.path, list(told.fields)) == ("/logout", ["logoutRequest"])
    assert told.content_type == "application/x-www-form-urlencoded"
    assert told.headers["User-Agent"] == f"M-Gestion (+{settings.PUBLIC_URL})"
    assert told.headers["Accept"] == "*/*"
    assert {re.findall("<samlp:SessionIndex>(.+?)</", body)[0] for body in server.requests} == {
        entered,
        second,
    }
    row = LogoutDelivery.objects.get(tail=entered[-6:])
    assert (row.status, row.answer, row.attempts, row.reason) == (
        LogoutStatus.DONE,
        "HTTP 200",
        1,
        "logout",
    )
    assert sweep() == {"queued": 0, "received": 0, "failed": 0}
    # Of the session that ended nothing is left in clear (O15).
    assert Ticket.objects.exclude(clear="").count() == 1
    assert not LogoutDelivery.objects.exclude(session_index="").exists()


@pytest.mark.cas("O7")
def test_o7_without_an_address_of_its_own_the_service_is_told_or_nobody_where_set_so(
    inside: Client, entered: str
) -> None:
    Platform.objects.update(slo_url="")
    inside.post("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW) == 1
    assert LogoutDelivery.objects.get().url == SERVICE
    sign_in(inside)
    validate(Client(), issue(inside))
    Platform.objects.update(single_logout=False)
    inside.post("/cas/logout")
    sessions_to_end.queue_ended_sessions(NOW)
    assert LogoutDelivery.objects.count() == 1
    assert not Ticket.objects.exclude(clear="").exists()


# --- whatever ends a session (O14) ---------------------------------------------------------------


def deactivate(user: User) -> None:
    account_departures.deactivate_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=NOW
    )


def suspend(user: User) -> None:
    account_departures.suspend_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=NOW
    )


def become_inactive(user: User) -> None:
    User.objects.filter(pk=user.pk).update(status=Status.DEACTIVATED_INACTIVE)


def delete_session_row(user: User) -> None:
    keys = SessionRecord.objects.filter(user=user).values("session_key")
    Session.objects.filter(session_key__in=keys).delete()


def choose_password(user: User) -> None:
    set_password(
        user,
        password_hash=make_password("Autre-Tramway-2027"),
        reason="reset",
        actor=Actor.person(user),
        now=NOW,
    )


ENDS: dict[str, tuple[Callable[[User], Any], str]] = {
    "logout everywhere": (lambda user: log_out_everywhere(user, now=NOW), "everywhere"),
    "deactivation": (deactivate, Status.DEACTIVATED_BY_ADMIN),
    "suspension": (suspend, Status.SUSPENDED),
    "inactivity": (become_inactive, Status.DEACTIVATED_INACTIVE),
    "session row gone": (delete_session_row, "gone"),
    "new password": (choose_password, "password"),
}


@pytest.mark.cas("O14")
@pytest.mark.req("D36", "S20", "R85")
def test_o14_whatever_ends_the_session_is_told(
    contributions: Platform, server: PlatformServer, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sessions_to_end, "BATCH", 4)
    Platform.objects.update(slo_url=f"{server.url}/logout")
    entered = {}
    for number, end in enumerate(ENDS):
        client, address = Client(), f"p{number}@garage.example.org"
        user = make_visitor(contributions, address=address)
        sign_in(client, address)
        entered[end] = (user, issue(client))
        validate(Client(), entered[end][1])
    assert sweep()["queued"] == 0
    for end, (user, _) in entered.items():
        ENDS[end][0](user)
    assert sweep() == {"queued": len(ENDS), "received": len(ENDS), "failed": 0}
    reasons = dict(LogoutDelivery.objects.values_list("tail", "reason"))
    for end, (_, ticket) in entered.items():
        assert any(ticket in body for body in server.requests), end
        assert reasons[ticket[-6:]] == ENDS[end][1][:20], end


# --- platforms that do not answer well (O13) -----------------------------------------------------


@pytest.mark.cas("O13")
def test_o13_a_platform_that_hangs_is_waited_for_by_nobody_left_and_tried_again(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
    settings.CAS_LOGOUT_TIMEOUT = 0.2
    server.hang = True
    assert inside.post("/cas/logout").status_code == 200
    assert not server.received  # nobody even knocked: the worker will
    assert sweep() == {"queued": 1, "received": 0, "failed": 1}
    row = LogoutDelivery.objects.get()
    assert (row.status, row.next_at) == (LogoutStatus.QUEUED, NOW + timedelta(seconds=10))
    assert row.answer == "aucune réponse dans le délai"
    assert deliver(NOW + timedelta(seconds=9))["received"] == 0
    server.hang = False
    server.release.set()
    assert deliver(NOW + timedelta(seconds=10))["received"] == 1


@pytest.mark.cas("O13")
def test_o13_a_platform_in_trouble_is_given_up_after_the_last_try_and_counted(
    inside: Client, entered: str, server: PlatformServer, settings: Any
) -> None:
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
    at = NOW
    for delay in (0, *settings.CAS_LOGOUT_DELAYS):
        at += timedelta(seconds=delay)
        deliver(at)
    row = LogoutDelivery.objects.get()
    assert (row.status, row.attempts, row.answer, row.session_index) == (
        LogoutStatus.FAILED,
        5,
        "HTTP 500",
        "",
    )
    assert len(server.received) == 5
    assert deliver(at + timedelta(days=1))["failed"] == 0
    after = metrics.measure_cas(at)
    assert (after["cas_logouts_waiting"], after["cas_logouts_failed_last_day"]) == (0, 1)


@pytest.mark.cas("O13")
def test_o13_a_redirect_is_an_answer_at_home_and_to_our_login_page_and_never_followed_elsewhere(
    server: PlatformServer, settings: Any
) -> None:
    """django-cas-ng leads to its own home; mod_auth_cas sends whoever posted to log in."""
    ours, login = settings.PUBLIC_URL, "/cas/login?service=https%3A%2F%2Fcontributions.example.org"
    with platform_server() as elsewhere:
        for status, location, received in (
            *((status, f"{elsewhere.url}/steal", False) for status in (301, 302, 303, 307, 308)),
            *((status, "/", True) for status in (302, 303)),
            *((status, f"{ours}{login}", True) for status in (302, 303)),
            (302, f"{ours}/cas/logout", False),
            (302, f"{ours}/cas/login.evil", False),
            (302, f"{ours}//evil.example/cas/login", False),
        ):
            server.status, server.location = status, location
            told = sessions_to_end.send_logout(f"{server.url}/logout", "ST-x1", NOW)
            assert told.received is received, (status, location)
            assert f"HTTP {status}, " in told.answer and not told.stalled, (status, location)
            assert ("vers notre page de connexion" in told.answer) == location.endswith(login)
            assert told.final or received, (status, location)
        assert not elsewhere.received
    assert len(server.received) == 12  # once each


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
def test_o13_a_refused_connection_is_a_result_and_not_a_fault() -> None:
    told = sessions_to_end.send_logout("http://127.0.0.1:9/logout", "ST-x1", NOW)
    assert not told.received and not told.final
    assert "ConnectionRefused" in told.answer


@pytest.mark.req("D29")
def test_the_log_forgets_what_an_address_carried(
    contributions: Platform, server: PlatformServer
) -> None:
    LogoutDelivery.objects.create(
        platform=contributions,
        url=f"{server.url}/logout?suite=jeanne.martin",
        session_index="ST-x1",
        next_at=NOW,
        queued_at=NOW,
    )
    deliver(NOW)
    assert server.received[0].path == "/logout?suite=jeanne.martin"
    assert LogoutDelivery.objects.get().url == f"{server.url}/logout"


@pytest.mark.both
def test_the_log_and_old_tickets_are_forgotten(inside: Client, entered: str, settings: Any) -> None:
    inside.post("/cas/logout")
    ask = Ticket.objects.count()
    sweep()
    assert ticket_life.purge_old_tickets(NOW + timedelta(hours=23))["tickets"] == 0
    assert ticket_life.purge_old_tickets(NOW + timedelta(hours=25))["tickets"] == ask
    assert sessions_to_end.purge_logout_log(NOW + settings.CAS_LOGOUT_LOG_LIFE)["logouts"] == 0
    later = NOW + settings.CAS_LOGOUT_LOG_LIFE + timedelta(seconds=1)
    assert sessions_to_end.purge_logout_log(later)["logouts"] == 1


@pytest.mark.req("D28", "S34")
def test_a_deletion_is_told_though_the_person_is_gone(
    inside: Client, visitor: User, entered: str, server: PlatformServer
) -> None:
    sessions_to_end.queue_people_sessions([visitor.pk], NOW)
    Ticket.objects.all().delete()
    assert deliver(NOW)["received"] == 1
    assert entered in server.requests[0]
