"""What platforms ask and read: statements V1–V16, R1–R10 and P1–P5."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from lxml import etree

from accounts.cas.models import Ticket
from accounts.cas.protocol import answers
from accounts.cas.tickets import ticket_life
from accounts.entry.models import SessionRecord
from accounts.habilitations.accesses.models import Access, PlatformActivity
from accounts.habilitations.platforms.models import Platform
from accounts.people.enums import Status
from accounts.people.models import User
from tests.factories.cas import SERVICE, ask_ticket, issue, validate
from tests.factories.habilitations import make_access
from tests.factories.people import ADDRESS, NOW, sign_in
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db
CAS = {"cas": answers.NAMESPACE}
V2, V3 = "/cas/serviceValidate", "/cas/p3/serviceValidate"
PROXY2, PROXY3 = "/cas/proxyValidate", "/cas/p3/proxyValidate"
ALL = [V2, V3, PROXY2, PROXY3]


def code_in(xml: str) -> str:
    found = etree.fromstring(xml).find("cas:authenticationFailure", CAS)
    return str(found.get("code")) if found is not None else ""


def user_in(xml: str) -> str:
    return str(etree.fromstring(xml).findtext("cas:authenticationSuccess/cas:user", namespaces=CAS))


def attributes_in(xml: str) -> list[tuple[str, str]]:
    found = etree.fromstring(xml).find("cas:authenticationSuccess/cas:attributes", CAS)
    if found is None:
        return []
    return [(etree.QName(child).localname, child.text or "") for child in found]


# --- CAS 1.0 -------------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.cas("V1", "V3")
def test_v1_v3_validate_says_yes_and_who_then_no(inside: Client, visitor: User) -> None:
    ticket = issue(inside)
    response: Any = Client().get("/cas/validate", {"service": SERVICE, "ticket": ticket})
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text == f"yes\n{visitor.public_id}\n"
    assert validate(Client(), ticket, path="/cas/validate") == "no\n\n"


@pytest.mark.cas("V2", "V3")
def test_v2_v3_validate_says_no_to_proxy_tickets_other_services_and_renew(inside: Client) -> None:
    assert validate(Client(), "PT-x", path="/cas/validate") == "no\n\n"
    assert validate(Client(), issue(inside), f"{SERVICE}2", "/cas/validate") == "no\n\n"
    assert validate(Client(), issue(inside), path="/cas/validate", renew="true") == "no\n\n"
    assert Client().get("/cas/validate").content == b"no\n\n"


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.cas("V4")
def test_v4_a_missing_parameter_is_an_invalid_request(client: Client) -> None:
    for path in ALL:
        for given in ({}, {"service": SERVICE}, {"ticket": "ST-x"}, {"service": "", "ticket": ""}):
            code = code_in(client.get(path, given).text)
            assert code == "INVALID_REQUEST", (path, given)


@pytest.mark.cas("V5", "V14", "A7")
@pytest.mark.usefixtures("reference")
def test_v5_v14_a_ticket_that_is_none_of_ours_is_invalid_and_not_echoed(client: Client) -> None:
    foreign = ("ST-unknown", "nonsense", "ST-" + "x" * 10_000, "ST-é", "ST-<a>&\"'", "st-x")
    for ticket, path in zip((*foreign, "TGC-x"), ALL * 2, strict=False):
        text = validate(client, ticket, path=path)
        assert code_in(text) == "INVALID_TICKET", ticket
        assert ticket not in text


@pytest.mark.both
@pytest.mark.cas("V5", "V6", "A2")
@pytest.mark.req("S21")
def test_v5_v6_a_ticket_is_good_once(inside: Client, visitor: User) -> None:
    for path in ALL:
        ticket = issue(inside)
        assert user_in(validate(Client(), ticket, path=path)) == str(visitor.public_id)
        for again in ALL if path == V3 else [path]:
            assert code_in(validate(Client(), ticket, path=again)) == "INVALID_TICKET", again


@pytest.mark.both
@pytest.mark.cas("V6", "V7", "V8", "V9", "V11", "P1", "R9")
@pytest.mark.req("S21", "D22")
def test_v6_v7_v8_v9_v11_p1_any_failed_attempt_burns_the_ticket(inside: Client) -> None:
    for given, code in (
        ({"service": "https://contributions.example.org/other"}, "INVALID_SERVICE"),
        ({"service": f"{SERVICE}?a=1"}, "INVALID_SERVICE"),
        ({"service": f"{SERVICE}/"}, "INVALID_SERVICE"),
        ({"service": SERVICE.upper()}, "INVALID_SERVICE"),
        ({"service": "https://evil.example.net/"}, "INVALID_SERVICE"),
        ({"service": ""}, "INVALID_REQUEST"),
        ({"renew": "true"}, "INVALID_TICKET"),
        ({"format": "YAML"}, "INVALID_REQUEST"),
        ({"pgtUrl": "https://contributions.example.org/pgt"}, "UNAUTHORIZED_SERVICE_PROXY"),
    ):
        ticket = issue(inside)
        asked = {"service": SERVICE, "ticket": ticket, **given}
        assert code_in(Client().get(V3, asked).text) == code, given
        assert code_in(validate(Client(), ticket)) == "INVALID_TICKET", given
    assert not Ticket.objects.exclude(clear="").exists()
    assert not PlatformActivity.objects.exists()  # nor is it activity


@pytest.mark.cas("V8")
def test_v8_the_query_counts_and_is_compared_as_it_was_given(inside: Client) -> None:
    service = f"{SERVICE}?a=%2Fb&c=d%20e"
    assert (
        code_in(validate(Client(), issue(inside, service), f"{SERVICE}?a=%2Fb&c=x"))
        == "INVALID_SERVICE"
    )
    assert user_in(validate(Client(), issue(inside, service), service))


@pytest.mark.cas("V10", "R9")
def test_v10_a_proxy_ticket_is_named_as_such_where_none_is_taken(client: Client, db: None) -> None:
    for path in (V2, V3):
        text = validate(client, "PT-1234", path=path)
        assert code_in(text) == "INVALID_TICKET_SPEC"
        assert "proxy ticket" in text
    for path in (PROXY2, PROXY3):
        assert code_in(validate(client, "PT-1234", path=path)) == "INVALID_TICKET"


@pytest.mark.cas("V13", "R9")
def test_v13_a_fault_is_an_internal_error_and_says_nothing(
    inside: Client, monkeypatch: Any, caplog: Any
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(ticket_life, "_check_ticket", fail)
    for path in ALL:
        text = validate(Client(), issue(inside), path=path)
        assert code_in(text) == "INTERNAL_ERROR"
        assert "secret" not in text and "Traceback" not in text
    assert "the secret of the house" in caplog.text
    assert validate(Client(), issue(inside), path="/cas/validate") == "no\n\n"


ENDS: dict[str, Callable[[Client], object]] = {
    "status": lambda inside: User.objects.update(status=Status.SUSPENDED),
    "access": lambda inside: Access.objects.update(ended_at=NOW),
    "epoch": lambda inside: User.objects.update(session_epoch=9),
    "idle": lambda inside: SessionRecord.objects.update(seen_at=NOW - timedelta(hours=2)),
    "logout": lambda inside: inside.post("/cas/logout"),
}


@pytest.mark.both
@pytest.mark.cas("V15")
@pytest.mark.req("S20")
def test_v15_what_ended_between_issue_and_validation_makes_the_ticket_invalid(
    inside: Client,
) -> None:
    ticket = issue(inside)
    for what, end in ENDS.items():
        with rolled_back():
            end(inside)
            assert code_in(validate(Client(), ticket)) == "INVALID_TICKET", what
    assert user_in(validate(Client(), ticket))


# --- how it is asked -----------------------------------------------------------------------------


@pytest.mark.cas("V12", "V16", "A14")
def test_v12_v16_two_hundred_without_a_cookie_and_a_head_consumes_nothing(inside: Client) -> None:
    for path in (*ALL, "/cas/validate"):
        asked = {"service": SERVICE, "ticket": issue(inside)}
        assert Client().head(path, asked).status_code == 200
        assert Ticket.objects.latest("pk").consumed_at is None, path
        for ticket, kept in ((asked["ticket"], asked["ticket"]), ("ST-unknown", "")):
            answer = Client(enforce_csrf_checks=True).post(path, {**asked, "ticket": ticket})
            assert answer.status_code == 200
            assert not answer.cookies
            media = "text/plain" if path == "/cas/validate" else "text/xml"
            assert answer["Content-Type"] == f"{media}; charset=utf-8"
            assert Ticket.objects.filter(clear=kept).exists() is bool(kept), path
        assert Client().put(path).status_code == 405


# --- shapes --------------------------------------------------------------------------------------


@pytest.mark.cas("R1", "R2", "R3", "R4", "R7")
@pytest.mark.req("D60")
def test_r1_r2_r3_r4_r7_the_shapes_that_clients_of_regular_expressions_read(
    inside: Client, visitor: User
) -> None:
    text = validate(Client(), issue(inside), path=V2)
    assert text.startswith(f'<cas:serviceResponse xmlns:cas="{answers.NAMESPACE}">')
    assert f"<cas:user>{visitor.public_id}</cas:user>" in text
    assert "cas:attributes" not in text
    text = validate(Client(), "ST-x", path=V2)
    assert '<cas:authenticationFailure code="INVALID_TICKET">' in text
    # A platform that was released nothing reads what the protocol wants, and no more.
    assert [name for name, _ in attributes_in(validate(Client(), issue(inside)))] == [
        "authenticationDate",
        "longTermAuthenticationRequestTokenUsed",
        "isFromNewLogin",
    ]


@pytest.mark.cas("R4", "R5")
@pytest.mark.req("D60")
def test_r4_r5_the_three_of_the_protocol_come_first_then_what_the_platform_is_told(
    inside: Client, visitor: User, contributions: Platform
) -> None:
    User.objects.filter(pk=visitor.pk).update(first_name="Zoé <b>", last_name="d’Été & fils]]>\x07")
    Platform.objects.filter(pk=contributions.pk).update(
        attributes=[
            "habilitation",
            "role",
            "siret",
            "mail",
            "givenName",
            "sn",
            "displayName",
            "telephoneNumber",
        ]
    )
    access = Access.objects.get()
    text = validate(Client(), issue(inside))
    siret = access.establishment.siret
    assert attributes_in(text) == [
        ("authenticationDate", "2026-03-17T09:00:00Z"),
        ("longTermAuthenticationRequestTokenUsed", "false"),
        ("isFromNewLogin", "false"),
        ("mail", ADDRESS),
        ("givenName", "Zoé <b>"),
        ("sn", "d’Été & fils]]>"),
        ("displayName", "Zoé <b> d’Été & fils]]>"),
        ("role", "gestionnaire"),
        ("siret", siret),
        ("habilitation", f"{siret}:entreprise:gestionnaire"),
    ]


@pytest.mark.cas("R5", "R6")
@pytest.mark.req("D60")
def test_r5_r6_several_values_are_several_elements_and_an_old_client_may_read_them(
    inside: Client, visitor: User, contributions: Platform
) -> None:
    platform = Platform.objects.filter(pk=contributions.pk)
    platform.update(attributes=["siret"], attributes_on_v2=True, principal="email")
    make_access(user=visitor, platform=contributions)
    ended = make_access(user=visitor, platform=contributions, ended_at=NOW)
    text = validate(Client(), issue(inside), path=V2)
    assert user_in(text) == ADDRESS  # of a platform set so
    sirets = [value for name, value in attributes_in(text) if name == "siret"]
    assert len(sirets) == 2
    assert ended.establishment.siret not in sirets


@pytest.mark.cas("V11", "R8")
def test_v11_r8_json(inside: Client, visitor: User, contributions: Platform) -> None:
    Platform.objects.filter(pk=contributions.pk).update(attributes=["mail", "role"])
    response: Any = Client().get(
        V3, {"service": SERVICE, "ticket": issue(inside), "format": "JSON"}
    )
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(response.content) == {
        "serviceResponse": {
            "authenticationSuccess": {
                "user": str(visitor.public_id),
                "attributes": {
                    "authenticationDate": "2026-03-17T09:00:00Z",
                    "longTermAuthenticationRequestTokenUsed": False,
                    "isFromNewLogin": False,
                    "mail": [ADDRESS],
                    "role": ["gestionnaire"],
                },
            }
        }
    }
    failure = json.loads(validate(Client(), "ST-x", format="json"))["serviceResponse"][
        "authenticationFailure"
    ]
    assert failure["code"] == "INVALID_TICKET"
    assert failure["description"]


@pytest.mark.cas("V11", "P5")
def test_v11_p5_xml_is_what_comes_without_a_format_and_lists_no_proxies(inside: Client) -> None:
    for wanted in ("", "XML", "xml"):
        text = validate(Client(), issue(inside), path=PROXY3, format=wanted)
        assert user_in(text), wanted
        assert "cas:proxies" not in text and "proxyGrantingTicket" not in text


@pytest.mark.cas("P4", "R10")
def test_p4_r10_proxy_refuses_whoever_has_no_granting_ticket(client: Client) -> None:
    for given, code in (
        ({}, "INVALID_REQUEST"),
        ({"pgt": "PGT-x"}, "INVALID_REQUEST"),
        ({"pgt": "PGT-x", "targetService": SERVICE}, "UNAUTHORIZED_SERVICE"),
    ):
        tree = etree.fromstring(client.get("/cas/proxy", given).content)
        found = tree.find("cas:proxyFailure", CAS)
        assert found is not None and found.get("code") == code, given


# --- activity (D22) ------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.req("D22", "D38", "R83", "R84")
@pytest.mark.parametrize("counts", [True, False])
def test_d22_a_validated_ticket_is_activity_on_platforms_that_count_only(
    client: Client, visitor: User, contributions: Platform, counts: bool
) -> None:
    make_access(user=visitor)  # on a platform that counts: without any, each one would count
    Platform.objects.filter(pk=contributions.pk).update(counts_for_inactivity=counts)
    evening = NOW + timedelta(hours=13, minutes=30)  # 23:30 in Paris
    with time_machine.travel(evening, tick=False):
        sign_in(client)
    past_midnight = evening + timedelta(hours=1)
    with time_machine.travel(past_midnight, tick=False):
        ticket = ask_ticket(client)  # by its page
        visitor.refresh_from_db()
        assert visitor.last_activity_at == evening  # a ticket alone is nothing yet
        validate(Client(), ticket)
    visitor.refresh_from_db()
    assert visitor.last_activity_at == (past_midnight if counts else evening)
    assert visitor.clock_from == (past_midnight if counts else evening)
    assert PlatformActivity.objects.get().last_at == past_midnight  # his own page shows it
