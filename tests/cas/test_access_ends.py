"""The end of an access closes what it opened: the session on that platform, and no other."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.cas.models import LogoutDelivery, Ticket
from accounts.cas.single_logout import logout_delivery, sessions_to_end
from accounts.habilitations.accesses import flows, moving_flows
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.people.models import User
from mgestion.journal.actors import Actor
from registrations.accesses import leave_flows
from tests.cas.platform_server import PlatformServer
from tests.factories.cas import ask_ticket, make_platform, validate
from tests.factories.habilitations import make_access, make_establishment
from tests.factories.people import NOW

pytestmark = pytest.mark.django_db
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")
TUTORAT = "https://tutorat.example.org/"

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


@pytest.mark.cas("O14")
@pytest.mark.req("R110", "R111", "R117", "D70")
@pytest.mark.parametrize("end", ENDS)
def test_the_end_of_an_access_ends_the_session_on_its_platform(
    inside: Client, access: Access, entered: str, server: PlatformServer, end: str
) -> None:
    assert sweep()["queued"] == 0
    ENDS[end](access)
    assert sweep() == {"queued": 1, "received": 1, "failed": 0}
    assert entered in server.requests[0]
    assert LogoutDelivery.objects.get().reason == "access"
    assert sweep()["queued"] == 0


@pytest.mark.cas("O14")
@pytest.mark.req("R78", "D70")
@pytest.mark.parametrize(
    "roles", [("administrateur", "gestionnaire"), ("gestionnaire", "administrateur")]
)
def test_a_role_that_falls_or_rises_ends_the_session_that_was_told_the_old_one(
    visitor: User, inside: Client, entered: str, server: PlatformServer, roles: tuple[str, str]
) -> None:
    access, (before, after) = Access.objects.get(user=visitor), roles
    Access.objects.filter(pk=access.pk).update(role=before)
    assert sweep()["queued"] == 0
    change = partial(
        flows.change_role, access.pk, dashboard="", actor=STAFF, reason="Tests", now=NOW
    )
    change(role=before)
    assert sweep()["queued"] == 0, "nothing has changed"
    change(role=after)
    assert sweep() == {"queued": 1, "received": 1, "failed": 0}
    assert entered in server.requests[0]
    assert LogoutDelivery.objects.get().reason == "role"
    assert inside.get("/compte/").status_code == 200
    # Who enters again is told the new role, and stays.
    AccessChange.objects.update(at=NOW - timedelta(minutes=1))
    validate(Client(), ask_ticket(inside))
    assert sweep()["queued"] == 0


@pytest.mark.cas("O14")
@pytest.mark.req("R110")
def test_the_portal_and_the_other_platforms_stay_open(
    inside: Client, visitor: User, access: Access, entered: str
) -> None:
    other = make_platform("m-tutorat", TUTORAT.rstrip("/"))
    make_access(user=visitor, platform=other, dashboard="")
    validate(Client(), ask_ticket(inside, TUTORAT), TUTORAT)
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
