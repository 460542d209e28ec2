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
from django.utils import timezone
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
from tests.factories.cas import SERVICE, ask_ticket, make_platform, make_visitor, validate
from tests.factories.habilitations import load_reference, make_access
from tests.factories.people import NOW, log_in

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
    text = validate(Client(), ask_ticket(client), pgtUrl=callback)
    iou = found(text, "cas:authenticationSuccess/cas:proxyGrantingTicket")
    fields = server.received[-1].fields
    assert iou and fields["pgtIou"] == [iou], text
    return fields["pgtId"][0]


def ask_proxy(granting: str, target: str = TARGET, **more: str) -> str:
    asked = {"pgt": granting, "targetService": target, **more}
    return Client().get("/cas/proxy", asked).content.decode()


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
    text = validate(Client(), ask_ticket(inside), pgtUrl=f"{callback}?piste=a%2Fb")
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


@pytest.mark.cas("P1", "R9")
def test_a_platform_that_may_not_proxy_is_refused_and_its_ticket_burnt(
    inside: Client, server: PlatformServer, callback: str
) -> None:
    Platform.objects.update(may_proxy=False)
    ticket = ask_ticket(inside)
    assert code_in(validate(Client(), ticket, pgtUrl=callback)) == "UNAUTHORIZED_SERVICE_PROXY"
    assert code_in(validate(Client(), ticket)) == "INVALID_TICKET"
    assert not server.received
    assert not GrantingTicket.objects.exists()


@pytest.mark.cas("P1", "R9")
@pytest.mark.parametrize(
    "address",
    [
        "{url}/autre",
        "{url}/rappel/",
        "{url}/rappel#x",
        "{url}/x/../rappel",
        "{url}@evil.example.net/rappel",
        "http://contributions.example.org/rappel",
        "https://evil.example.net/rappel",
        "/rappel",
        "file:///etc/passwd",
    ],
)
def test_a_callback_that_the_registry_does_not_hold_is_not_called(
    inside: Client, server: PlatformServer, callback: str, address: str
) -> None:
    ticket = ask_ticket(inside)
    text = validate(Client(), ticket, pgtUrl=address.format(url=server.url))
    assert code_in(text) == "INVALID_PROXY_CALLBACK"
    assert not server.received
    assert code_in(validate(Client(), ticket)) == "INVALID_TICKET"


@pytest.mark.cas("P1", "S2")
def test_plain_http_is_not_even_listed_outside_the_embedded_mode(
    inside: Client, server: PlatformServer, callback: str, settings: Any
) -> None:
    ticket = ask_ticket(inside)
    settings.EMBEDDED = False
    assert code_in(validate(Client(), ticket, pgtUrl=callback)) == "INVALID_PROXY_CALLBACK"
    assert not server.received


@pytest.mark.cas("P1")
def test_a_callback_on_a_private_address_is_not_called(
    inside: Client, server: PlatformServer, callback: str, settings: Any
) -> None:
    settings.CAS_PRIVATE_CALLBACKS = False
    text = validate(Client(), ask_ticket(inside), pgtUrl=callback)
    assert code_in(text) == "INVALID_PROXY_CALLBACK"
    assert not server.received


@pytest.mark.cas("P3")
@pytest.mark.parametrize("status", [204, 302, 307, 404, 500])
def test_a_callback_that_does_not_say_200_fails_the_validation(
    inside: Client, visitor: User, server: PlatformServer, callback: str, status: int
) -> None:
    server.status, server.location = status, f"{server.url}/ailleurs"
    ticket = ask_ticket(inside)
    assert code_in(validate(Client(), ticket, pgtUrl=callback)) == "INVALID_PROXY_CALLBACK"
    assert len(server.received) == 1  # a redirect is not followed
    assert not GrantingTicket.objects.exists()
    assert Ticket.objects.get().clear == ""  # nobody came in: nobody is to be logged out
    assert not PlatformActivity.objects.exists()


