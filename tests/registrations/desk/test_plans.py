"""The queue reads what it shows, never the table: PostgreSQL's own count of the rows it touched."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.habilitations.enums import StaffRole
from accounts.people.models import User
from benchmarks.measure_queue import PEOPLE, REQUESTS, WORDS
from mgestion.database.append_only import purge_window
from registrations.desk.decision import list_place
from registrations.desk.queue import filters
from registrations.desk.queue.changelist import BoundedPaginator
from registrations.requests.models import Request
from registrations.search.models import RequestWord
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import QUEUE, address_of, make_reason

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgres,
    pytest.mark.usefixtures("reference", "production_planner"),
]
SIZE, OPEN = 2_000, 60
LIMIT = 120  # rows that are counted at most, here
BOUND = OPEN + LIMIT + 1
SHUFFLED = " ORDER BY RANDOM() ASC"  # the tests' own addition to what asks for no order
WHOLE = ["", "_facets=True", "statut=toutes&_facets=True"]
FILTERS = [
    "o=-echeance",
    "o=recue",
    *(f"echeance={state}" for state in ("on_time", "amber", "overdue", "paused")),
    "delegation=IDF",
    "delegation=aucune",
    "dga=DGA-AUTO",
    "type=of",
    "plateforme=m-gestion",
    "plateforme=m-campus-entreprise",
    "plateforme=m-campus-entreprise&statut=toutes",
    "plateforme=m-campus-entreprise&statut=refused",
    "plateforme=m-contributions&statut=toutes",
    "instructeur=moi",
    "instructeur=personne",
    *(f"signal={code}" for code in ("compte", "bloquee", "messagerie", "ferme", "territoire")),
]
PLACES = ["statut=toutes", "statut=approved&o=recue", "delegation=IDF"]
SEARCHES = ["reference", "siret", "email_key", "name_key", "phone", "words"]


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_place, "COUNT_LIMIT", LIMIT)
    monkeypatch.setattr(filters, "COUNT_LIMIT", LIMIT)
    monkeypatch.setattr(BoundedPaginator, "LIMIT", LIMIT)
    make_reason()
    with connection.cursor() as cursor:
        # Fresh files: what other tests rolled back still swells the indexes, and the planner then
        # thinks them dear. Undone with the test's transaction, like the rest.
        with purge_window():  # the history of requests is append-only
            cursor.execute("TRUNCATE registrations_request, accounts_user CASCADE")
        cursor.execute(PEOPLE.format(first=1, last=SIZE))
        cursor.execute(REQUESTS.format(first=1, last=SIZE, closed=SIZE - OPEN))
        cursor.execute(WORDS)
        # Every table: of one that another test emptied, the planner may know that it is empty.
        cursor.execute("ANALYZE")


def _scans(plan: dict[str, Any]) -> Iterator[int]:
    if plan.get("Relation Name") == "registrations_request":
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield (rows + plan.get("Rows Removed by Index Recheck", 0)) * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _draw(client: Client, address: str) -> Callable[[], None]:
    def draw() -> None:
        assert client.get(address).status_code == 200

    return draw


def _list(agent: User, query: str) -> Callable[[], None]:
    """The rows of a list and their number; the figures around them are those of every page."""
    http = RequestFactory().get(f"{QUEUE}?{query}")
    http.user = agent

    def read_rows() -> None:
        site.get_model_admin(Request).get_changelist_instance(http)

    return read_rows


def _read(look: Callable[[], None], *, bitmaps: bool = False) -> int:
    """The most rows of the table that one statement of `look` touched.

    `bitmaps`: whether several indexes may be read together; a plan with one may stop early.
    """
    with CaptureQueriesContext(connection) as seen:
        look()
    worst = 0
    with connection.cursor() as cursor:
        # On a table as small as this one the planner would rather read it whole.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL random_page_cost = 1")
        cursor.execute(f"SET LOCAL enable_bitmapscan = {'on' if bitmaps else 'off'}")
        for sql in [query["sql"] for query in seen]:
            if not sql.startswith("SELECT") or "registrations_request" not in sql:
                continue
            sql = sql.replace(SHUFFLED, "")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql.replace('%', '%%')}", [])
            (found,) = cursor.fetchone()
            plan = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
            worst = max(worst, sum(_scans(plan)))
    return int(worst)


def _find_excess(agent: User) -> dict[str, int]:
    """The pages that read too many rows of the table, and how many."""
    client, read, most = client_of(agent), {}, {}
    # Closed ones are counted up to a bound; all that is open is read to give its figures. Twice
    # the bound: where seven rows in ten are of the scope, the planner rather walks past the others
    # than takes the index of both conditions. Without a bound it would be seven rows in ten.
    for query in WHOLE:
        read[query], most[query] = _read(_draw(client, f"{QUEUE}?{query}")), 2 * BOUND
    for query in FILTERS:
        read[query], most[query] = _read(_list(agent, query)), 2 * BOUND
    closed = Request.objects.filter(delegation__code="IDF", status="approved")
    row = closed.order_by("pk")[7]
    for field in SEARCHES:
        # Of two words, the rare one is looked up, and the common one among what it finds.
        text = f"garage {row.name_key.split()[0]}" if field == "words" else getattr(row, field)
        if field == "phone":
            text = f"0{text[3:]}"
        # What is open is read too, for the figures of the filters.
        read[field], most[field] = _read(_list(agent, f"q={text}"), bitmaps=True), OPEN + 10
    # Every company bears this word: a page of rows and a bounded count are read, not the table.
    read["word"], most["word"] = _read(_list(agent, "q=garage"), bitmaps=True), 3 * BOUND
    # Before and after the six hundredth request, no more rows are read than around the first.
    deep = closed.order_by("submitted_at")[3 * LIMIT]
    for query in PLACES:
        place = urlencode({"_changelist_filters": query})
        # Together: the other requests of the same people are found by five indexes at once.
        page = _draw(client, f"{address_of(deep)}?{place}")
        read[place], most[place] = _read(page, bitmaps=True), 2 * BOUND
    return {page: rows for page, rows in read.items() if rows > most[page]}


def test_no_page_of_the_queue_reads_the_table(crowd: None) -> None:
    reviewer = make_staff(delegations=("IDF",), user=make_user(pk=9_000_001))
    national = make_staff(StaffRole.NATIONAL, user=make_user(pk=9_000_002))
    excess = {str(agent): _find_excess(agent) for agent in (reviewer, national)}
    assert not any(excess.values()), excess
    with connection.cursor() as cursor:
        # « Begins with », by the operator class, under any collation.
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = RequestWord.objects.filter(word__startswith="clairi").explain()
    assert "~>=~ 'clairi'::text" in plan, plan
    assert "request_word" in plan
