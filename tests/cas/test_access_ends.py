"""The end of an access closes what it opened: the session on that platform, and no other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.cas.models import LogoutDelivery, Ticket
from accounts.cas.single_logout import logout_delivery, sessions_to_end
from accounts.habilitations.accesses import flows, moving_flows
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.journal.actors import Actor
from registrations.accesses import leave_flows
from tests.cas.platform_server import PlatformServer
from tests.factories.cas import issue, make_platform, make_visitor, validate
from tests.factories.habilitations import make_access, make_establishment
from tests.factories.people import NOW, sign_in

pytestmark = pytest.mark.django_db
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")
TUTORAT = "https://tutorat.example.org/"
ROLES = ("administrateur", "gestionnaire")

ENDS: dict[str, Callable[[Access], Any]] = {
    "end": lambda access: flows.end_access(access.pk, actor=STAFF, reason="Fin", now=NOW),
    "suspension": lambda access: flows.suspend_access(
        access.pk, actor=STAFF, reason="Justificatif absent", now=NOW
    ),
    "departure": lambda access: leave_flows.leave_platform(access.user, access.public_id, now=NOW),
    "move": lambda access: moving_flows.move_access(
        access.pk, to=make_establishment(branch=None), reason="SIRET", actor=STAFF, now=NOW
    ),
}


def sweep() -> dict[str, int]:
    queued = sessions_to_end.queue_ended_sessions(NOW)
    told = logout_delivery.deliver_due_logouts(lambda: NOW)
    return {"queued": queued, "received": told["received"], "failed": told["failed"]}


@pytest.fixture
def access(visitor: User) -> Access:
    return Access.objects.get(user=visitor)


def enter(platform: Platform, address: str) -> tuple[Client, Access, str]:
    """Somebody who has entered: the browser, the access and the ticket."""
    client, user = Client(), make_visitor(platform, address=address)
    sign_in(client, address)
    ticket = issue(client)
    validate(Client(), ticket)
    return client, Access.objects.get(user=user), ticket


@pytest.fixture
def listening(contributions: Platform, server: PlatformServer, now: datetime) -> Platform:
    """M-Contributions, whose server takes logouts."""
    contributions.slo_url = f"{server.url}/logout"
    contributions.save()
    return contributions


@pytest.mark.cas("O14")
@pytest.mark.req("R110", "R111", "R117", "D70")
def test_the_end_of_an_access_ends_the_session_on_its_platform(
    listening: Platform, server: PlatformServer
) -> None:
    entered = {end: enter(listening, f"p{n}@garage.example.org") for n, end in enumerate(ENDS)}
    assert sweep()["queued"] == 0
    for end, (_, access, _) in entered.items():
        ENDS[end](access)
    assert sweep() == {"queued": len(ENDS), "received": len(ENDS), "failed": 0}
    reasons = dict(LogoutDelivery.objects.values_list("tail", "reason"))
    for end, (_, _, ticket) in entered.items():
        assert any(ticket in body for body in server.requests), end
        assert reasons[ticket[-6:]] == "access", end
    assert sweep()["queued"] == 0


@pytest.mark.cas("O14")
@pytest.mark.req("R78", "D70")
def test_a_role_that_falls_or_rises_ends_the_session_that_was_told_the_old_one(
    listening: Platform, server: PlatformServer
) -> None:
    def change(access: Access, role: str) -> None:
        flows.change_role(access.pk, role=role, dashboard="", actor=STAFF, reason="Tests", now=NOW)

    entered = []
    for before, after in (ROLES, ROLES[::-1]):
        client, access, ticket = enter(listening, f"{before}@garage.example.org")
        Access.objects.filter(pk=access.pk).update(role=before)
        entered.append((client, access, ticket, after))
        change(access, before)
    assert sweep()["queued"] == 0, "nothing has changed"
    for _, access, _, after in entered:
        change(access, after)
    assert sweep() == {"queued": 2, "received": 2, "failed": 0}
    assert set(LogoutDelivery.objects.values_list("reason", flat=True)) == {"role"}
    # Who enters again is told the new role, and stays.
    AccessChange.objects.update(at=NOW - timedelta(minutes=1))
    for client, _, ticket, after in entered:
        assert any(ticket in body for body in server.requests), after
        assert client.get("/compte/").status_code == 200
        validate(Client(), issue(client))
    assert sweep()["queued"] == 0


@pytest.mark.cas("O14")
@pytest.mark.req("R110")
def test_the_portal_and_the_other_platforms_stay_open(
    inside: Client, visitor: User, access: Access, entered: str
) -> None:
    other = make_platform("m-tutorat", TUTORAT.rstrip("/"))
    make_access(user=visitor, platform=other, dashboard="")
    validate(Client(), issue(inside, TUTORAT), TUTORAT)
    flows.end_access(access.pk, actor=STAFF, reason="Fin", now=NOW)
    assert sweep()["queued"] == 1
    assert Ticket.objects.exclude(clear="").get().platform == other
    assert inside.get("/compte/").status_code == 200


@pytest.mark.cas("O14")
@pytest.mark.req("R111", "D70")
def test_one_access_of_two_ends_what_was_opened_with_both(
    inside: Client, visitor: User, access: Access, entered: str
) -> None:
    """The ticket told the platform of both establishments; the next one tells of what remains."""
    second = make_access(user=visitor, platform=access.platform, dashboard="")
    Access.objects.filter(pk=second.pk).update(ended_at=NOW - timedelta(minutes=1))
    assert sweep()["queued"] == 0, "what ended before the ticket was never told"
    Access.objects.filter(pk=second.pk).update(ended_at=None)
    flows.end_access(access.pk, actor=STAFF, reason="Fin", now=NOW + timedelta(minutes=1))
    assert sweep()["queued"] == 1