@pytest.mark.cas("P3")
def test_a_callback_that_nobody_answers_fails_the_validation(
    inside: Client, server: PlatformServer, callback: str, settings: Any
) -> None:
    settings.CAS_CALLBACK_TIMEOUT = 0.3
    server.hang = True
    text = validate(Client(), ask_ticket(inside), pgtUrl=callback)
    assert code_in(text) == "INVALID_PROXY_CALLBACK"


@pytest.mark.django_db(transaction=True)
@pytest.mark.cas("P2")
def test_the_callback_is_called_outside_of_any_transaction(monkeypatch: Any) -> None:
    load_reference()
    url = "https://contributions.example.org/rappel"
    make_visitor(make_platform(may_proxy=True, proxy_callbacks=[url]), now=timezone.now())
    client = Client()
    log_in(client)
    seen: list[bool] = []

    def call(*args: Any, **kwargs: Any) -> http_client.HttpAnswer:
        seen.append(connection.in_atomic_block)
        return http_client.HttpAnswer(200, "")

    monkeypatch.setattr(http_client, "send_request", call)
    assert "PGTIOU-" in validate(Client(), ask_ticket(client), pgtUrl=url)
    assert seen == [False]


# --- the proxy ticket (P4–P7) --------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.cas("P4", "P5", "P7", "T1", "T3", "V2", "V10")
def test_a_proxy_ticket_is_good_once_where_proxy_tickets_are_taken(
    inside: Client, visitor: User, target: Platform, server: PlatformServer, callback: str
) -> None:
    granting = granted(inside, server, callback)
    for path in PROXY_PATHS:
        ticket = proxied(granting)
        assert ticket.startswith("PT-") and len(ticket) == 32
        text = validate(Client(), ticket, TARGET, path)
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


@pytest.mark.cas("P6", "V7")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"service": f"{TARGET}/"}, "INVALID_SERVICE"),
        ({"service": SERVICE}, "INVALID_SERVICE"),
        ({"renew": "true"}, "INVALID_TICKET"),
    ],
)
def test_a_proxy_ticket_is_good_for_its_target_only(
    inside: Client,
    target: Platform,
    server: PlatformServer,
    callback: str,
    given: dict[str, str],
    code: str,
) -> None:
    ticket = proxied(granted(inside, server, callback))
    asked = {"service": TARGET, "ticket": ticket, **given}
    assert code_in(Client().get(PROXY_PATHS[0], asked).content.decode()) == code
    assert code_in(validate(Client(), ticket, TARGET, PROXY_PATHS[0])) == "INVALID_TICKET"


@pytest.mark.cas("P7", "T4")
def test_a_proxy_ticket_lives_as_long_as_a_service_ticket(
    inside: Client, target: Platform, server: PlatformServer, callback: str
) -> None:
    proxied(granted(inside, server, callback))
    row = Ticket.objects.get(granting__isnull=False)
    assert row.expires_at - row.issued_at == timedelta(seconds=target.ticket_seconds)


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
    told = json.loads(validate(Client(), ask_ticket(inside), format="JSON", pgtUrl=callback))
    iou = told["serviceResponse"]["authenticationSuccess"]["proxyGrantingTicket"]
    assert server.received[-1].fields["pgtIou"] == [iou]
    monkeypatch.setattr(Ticket.objects, "create", None)
    text = ask_proxy(granting)
    assert code_in(text) == "INTERNAL_ERROR" and "Traceback" not in text


TARGET_CLOSES: dict[str, Callable[[Platform], Any]] = {
    "unregistered": lambda target: ServiceRule.objects.filter(platform=target).delete(),
    "closed": lambda target: Platform.objects.filter(pk=target.pk).update(enabled=False),
}


@pytest.mark.cas("P4", "R10", "L20", "S5")
@pytest.mark.req("S22")
@pytest.mark.parametrize("how", TARGET_CLOSES)
def test_a_target_that_the_person_could_not_enter_gets_no_proxy_ticket(
    inside: Client, target: Platform, server: PlatformServer, callback: str, how: str
) -> None:
    granting = granted(inside, server, callback)
    assert proxied(granting)
    TARGET_CLOSES[how](target)
    assert code_in(ask_proxy(granting)) == "UNAUTHORIZED_SERVICE"


