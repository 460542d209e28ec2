"""The queue: what each agent sees of it, how it is searched, what it costs."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Department
from registrations.desk.queue.changelist import BoundedPaginator
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import (
    QUEUE,
    address_of,
    closed,
    find_listed,
    make_request,
)
from tests.registrations.pages import cost

ROW = '<th scope="row" data-label="Référence">'
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]


def shown(client: Client, query: str = "") -> set[str]:
    response = client.get(f"{QUEUE}?{query}")
    assert response.status_code == 200
    return set(re.findall(r"MG-\w{4}-\w{4}", response.text))


# --- scope ---


@pytest.mark.req("S22", "D9")
def test_a_reviewer_sees_and_is_offered_his_delegation_and_his_dga_and_nothing_else() -> None:
    agent = make_staff(delegations=("IDF",), dgas=("DGA-URBAIN",))
    mine = make_request(delegation="IDF")
    overseen = make_request(delegation="BRE", dga="DGA-URBAIN")
    make_request(delegation="BRE")
    assert find_listed(agent) == {mine.reference, overseen.reference}
    client = client_of(make_staff(delegations=("IDF",)))
    page = client.get(QUEUE).text
    assert mine.reference in page and overseen.reference not in page
    box = page[page.index('id="filter-delegation"') :]
    box = box[: box.index("</select>")]
    assert 'value="IDF"' in box
    assert 'value="BRE"' not in box
    assert find_listed(make_staff()) == set()  # without a scope


@pytest.mark.req("S22", "S14")
def test_a_request_out_of_scope_is_as_unknown_as_one_that_does_not_exist() -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    row = make_request(delegation="BRE")
    for path in (address_of(row), address_of(row).replace(str(row.pk), "nonsense")):
        assert client.get(path).status_code == 404
    for word in ("accepter", "refuser", "prendre", "liberer", "reorienter"):
        assert client.post(f"{QUEUE}{row.pk}/{word}/").status_code == 404
    row.refresh_from_db()
    assert (row.status, row.assignee_id, row.version) == ("submitted", None, 1)


@pytest.mark.req("S22")
def test_the_national_administrator_and_the_auditor_see_everything() -> None:
    rows = [make_request(delegation=code) for code in ("IDF", "BRE", None)]
    for role in (StaffRole.NATIONAL, StaffRole.AUDITOR):
        assert find_listed(make_staff(role)) == {row.reference for row in rows}, role


@pytest.mark.req("S12")
def test_who_is_no_agent_does_not_enter() -> None:
    row = make_request()
    author = client_of(row.user)
    for path in (QUEUE, address_of(row)):
        assert author.get(path).status_code in (302, 403)
    assert Client().get(QUEUE).status_code == 302
    alone = make_user()
    alone.is_staff = True  # an agent without a role
    alone.save()
    assert client_of(alone).get(QUEUE).status_code == 403


@pytest.mark.req("R46")
def test_no_request_is_added_changed_or_deleted_by_a_form() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    row = make_request()
    assert client.get(f"{QUEUE}add/").status_code == 403
    assert client.post(f"{QUEUE}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(address_of(row), {"status": "approved"}).status_code == 405
    row.refresh_from_db()
    assert row.status == "submitted"


# --- what is shown ---


@pytest.mark.req("R44", "D10", "S43")
def test_the_due_time_is_said_in_words() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    ages = {"dans-les-delais": 1, "amber": 30, "late": 50}
    rows = {name: make_request(age=timedelta(hours=age)) for name, age in ages.items()}
    page = client.get(QUEUE).text
    for words in ("Dans les délais", "À traiter (plus de 24 h)", "En retard"):
        assert words in page
    assert "Reste 18\u00a0h" in page
    assert "Dépassée de 2\u00a0h" in page
    assert find_listed(agent, "echeance=on_time") == {rows["dans-les-delais"].reference}
    assert find_listed(agent, "echeance=amber") == {rows["amber"].reference}
    assert find_listed(agent, "echeance=overdue") == {rows["late"].reference}


@pytest.mark.both
@pytest.mark.req("R44")
def test_the_most_urgent_comes_first_and_closed_requests_are_one_choice_away() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    fresh, old = make_request(), make_request(age=timedelta(hours=40))
    done = closed(make_request(age=timedelta(hours=60)))
    page = client.get(QUEUE).text
    assert page.index(old.reference) < page.index(fresh.reference)
    assert done.reference not in page
    page = client.get(f"{QUEUE}?o=-echeance").text
    assert page.index(fresh.reference) < page.index(old.reference)
    assert find_listed(agent, "statut=refused") == {done.reference}
    assert len(find_listed(agent, "statut=toutes&o=echeance")) == 3


@pytest.mark.both
@pytest.mark.req("R44", "D10")
def test_what_waits_for_its_author_comes_after_all_that_can_be_done() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    paused = make_request(
        age=timedelta(days=9), status="awaiting_document", paused_at=NOW - timedelta(days=8)
    )
    urgent, fresh = make_request(age=timedelta(hours=40)), make_request()
    page = client.get(QUEUE).text
    places = [page.index(row.reference) for row in (urgent, fresh, paused)]
    assert places == sorted(places)
    page = client.get(f"{QUEUE}?o=-echeance").text
    assert page.index(fresh.reference) < page.index(urgent.reference)
    assert f"Traiter la plus urgente\u00a0: {urgent.reference}" in html.unescape(
        client.get(reverse("admin:index")).text
    )
    # Nor does one fall on it by accepting one request after the other.
    page = client.get(address_of(fresh)).text
    assert f'href="{address_of(urgent)}" data-key-go="k"' in page
    assert "Accepter et passer à la suivante" not in page


@pytest.mark.req("R49", "S55")
def test_what_has_no_destination_falls_in_a_visible_queue_and_its_table_is_announced() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    make_request()
    lost = make_request(delegation=None)
    page = client.get(QUEUE).text
    assert "Non routée" in page
    assert "Tables de routage incomplètes" not in page
    assert find_listed(agent, "delegation=aucune") == {lost.reference}
    Department.objects.filter(code="29").update(delegation=None)
    for path in (QUEUE, reverse("admin:index")):
        page = client.get(path).text
        assert "Tables de routage incomplètes" in page
        assert "Finistère" in page


def test_filters_combine_and_an_unknown_value_finds_nothing() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    mine = make_request(assignee=agent)
    other = make_request(delegation="BRE", dga="DGA-URBAIN")
    assert find_listed(agent, "instructeur=moi") == {mine.reference}
    assert find_listed(agent, "instructeur=personne") == {other.reference}
    combined = "delegation=BRE&dga=DGA-URBAIN&type=entreprise"
    assert find_listed(agent, combined) == {other.reference}
    for query in ("statut=x", "echeance=x", "delegation=x", "dga=1", "type=x", "instructeur=x"):
        assert find_listed(agent, query) == set(), query
    assert find_listed(agent, "type=cfa") == set()
    assert shown(client, "p=zz") == {mine.reference, other.reference}  # no such page: the first one


# --- search ---


def test_a_search_looks_at_closed_requests_too_and_refuses_what_no_text_is() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client, row = client_of(agent), closed(make_request())
    make_request()
    assert shown(client, f"q={row.siret}") == {row.reference}
    assert client.get(QUEUE, {"q": "\x00"}).status_code == 400
    assert client.get(QUEUE, {"q": "\ud800".encode("utf-8", "surrogatepass")}).status_code == 200
    assert find_listed(agent, f"q={'a' * 5000}") == set()


# --- cost ---


@pytest.mark.both
def test_many_rows_cost_as_many_queries_as_one() -> None:
    """Each word of a search is looked up first."""
    most = {"": 16, "q=fictif": 18}
    colleague = make_staff(delegations=("IDF",))
    client = client_of(make_staff(delegations=("IDF",)))
    make_request(assignee=colleague)
    client.get(QUEUE)  # what a first page writes to the session
    one = {query: cost(client, f"{QUEUE}?{query}") for query in most}
    for dga in ("DGA-AUTO", "DGA-URBAIN", None):
        make_request(assignee=colleague, dga=dga)
    assert {query: cost(client, f"{QUEUE}?{query}") for query in most} == one
    assert all(one[query] <= most[query] for query in most), one


def test_no_statement_of_the_desk_joins_too_many_tables() -> None:
    """PostgreSQL tries every order of up to eight: with eight joins it planned for 25 ms."""
    client = client_of(make_staff(delegations=("IDF",)))
    for address in (f"{QUEUE}?q=fictif", address_of(make_request())):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        assert max(query["sql"].count(" JOIN ") for query in seen.captured_queries) <= 8, address


@pytest.mark.both
def test_the_count_stops_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 3)
    client = client_of(make_staff(StaffRole.NATIONAL))
    for _ in range(3):
        make_request()
    assert "3 demandes" in client.get(QUEUE).text
    make_request()
    assert "Plus de 3 demandes" in client.get(QUEUE).text


# --- home ---


@pytest.mark.both
@pytest.mark.req("R44")
def test_the_home_counts_what_its_links_open() -> None:
    agent = make_staff(delegations=("IDF",))
    client = client_of(agent)
    make_request(assignee=agent)
    make_request(age=timedelta(hours=30))
    late = make_request(age=timedelta(hours=50))
    make_request(delegation="BRE")
    make_request(status="awaiting_document", paused_at=NOW, assignee=agent)
    closed(make_request())
    home = client.get(reverse("admin:index")).text
    counted = re.findall(r'<a href="([^"]+)"[^>]*><b>(\d+)</b>\s*([^<]+)</a>', home)
    assert {label.strip(): int(value) for _, value, label in counted} == {
        "À traiter": 4,
        "En retard": 1,
        "Plus de 24\u00a0h": 1,
        "Sans instructeur": 2,
        "Mes demandes": 2,
        "Ma délégation": 4,
        "En attente d’un document": 1,
        "Vérifications d’accès sans réponse": 0,
        "Établissements sans administrateur": 0,
    }
    for url, value, _ in counted:
        if "/request/" not in url:
            continue  # establishments: their own lists
        query = url.partition("?")[2].replace("&amp;", "&")
        assert len(find_listed(agent, query)) == int(value)
    assert f"Traiter la plus urgente\u00a0: {late.reference}" in home.replace("&nbsp;", "\u00a0")


@pytest.mark.req("S47", "S44", "S42")
def test_the_queue_speaks_french_and_names_its_table_and_fields() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    make_request()
    page = client.get(QUEUE).text
    assert '<html lang="fr"' in page
    assert page.count('<caption id="queue-caption"') == 1
    table = page[page.index('id="result_list"') :]
    assert table.count('<th scope="col"') == 7
    content = page[page.index('id="content"') :]
    for identifier in re.findall(r'<(?:select|input)[^>]* id="([^"]+)"', content):
        assert f'for="{identifier}"' in page, identifier
    words = set(re.findall(r"[A-Za-z]+", re.sub(r"<[^>]+>", " ", page)))
    assert not words & set("Select Search Filter Home Show Add Change View All".split())
