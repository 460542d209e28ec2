"""From a request one walks the list that it was opened from, and comes back to it (R44)."""

import re
from datetime import timedelta
from typing import cast
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.admin import site
from django.http import QueryDict
from django.test import Client, RequestFactory

from accounts.habilitations.enums import StaffRole
from registrations.desk.decision.list_place import (
    LIST_PARAMETER,
    ListedRequestAdmin,
    find_list_place,
)
from registrations.desk.queue.changelist import QUEUE_ORDERS
from registrations.requests.models import Request
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import (
    QUEUE,
    address_of,
    closed,
    find_listed,
    make_request,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "clock"),
    pytest.mark.req("R44"),
]


@pytest.fixture
def national() -> Client:
    return client_of(make_staff(StaffRole.NATIONAL))


def _address(row: Request, query: str = "", act: str = "change") -> str:
    return address_of(row, act) + (f"?{urlencode({LIST_PARAMETER: query})}" if query else "")


def _go(client: Client, address: str, key: str) -> str:
    """The address that a key of the page leads to; empty where there is none."""
    return _find_key(client.get(address).text, key)


def _find_key(page: str, key: str) -> str:
    found = re.search(rf'href="([^"]+)" data-key-go="{key}"', page)
    return found[1].replace("&amp;", "&") if found else ""


def _accept(row: Request) -> dict[str, object]:
    return {"version": row.version, "role": "gestionnaire", "then": "suivante"}


@pytest.mark.both
def test_the_keys_walk_the_list_in_its_own_order_and_back() -> None:
    """Some due at the same moment, some waiting for their author, one of another délégation."""
    agent = make_staff(StaffRole.NATIONAL)
    find_listed(agent)  # registers the administration
    model_admin = cast(ListedRequestAdmin, site.get_model_admin(Request))
    for hours in (1, 5, 5, 40):
        make_request(age=timedelta(hours=hours))
    for hours in (30, 5):
        age = timedelta(hours=hours)
        make_request(age=age, status="awaiting_document", paused_at=NOW - timedelta(hours=1))
    make_request(delegation="BRE")
    for order in QUEUE_ORDERS:
        query = f"delegation=IDF&o={order}"
        http = RequestFactory().get(QUEUE, {"delegation": "IDF", "o": order})
        http.user = agent
        rows = list(model_admin.get_changelist_instance(http).result_list)
        assert len(rows) == 6
        http.GET = QueryDict(urlencode({LIST_PARAMETER: query}))
        places = [find_list_place(model_admin, http, row) for row in rows]
        assert [place.following for place in places] == [*rows[1:], None], order
        assert [place.previous for place in places] == [None, *rows[:-1]], order
        assert [place.number for place in places] == [1, 2, 3, 4, 5, 6], order
    page = client_of(agent).get(f"{QUEUE}?{query}").text
    listed = [
        each.replace("&amp;", "&") for each in re.findall(r'class="mono nowrap" href="(\S+)"', page)
    ]
    assert listed == [_address(row, query) for row in rows]
    page = client_of(agent).get(listed[1]).text
    assert "2 sur 6" in page
    keys = {"k": listed[0], "j": listed[2], "f": f"{QUEUE}?{query}"}
    assert {key: _find_key(page, key) for key in keys} == keys
    assert _go(client_of(agent), listed[-1], "j") == ""


def test_accepting_goes_on_in_the_list_and_ends_in_the_list(national: Client) -> None:
    first, other, last = (
        make_request(age=timedelta(hours=hours), delegation=code)
        for hours, code in ((30, "IDF"), (20, "BRE"), (10, "IDF"))
    )
    query = "delegation=IDF&statut=a-traiter"
    answer = national.post(_address(first, query, "approve"), _accept(first))
    assert answer["Location"] == _address(last, query)
    answer = national.post(_address(last, query, "approve"), _accept(last))
    assert answer["Location"] == f"{QUEUE}?{query}"
    other.refresh_from_db()
    assert other.is_open
    # Decided requests keep their place: from one of them the walk goes on.
    assert _go(national, _address(first), "j") == _address(other)
    assert _go(national, _address(last), "k") == _address(other)


def test_what_an_act_moved_does_not_lose_the_next_one(national: Client) -> None:
    """A request that waits for its author stands last; the next is the one that came after it."""
    asked, after, _ = (make_request(age=timedelta(hours=hours)) for hours in (30, 20, 10))
    said = {
        "version": asked.version,
        "message": "Un extrait Kbis, s’il vous plaît.",
        "documents": "Extrait Kbis",
        "last_day": (NOW + timedelta(days=10)).date().isoformat(),
        "step": "send",
    }
    answer = national.post(_address(asked, "statut=a-traiter", "ask"), said)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query)["suivante"] == [str(after.pk)]
    asked.refresh_from_db()
    assert asked.status == "awaiting_document"
    assert _go(national, answer["Location"], "j") == _address(after, "statut=a-traiter")


def test_closed_requests_are_walked_too_where_the_list_shows_them(national: Client) -> None:
    newest, oldest = (closed(make_request(age=timedelta(days=days))) for days in (1, 9))
    query = "statut=toutes"
    assert _go(national, _address(newest, query), "j") == _address(oldest, query)
    assert "1 sur 2" in national.get(_address(newest, query)).text


@pytest.mark.req("S14")
def test_a_list_that_no_list_is_breaks_no_page(national: Client) -> None:
    row, agent = make_request(), make_staff(StaffRole.NATIONAL)
    for query in (
        "foo=1",
        "user__email=x",
        "p=99",
        "p=zz&o=x",
        "q=%00",
        "statut=x",
        "q=" + "a" * 5000,
        "%ff=%fe",
    ):
        assert find_listed(agent, query) in ({row.reference}, set()), query[:20]
        told = {LIST_PARAMETER: query, "suivante": query[:9]}
    assert national.get(address_of(row), told).status_code == 200


@pytest.mark.req("S22")
def test_the_walk_never_leaves_the_scope() -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    mine, foreign = make_request(delegation="IDF"), make_request(delegation="BRE")
    query = f"suivante={foreign.pk}"
    assert _go(client, f"{_address(mine)}?{query}", "j") == ""
    assert foreign.reference not in client.get(f"{_address(mine)}?{query}").text