ENDS: dict[str, Callable[[User, Client], Any]] = {
    "logout": lambda user, client: client.post("/cas/logout"),
    "everywhere": lambda user, client: log_out_everywhere(user, now=NOW),
    "suspension": lambda user, client: account_departures.suspend_account(
        user, actor=STAFF, reason=DeactivationReason.values[0], now=NOW
    ),
    "session row": lambda user, client: Session.objects.all().delete(),
    "the proxy's permission": lambda user, client: Platform.objects.update(may_proxy=False),
    "the callback": lambda user, client: Platform.objects.update(proxy_callbacks=[]),
    "the proxy": lambda user, client: Platform.objects.filter(code="m-contributions").update(
        enabled=False
    ),
    "the access to the proxy": lambda user, client: Access.objects.filter(
        platform__code="m-contributions"
    ).update(ended_at=NOW),
}


@pytest.mark.both
@pytest.mark.cas("O1", "P7", "V15")
@pytest.mark.req("S20")
@pytest.mark.parametrize("how", ENDS)
def test_a_granting_ticket_and_its_proxy_tickets_die_with_what_they_rest_on(
    inside: Client, visitor: User, target: Platform, server: PlatformServer, callback: str, how: str
) -> None:
    granting = granted(inside, server, callback)
    ticket = proxied(granting)
    ENDS[how](visitor, inside)
    assert code_in(ask_proxy(granting)) == "UNAUTHORIZED_SERVICE"
    assert code_in(validate(Client(), ticket, TARGET, PROXY_PATHS[0])) == "INVALID_TICKET"


# --- what follows --------------------------------------------------------------------------------


@pytest.mark.req("D22")
def test_a_validated_proxy_ticket_is_activity_on_its_target(
    inside: Client, visitor: User, target: Platform, server: PlatformServer, callback: str
) -> None:
    granting = granted(inside, server, callback)
    ticket = proxied(granting)
    assert not PlatformActivity.objects.filter(platform=target).exists()
    validate(Client(), ticket, TARGET, PROXY_PATHS[0])
    assert PlatformActivity.objects.get(platform=target).last_at == NOW


@pytest.mark.cas("O7", "O10")
@pytest.mark.req("D36")
def test_the_target_of_a_proxy_is_told_of_the_logout_by_its_proxy_ticket(
    inside: Client, target: Platform, server: PlatformServer, callback: str
) -> None:
    ticket = proxied(granted(inside, server, callback))
    validate(Client(), ticket, TARGET, PROXY_PATHS[0])
    inside.post("/cas/logout")
    assert sessions_to_end.queue_ended_sessions(NOW) == 2
    told = LogoutDelivery.objects.get(platform=target)
    assert (told.url, told.session_index) == (TARGET, ticket)


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
    own = ask_ticket(inside, service)  # the person's own entry there rests on nobody else
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


@pytest.mark.both
def test_granting_tickets_are_forgotten_once_their_session_must_be_over(
    inside: Client, target: Platform, server: PlatformServer, callback: str
) -> None:
    ticket = proxied(granted(inside, server, callback))
    validate(Client(), ticket, TARGET, PROXY_PATHS[0])
    later = NOW + timedelta(days=1, seconds=1)
    ticket_life.purge_old_tickets(later)
    assert GrantingTicket.objects.exists()  # its tickets wait to be told
    sessions_to_end.queue_ended_sessions(later)
    assert ticket_life.purge_old_tickets(later) == {"tickets": 2, "granting_tickets": 1}


def test_nothing_of_a_proxy_is_in_the_logs(
    inside: Client, target: Platform, server: PlatformServer, callback: str, caplog: Any
) -> None:
    with caplog.at_level("INFO"):
        granting = granted(inside, server, callback)
        ticket = proxied(granting)
        server.status = 500
        validate(Client(), ask_ticket(inside), pgtUrl=callback)
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
