"""What a GET of the protocol does not do: act before its reader comes, or without end."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.cas.models import Ticket
from accounts.people.models import User
from tests.factories.cas import SERVICE, ask_ticket, ticket_in
from tests.factories.people import NOW, log_in

pytestmark = pytest.mark.django_db

AHEAD = [
    {"sec-purpose": "prefetch"},
    {"sec-purpose": "prefetch;prerender"},
    {"purpose": "prefetch"},
    {"x-moz": "prefetch"},
]


@pytest.mark.cas("A14", "A17")
@pytest.mark.req("S24")
def test_a_browser_that_fetches_ahead_neither_logs_out_nor_gets_a_ticket(inside: Client) -> None:
    for headers in AHEAD:
        for path in ("/cas/logout", "/cas/login"):
            answer = inside.get(path, {"service": SERVICE}, headers=headers)
            assert answer.status_code == 403, headers  # which browsers drop, to ask again
            assert answer["Cache-Control"] == "no-store", headers
    assert not Ticket.objects.exists()
    assert ask_ticket(inside)


@pytest.mark.cas("A13")
@pytest.mark.req("S24")
def test_a_loop_of_tickets_ends(inside: Client, settings: Any) -> None:
    settings.CAS_TICKETS_PER_SESSION = (3, timedelta(hours=1))
    for _ in range(3):
        ask_ticket(inside)
    stopped = inside.get("/cas/login", {"service": SERVICE})
    assert (stopped.status_code, stopped["Retry-After"]) == (429, "3600")
    back: Any = inside.get("/cas/login", {"service": SERVICE, "gateway": "true"})
    assert back["Location"] == SERVICE
    assert Ticket.objects.count() == 3
    assert inside.get("/compte/").status_code == 200
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert ask_ticket(inside)


@pytest.mark.cas("L5", "L17")
def test_gateway_shows_no_page_but_the_one_that_the_person_asked_for(
    client: Client, visitor: User
) -> None:
    log_in(client, service=SERVICE, warn="true")
    page = client.get("/cas/login", {"service": SERVICE, "gateway": "true"})
    assert page.status_code == 200
    assert "Entrer sur M-Contributions" in page.text
    sure: Any = client.post("/cas/confirm", {"service": SERVICE, "answer": "go"})
    assert ticket_in(sure)
