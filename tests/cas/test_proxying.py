"""A platform that asks in a person's name: statements P1–P7, R9 and R10."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from lxml import etree

from accounts.cas.models import GrantingTicket, LogoutDelivery, Ticket
from accounts.cas.protocol import addresses as protocol_addresses
from accounts.cas.protocol import answers
from accounts.cas.single_logout import sessions_to_end
from accounts.cas.tickets import ticket_life
from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.models import Access, PlatformActivity
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.leaving import account_departures
from accounts.people.enums import DeactivationReason
from accounts.people.models import User
from accounts.profile.account.flows import log_out_everywhere
from mgestion import http_client
from mgestion.journal.actors import Actor
from tests.cas.platform_server import PlatformServer
from tests.factories.cas import SERVICE, issue, make_platform, validate
from tests.factories.habilitations import make_access
from tests.factories.people import NOW
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db
CAS = {"cas": answers.NAMESPACE}
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")
TARGET = "https://tutorat.example.org/api"
PROXY_PATHS = ("/cas/proxyValidate", "/cas/p3/proxyValidate")


def found(xml: str, path: str) -> str:
    return str(etree.fromstring(xml).findtext(path, default="", namespaces=CAS))


def code_in(xml: str) -> str:
    failure = etree.fromstring(xml)[0]
    return str(failure.get("code", ""))


def proxies_in(xml: str) -> list[str]:
    return [str(item.text) for item in etree.fromstring(xml).iter(f"{{{answers.NAMESPACE}}}proxy")]


def granted(client: Client, server: PlatformServer, callback: str) -> str:
    """A granting ticket: it came to the callback, and the validation told its IOU."""
    text = validate(Client(), issue(client), pgtUrl=callback)
    iou = found(text, "cas:authenticationSuccess/cas:proxyGrantingTicket")
    fields = server.received[-1].fields
    assert iou and fields["pgtIou"] == [iou], text
    return fields["pgtId"][0]


def ask_proxy(granting: str, target: str = TARGET, **more: str) -> str:
    asked = {"pgt": granting, "targetService": target, **more}
    return Client().get("/cas/proxy", asked).text


def proxied(granting: str, target: str = TARGET) -> str:
    text = ask_proxy(granting, target)
    ticket = found(text, "cas:proxySuccess/cas:proxyTicket")
    assert ticket, text
    return ticket


# --- the granting ticket (P1–P3) -----------------------------------------------------------------


@pytest.mark.cas("P2", "R2", "T1", "T2", "T3", "T5", "T6")
def test_the_callback_gets_the_granting_ticket_and_the_answer_its_iou(
    inside: Client, server: PlatformServer, callback: str
) -> None:
    text = validate(Client(), issue(inside), pgtUrl=f"{callback}?piste=a%2Fb")
    (call,) = server.received
    assert call.path.startswith("/rappel?piste=a%2Fb&pgtId=PGT-")
    granting, iou = call.fields["pgtId"][0], call.fields["pgtIou"][0]
    success = etree.fromstring(text)[0]
    names = [etree.QName(child).localname for child in success]
    assert names == ["user", "attributes", "proxyGrantingTicket"]
    assert success.findtext("cas:proxyGrantingTicket", namespaces=CAS) == iou
    assert granting not in text and iou.startswith("PGTIOU-")
    assert len(granting) == len(iou) == 64
    row = GrantingTicket.objects.get()
    assert row.digest == protocol_addresses.hash_ticket(granting)
    assert granting not in str(vars(row))


@pytest.mark.cas("P1", "R9", "S2")
def test_a_callback_that_is_not_allowed_is_not_called_and_burns_the_ticket(
    inside: Client, server: PlatformServer, callback: str, settings: Any
) -> None:
    def refuse(url: str, code: str = "INVALID_PROXY_CALLBACK") -> None:
        ticket = issue(inside)
        assert code_in(validate(Client(), ticket, pgtUrl=url)) == code, url
        assert code_in(validate(Client(), ticket)) == "INVALID_TICKET", url

    for address in (  # those that the registry does not hold
        "{url}/autre",
        "{url}/rappel/",
        "{url}/rappel#x",
        "{url}/x/../rappel",
        "{url}@evil.example.net/rappel",
        "http://contributions.example.org/rappel",
        "https://evil.example.net/rappel",
        "/rappel",
        "file:///etc/passwd",
    ):
        refuse(address.format(url=server.url))
    settings.CAS_PRIVATE_CALLBACKS = False
    refuse(callback)  # a private address
    settings.CAS_PRIVATE_CALLBACKS = True
    Platform.objects.update(may_proxy=False)
    refuse(callback, "UNAUTHORIZED_SERVICE_PROXY")
    Platform.objects.update(may_proxy=True)
    ticket = issue(inside)
    settings.EMBEDDED = False  # plain http is not even listed
    assert code_in(validate(Client(), ticket, pgtUrl=callback)) == "INVALID_PROXY_CALLBACK"
    assert not server.received
    assert not GrantingTicket.objects.exists()


@pytest.mark.cas("P3")
def test_a_callback_that_does_not_say_200_or_anything_fails_the_validation(
    inside: Client, server: PlatformServer, callback: str, settings: Any
) -> None:
    settings.CAS_CALLBACK_TIMEOUT = 0.3
    server.location = f"{server.url}/ailleurs"
    for called, status in enumerate((204, 302, 307, 404, 500, 0), start=1):
        server.status, server.hang = status, not status
        text = validate(Client(), issue(inside), pgtUrl=callback)
        assert code_in(text) == "INVALID_PROXY_CALLBACK", status
        assert len(server.received) == called  # a redirect is not followed
    assert not GrantingTicket.objects.exists()
    assert not Ticket.objects.exclude(clear="").exists()  # nobody came in, or is to be logged out
    assert not PlatformActivity.objects.exists()


@pytest.mark.cas("P2")
def test_the_callback_is_called_outside_of_any_transaction(
    inside: Client, callback: str, monkeypatch: Any
) -> None:
    seen: list[int] = []

    def call(*args: Any, **kwargs: Any) -> http_client.HttpAnswer:
        seen.append(len(connection.atomic_blocks))
        return http_client.HttpAnswer(200, "")

    monkeypatch.setattr(http_client, "send_request", call)
    assert "PGTIOU-" in validate(Client(), issue(inside), pgtUrl=callback)
    assert seen == [len(connection.atomic_blocks)]  # the test's own


# --- the proxy ticket (P4–P7) --------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.cas("P4", "P5", "P7", "T1", "T3", "T4", "V2", "V10")
@pytest.mark.req("D22")
def test_a_proxy_ticket_is_good_once_where_proxy_tickets_are_taken(
    inside: Client, visitor: User, target: Platform, server: PlatformServer, callback: str
) -> None:
    granting = granted(inside, server, callback)
    for path in PROXY_PATHS:
        ticket = proxied(granting)
        assert ticket.startswith("PT-") and len(ticket) == 32
        visits = PlatformActivity.objects.filter(platform=target)
        assert visits.exists() is (path != PROXY_PATHS[0])  # a ticket alone is no activity
        text = validate(Client(), ticket, TARGET, path)
        assert visits.get().last_at == NOW
        assert found(text, "cas:authenticationSuccess/cas:user") == str(visitor.public_id)
        assert proxies_in(text) == [callback]
        assert code_in(validate(Client(), ticket, TARGET, path)) == "INVALID_TICKET"
    for path in ("/cas/serviceValidate", "/cas/p3/serviceValidate"):
        ticket = proxied(granting)
        assert code_in(validate(Client(), ticket, TARGET, path)) == "INVALID_TICKET_SPEC"
        assert code_in(validate(Client(), ticket, TARGET, PROXY_PATHS[0])) == "INVALID_TICKET"
    ticket = proxied(granting)
    assert validate(Client(), ticket, TARGET, "/cas/validate") == "no\n\n"
    assert code_in(validate(Client(), ticket, TARGET, PROXY_PATHS[0])) == "INVALID_TICKET"
    row = Ticket.objects.filter(granting__isnull=False).latest("pk")
    assert row.expires_at - row.issued_at == timedelta(seconds=target.ticket_seconds)


@pytest.mark.cas("P6", "V7")
def test_a_proxy_ticket_is_good_for_its_target_only(
    inside: Client, target: Platform, server: PlatformServer, callback: str
) -> None:
    granting = granted(inside, server, callback)
    for given, code in (
        ({"service": f"{TARGET}/"}, "INVALID_SERVICE"),
        ({"service": SERVICE}, "INVALID_SERVICE"),
        ({"renew": "true"}, "INVALID_TICKET"),
    ):
        ticket = proxied(granting)
        asked = {"service": TARGET, "ticket": ticket, **given}
        assert code_in(Client().get(PROXY_PATHS[0], asked).text) == code, given
        assert code_in(validate(Client(), ticket, TARGET, PROXY_PATHS[0])) == "INVALID_TICKET"


@pytest.mark.cas("P5")
def test_a_chain_lists_its_callbacks_the_most_recent_first_and_ends(
    inside: Client, target: Platform, server: PlatformServer, callback: str
) -> None:
    behind = f"{server.url}/derriere"
    Platform.objects.filter(pk=target.pk).update(may_proxy=True, proxy_callbacks=[behind])
    granting = granted(inside, server, callback)
    chain = [callback]
    for _ in range(2):
        text = validate(Client(), proxied(granting), TARGET, PROXY_PATHS[1], pgtUrl=behind)
        assert proxies_in(text) == chain
        names = [etree.QName(child).localname for child in etree.fromstring(text)[0]]
        assert names == ["user", "attributes", "proxyGrantingTicket", "proxies"]
        granting = server.received[-1].fields["pgtId"][0]
        chain.insert(0, behind)
    text = validate(Client(), proxied(granting), TARGET, PROXY_PATHS[1], pgtUrl=behind)
    assert code_in(text) == "UNAUTHORIZED_SERVICE_PROXY"
    Platform.objects.filter(code="m-contributions").update(may_proxy=False)  # the first of all
    assert code_in(ask_proxy(granting)) == "UNAUTHORIZED_SERVICE"


@pytest.mark.cas("P4", "R8", "R10", "V13")
def test_the_answers_of_proxy_exist_in_json_and_never_show_a_fault(
    inside: Client, target: Platform, server: PlatformServer, callback: str, monkeypatch: Any
) -> None:
    granting = granted(inside, server, callback)
    told = json.loads(ask_proxy(granting, format="JSON"))["serviceResponse"]
    ticket = told["proxySuccess"]["proxyTicket"]
    text = validate(Client(), ticket, TARGET, PROXY_PATHS[0], format="JSON", pgtUrl="")
    assert json.loads(text)["serviceResponse"]["authenticationSuccess"]["proxies"] == [callback]
    told = json.loads(validate(Client(), issue(inside), format="JSON", pgtUrl=callback))
    iou = told["serviceResponse"]["authenticationSuccess"]["proxyGrantingTicket"]
    assert server.received[-1].fields["pgtIou"] == [iou]
    monkeypatch.setattr(Ticket.objects, "create", None)
    text = ask_proxy(granting)
    assert code_in(text) == "INTERNAL_ERROR" and "Traceback" not in text


def of_proxy(**fields: Any) -> int:
    return Platform.objects.filter(code="m-contributions").update(**fields)


ENDS: dict[str, Callable[[User, Client], Any]] = {
    "everywhere": lambda user, client: log_out_everywhere(user, now=NOW),
    "suspension": lambda user, client: account_departures.suspend_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=NOW
    ),
    "session row": lambda user, client: Session.objects.all().delete(),
    "the proxy's permission": lambda user, client: of_proxy(may_proxy=False),
    "the callback": lambda user, client: of_proxy(proxy_callbacks=[]),
    "the proxy": lambda user, client: of_proxy(enabled=False),
    "the access to the proxy": lambda user, client: Access.objects.filter(
        platform__code="m-contributions"
    ).update(ended_at=NOW),
    "the target's address": lambda user, client: ServiceRule.objects.filter(
        platform__code="m-tutorat"
    ).delete(),
    "the target": lambda user, client: Platform.objects.filter(code="m-tutorat").update(
        enabled=False
    ),
    "logout": lambda user, client: client.post("/cas/logout"),
}


@pytest.mark.both
@pytest.mark.cas("L20", "O1", "P4", "P7", "R10", "S5", "V15")
@pytest.mark.req("S20", "S22")
def test_a_granting_ticket_and_its_proxy_tickets_die_with_what_they_rest_on(
    inside: Client, visitor: User, target: Platform, server: PlatformServer, callback: str
) -> None:
    granting = granted(inside, server, callback)
    ticket = proxied(granting)
    for how, end in ENDS.items():
        with rolled_back():
            end(visitor, inside)
            assert code_in(ask_proxy(granting)) == "UNAUTHORIZED_SERVICE", how
            refused = code_in(validate(Client(), ticket, TARGET, PROXY_PATHS[0]))
            assert refused == ("INVALID_SERVICE" if "target" in how else "INVALID_TICKET"), how
    assert "authenticationSuccess" in validate(Client(), ticket, TARGET, PROXY_PATHS[0])


# --- what follows --------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.cas("O7", "O10")
@pytest.mark.req("D36")
def test_the_target_of_a_proxy_is_told_of_the_logout_by_its_proxy_ticket_which_is_then_forgotten(
    inside: Client, target: Platform, server: PlatformServer, callback: str
) -> None:
    ticket = proxied(granted(inside, server, callback))
    validate(Client(), ticket, TARGET, PROXY_PATHS[0])
    later = NOW + timedelta(days=1, seconds=1)
    ticket_life.purge_old_tickets(later)
    assert GrantingTicket.objects.exists()  # its tickets wait to be told
    inside.post("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW) == 2
    told = LogoutDelivery.objects.get(platform=target)
    assert (told.url, told.session_index) == (TARGET, ticket)
    assert ticket_life.purge_old_tickets(later) == {"tickets": 2, "granting_tickets": 1}


@pytest.mark.cas("O14")
@pytest.mark.req("R110", "D36")
def test_the_end_of_an_access_closes_what_its_platform_had_opened_further_on(
    inside: Client, visitor: User, target: Platform, server: PlatformServer, callback: str
) -> None:
    """A chain of three platforms: the access to the first ends, those to the others stand."""
    behind = f"{server.url}/derriere"
    Platform.objects.filter(pk=target.pk).update(may_proxy=True, proxy_callbacks=[behind])
    last = make_platform("m-gepp-solution", "https://gepp.example.org")
    make_access(user=visitor, platform=last, dashboard="")
    service = "https://gepp.example.org/api"
    granting = granted(inside, server, callback)
    validate(Client(), proxied(granting), TARGET, PROXY_PATHS[1], pgtUrl=behind)
    granting = server.received[-1].fields["pgtId"][0]
    validate(Client(), proxied(granting, service), service, PROXY_PATHS[1])
    own = issue(inside, service)  # the person's own entry there rests on nobody else
    validate(Client(), own, service)
    assert sessions_to_end.queue_ended_sessions(NOW) == 0

    first = Access.objects.get(user=visitor, platform__code="m-contributions")
    flows.end_access(first.pk, actor=STAFF, reason="Fin", now=NOW)
    assert sessions_to_end.queue_ended_sessions(NOW) == 3
    told = LogoutDelivery.objects.values_list("platform__code", "reason")
    assert sorted(told) == [
        (code, "access") for code in ("m-contributions", "m-gepp-solution", "m-tutorat")
    ]
    assert Ticket.objects.exclude(clear="").get().clear == own


def test_nothing_of_a_proxy_is_in_the_logs(
    inside: Client, target: Platform, server: PlatformServer, callback: str, caplog: Any
) -> None:
    with caplog.at_level("INFO"):
        granting = granted(inside, server, callback)
        ticket = proxied(granting)
        server.status = 500
        validate(Client(), issue(inside), pgtUrl=callback)
    assert "granting ticket …" in caplog.text and "HTTP 500" in caplog.text
    for secret in (granting, ticket, *parse_qs(urlsplit(server.received[0].path).query)["pgtIou"]):
        assert secret not in caplog.text


@pytest.mark.cas("P4")
def test_a_loop_of_proxy_tickets_ends(
    inside: Client, target: Platform, server: PlatformServer, callback: str, settings: Any
) -> None:
    settings.CAS_PROXY_TICKETS_PER_SESSION = (2, timedelta(hours=1))
    granting = granted(inside, server, callback)
    for _ in range(2):
        assert proxied(granting).startswith("PT-")
    refused = ask_proxy(granting, TARGET)
    assert 'code="UNAUTHORIZED_SERVICE"' in refused
    assert "Too many proxy tickets" in refused
