"""Each gate is shut in turn: every door gives the same answer (L20)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.cas.tickets import ticket_life
from accounts.cas.tickets.bearers import find_bearer
from accounts.entry.gates import GateKind, closed_gate
from accounts.entry.models import SessionRecord
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.api import people_feed
from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsVersion, TermsWithdrawal
from accounts.people.enums import Status
from accounts.people.models import User
from tests.cas.platform_server import PlatformServer
from tests.cas.test_proxying import TARGET, ask_proxy, code_in, granted
from tests.factories.cas import SERVICE, ask_ticket, validate
from tests.factories.factors import give_factor
from tests.factories.people import NOW, log_in
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db


def set_status(status: Status) -> Callable[[User], object]:
    return lambda user: User.objects.filter(pk=user.pk).update(status=status)


def publish_terms(
    user: User | None = None, platform: Platform | None = None, **facts: Any
) -> TermsVersion:
    slug = f"ete-{platform.code if platform else 'cgu'}"
    shown = {"slug": slug, "label": "Été", "body": "<p>Texte.</p>"}
    in_force = {"published_at": NOW, "effective_at": NOW}
    return TermsVersion.objects.create(platform=platform, **{**shown, **in_force, **facts})


def publish_conditions(user: User) -> None:
    """Of every platform."""
    for platform in Platform.objects.all():
        publish_terms(platform=platform)


GATES: dict[str, tuple[GateKind, Callable[[User], object]]] = {
    **{
        status.value: (GateKind.ACCOUNT, set_status(status))
        for status in Status
        if status is not Status.ACTIVE
    },
    "terms": (GateKind.TERMS, publish_terms),
    "access": (GateKind.ACCESS, lambda user: Access.objects.update(ended_at=NOW)),
    "maintenance": (
        GateKind.MAINTENANCE,
        lambda user: Platform.objects.update(maintenance_message="Retour mardi."),
    ),
    "conditions": (GateKind.CONDITIONS, publish_conditions),
}


# Accounts that are closed as a suspended one is: at the gate itself, and not by all the pages.
ASKED_WITHIN = (Status.PENDING, Status.DEACTIVATED_BY_ADMIN, Status.CLOSING)


@pytest.mark.cas("L20", "P4", "V9", "A15")
@pytest.mark.req("S5", "S22", "D68")
def test_a_closed_gate_is_closed_at_every_door(
    inside: Client,
    visitor: User,
    contributions: Platform,
    target: Platform,
    server: PlatformServer,
    callback: str,
) -> None:
    granting = granted(inside, server, callback)
    session = SessionRecord.objects.get()

    def open_browser() -> Client:
        """With the cookies of `inside`: it loses them where the session is found to be over."""
        browser = Client()
        browser.cookies.load({name: morsel.value for name, morsel in inside.cookies.items()})
        return browser

    issued = ask_ticket(open_browser())

    def issue() -> str | None:
        key = session.session_key
        return ticket_life.issue_ticket(
            visitor, contributions, SERVICE, session_key=key, new_login=False, now=NOW
        )

    def read_bearer(platform: Platform) -> Any:
        platform.refresh_from_db()
        return find_bearer(session.pk, platform, NOW)

    assert closed_gate(visitor, contributions, NOW) is None
    assert issue() and "PT-" in ask_proxy(granting, TARGET)
    for platform in (contributions, target):
        assert read_bearer(platform).closed is None

    for gate, (kind, shut) in GATES.items():
        with rolled_back():
            shut(visitor)
            for platform in (contributions, target):
                found = read_bearer(platform)
                assert found.closed.kind is kind, gate
                assert closed_gate(User.objects.get(), platform, NOW) == found.closed, gate
            assert issue() is None, gate
            if gate in ASKED_WITHIN:
                continue
            assert code_in(ask_proxy(granting, TARGET)) == "UNAUTHORIZED_SERVICE", gate
            assert code_in(validate(Client(), issued)) == "INVALID_TICKET", gate
            told = people_feed.find_person(contributions, subject=visitor.public_id, email="")
            if kind is GateKind.ACCESS:
                assert told is None, gate
            else:  # the platforms' interface tells of accounts and accesses: nobody enters by it
                assert told is not None and told["active"] is User.objects.get().is_active, gate
            entered = open_browser().get("/cas/login", {"service": SERVICE})
            assert "ticket=" not in entered.get("Location", ""), gate
            if gate != Status.DEACTIVATED_INACTIVE:  # a login brings this account back (R100)
                entered = log_in(Client(), service=SERVICE)
                assert "ticket=" not in entered.get("Location", ""), gate


@pytest.mark.cas("L20")
@pytest.mark.req("S18")
def test_a_login_that_waits_for_its_second_factor_opens_no_door(
    client: Client, visitor: User, contributions: Platform
) -> None:
    give_factor(visitor)
    asked = closed_gate(visitor, None, NOW, factor_shown=False)
    assert asked is not None and asked.kind is GateKind.SECOND_FACTOR
    assert closed_gate(visitor, None, NOW, factor_shown=True) is None
    assert "/second-facteur/" in log_in(client, service=SERVICE)["Location"]
    key = client.session.session_key
    assert not ticket_life.issue_ticket(
        visitor, contributions, SERVICE, session_key=key, new_login=True, now=NOW
    )
    assert client.get("/cas/login", {"service": SERVICE}).status_code == 200  # the form
    assert not SessionRecord.objects.exists()


@pytest.mark.cas("L20")
@pytest.mark.req("D37")
def test_terms_that_were_withdrawn_before_their_day_stop_nobody(
    inside: Client, visitor: User, contributions: Platform
) -> None:
    TermsWithdrawal.objects.create(version=publish_terms(), withdrawn_at=NOW, reason="Erreur")
    assert closed_gate(visitor, contributions, NOW) is None
    assert ask_ticket(inside)
    assert inside.get("/compte/").status_code == 200
