"""The figures beside the filters, the filters by colleague and by signal, the search by phone."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Department
from accounts.leaving.block_list import hash_address_forms
from accounts.people.models import BlockedPerson
from registrations.desk.decision.panels.hint_labels import list_request_flags
from registrations.desk.queue import filters
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import (
    QUEUE,
    address_of,
    closed,
    find_listed,
    make_request,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]


def options(client: Client, name: str, query: str = "") -> dict[str, str]:
    """The choices of a filter: value → the words shown."""
    return options_of(client.get(f"{QUEUE}?_facets=True&{query}").text, name)


def options_of(page: str, name: str) -> dict[str, str]:
    box = page[page.index(f'id="filter-{name}"') :]
    box = box[: box.index("</select>")]
    found = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', box)
    return {value: html.unescape(label) for value, label in found}


@pytest.mark.both
def test_every_figure_is_the_number_of_rows_that_its_choice_shows() -> None:
    agent = make_staff(delegations=("IDF",), dgas=("DGA-URBAIN",))
    colleague = make_staff(delegations=("IDF",))
    client = client_of(agent)
    Department.objects.filter(code="987").update(delegation=None, in_territory=False)
    make_request(assignee=agent, age=timedelta(hours=50))
    make_request(assignee=colleague, company_name="Fiduciaire fictive", age=timedelta(hours=30))
    make_request(dga="DGA-URBAIN", department=Department.objects.get(code="987"), delegation=None)
    make_request(user=make_user(email="contact.fictif@gmail.com"), dga="DGA-URBAIN")
    make_request(status=RequestStatus.AWAITING_DOCUMENT, paused_at=NOW)
    make_request(delegation="BRE")
    closed(make_request())
    every = ("statut", "echeance", "delegation", "dga", "type", "instructeur", "signal")
    for start, names in (("", every), ("dga=DGA-URBAIN&q=fictif", ("statut", "signal"))):
        page = client.get(f"{QUEUE}?_facets=True&{start}").text
        for name in names:
            figures = {
                value: int(re.findall(r"\((\d+)\)$", label)[0])
                for value, label in options_of(page, name).items()
                if value
            }
            empty = [value for value, figure in figures.items() if figure == 0]
            for value in figures.keys() - set(empty[1:]):  # one stands for all that show nothing
                rows = find_listed(agent, f"{start}&{name}={value}")
                assert figures[value] == len(rows), (start, name, value)


@pytest.mark.both
def test_what_is_not_counted_to_the_end_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "COUNT_LIMIT", 2)
    client = client_of(make_staff(StaffRole.NATIONAL))
    for _ in range(3):
        closed(make_request())
    assert options(client, "statut")["refused"] == "Refusée (-)"
    assert options(client, "delegation", "statut=refused")["IDF"].endswith("France (-)")
    assert options(client, "statut", "q=introuvable")["refused"] == "Refusée (0)"


def test_one_may_look_at_what_a_colleague_holds() -> None:
    agent = make_staff(delegations=("IDF",))
    colleague = make_staff(
        delegations=("IDF",), user=make_user(last_name="Absente", first_name="Ada")
    )
    stranger = make_staff(delegations=("BRE",), user=make_user(last_name="Lointain"))
    client = client_of(agent)
    held = make_request(assignee=colleague)
    make_request()
    make_request(delegation="BRE", assignee=stranger)
    offered = options(client, "instructeur")
    key = str(colleague.public_id)
    assert "Absente" in offered[key]
    assert offered[key].endswith("(1)")
    assert str(stranger.public_id) not in offered  # S22: nobody of another délégation is named
    assert find_listed(agent, f"instructeur={key}") == {held.reference}
    assert find_listed(agent, f"instructeur={stranger.public_id}") == set()
    assert find_listed(agent, "instructeur=nonsense") == set()


@pytest.mark.both
@pytest.mark.req("D14", "D44")
def test_each_signal_is_a_column_and_a_filter() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    Department.objects.filter(code="987").update(delegation=None, in_territory=False)
    rows = {
        "comptable": make_request(company_name="Cabinet comptable fictif"),
        "messagerie": make_request(user=make_user(email="claude.fictif@gmail.com")),
        "nom": make_request(user=make_user(email="zz@garage.example.org")),
        "territoire": make_request(department=Department.objects.get(code="987")),
        "non-routee": make_request(delegation=None),
    }
    for code, row in rows.items():
        assert find_listed(agent, f"signal={code}") == {row.reference}
    page = client.get(QUEUE).text
    for words in (
        "Cabinet comptable\u202f?",
        "Messagerie personnelle",
        "Nom absent de l’adresse",
        "Hors territoire agréé",
        "Non routée",
    ):
        assert words.casefold() in page.partition('id="result_list"')[2].casefold()
    closed(rows["nom"])
    assert find_listed(agent, "signal=nom&statut=toutes") == set()


def _block(row: Request) -> None:
    BlockedPerson.objects.create(
        digest=hash_address_forms(row.user.email)[0], reason="fictif", blocked_at=NOW
    )


@pytest.mark.both
@pytest.mark.req("D29", "D30", "S22")
def test_account_and_block_are_filters_with_exact_figures_in_the_agents_scope() -> None:
    agent = make_staff(delegations=("IDF",))
    client = client_of(agent)
    blocked, away, both, foreign = (
        make_request(),
        make_request(user=make_user(status="suspended")),
        make_request(user=make_user(status="deactivated_by_admin")),
        make_request(delegation="BRE", user=make_user(status="suspended")),
    )
    make_request()
    done = closed(make_request())
    assert options(client, "signal")["bloquee"] == "Personne bloquée (0)"
    for row in (blocked, both, foreign, done):
        _block(row)
    found = options(client, "signal")
    assert (found["bloquee"], found["compte"]) == ("Personne bloquée (2)", "Compte non actif (2)")
    assert find_listed(agent, "signal=bloquee") == {blocked.reference, both.reference}
    assert find_listed(agent, "signal=compte") == {away.reference, both.reference}
    found = options(client, "signal", f"q={both.reference}")
    assert (found["bloquee"], found["compte"]) == ("Personne bloquée (1)", "Compte non actif (1)")
    whole = find_listed(agent, "signal=bloquee&statut=toutes")
    assert whole == {blocked.reference, both.reference}


@pytest.mark.req("D29")
def test_a_block_list_of_any_length_costs_the_same_statements() -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    rows = [make_request() for _ in range(4)]
    _block(rows[0])
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as one:
        client.get(f"{QUEUE}?signal=bloquee")
    for row in rows[1:]:
        _block(row)
    with CaptureQueriesContext(connection) as four:
        client.get(f"{QUEUE}?signal=bloquee")
    assert len(four) == len(one)


def test_a_blocked_person_or_account_shows_in_the_row() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    row = make_request()
    make_request()
    _block(row)
    row.user.status = "suspended"
    row.user.save(update_fields=["status"])
    page = client.get(QUEUE).text
    assert page.count("Compte non actif</span>") == 1
    assert page.count("personne bloquée</span>") == 1
    shown_there = html.unescape(client.get(address_of(row)).text)
    assert "Personne sur la liste de blocage" in shown_there
    assert "État du compte\u00a0: " in shown_there


@pytest.mark.req("D14", "D13")
def test_a_signal_says_what_raised_it() -> None:
    row = make_request(
        company_name="Fiduciaire du Garage",
        user=make_user(email="zz@gmail.com", last_name="Lefèvre", first_name="Zoé"),
    )
    page = " ".join(flag.why for flag in list_request_flags(row, blocked=False))
    assert "«\u00a0fiduciaire\u00a0» apparaît dans «\u00a0Fiduciaire du Garage\u00a0»" in page
    assert "adresse en @gmail.com" in page
    assert "Ni «\u00a0Lefèvre\u00a0» ni «\u00a0Zoé\u00a0» dans «\u00a0zz\u00a0»" in page


@pytest.mark.req("D14")
def test_a_correction_writes_the_signals_again() -> None:
    from registrations.enrolment.amend_flows import amend_request
    from tests.factories import registrations as real

    request = real.make_request(company_name="Fiduciaire fictive")
    assert "comptable" in request.signals
    answers = real.make_answers(company_name="Garage fictif", siret=request.siret)
    amend_request(request.pk, request.user, answers, NOW)
    assert "comptable" not in Request.objects.get(pk=request.pk).signals


def test_a_phone_is_found_however_it_is_written() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    row = make_request(phone="+33199001234")
    make_request(phone="+33199001235")
    for text in ("01 99 00 12 34", "0199001234", "%2B33 1 99 00 12 34", "01.99.00.12.34"):
        assert find_listed(agent, f"q={text}") == {row.reference}, text
    assert find_listed(agent, "q=0033199001234") == {row.reference}
