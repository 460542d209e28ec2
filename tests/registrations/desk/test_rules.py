"""The desk's pure rules, and the indexes that its lookups are written for."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff.permissions import Staff
from registrations.desk.decision.panels.evidence import gather_evidence
from registrations.requests.enums import DueState
from registrations.requests.models import Request
from registrations.requests.review.review_clock import describe_due_time, filter_by_due_state
from registrations.requests.review.review_hints import (
    find_accounting_word,
    is_name_in_address,
    is_webmail_domain,
)
from registrations.requests.review.review_rules import compute_due_state
from tests.factories.habilitations import NOW
from tests.registrations.desk.staff_pages import closed, make_request

NATIONAL = Staff(StaffRole.NATIONAL)


@pytest.mark.req("S54", "D14")
@pytest.mark.parametrize(
    "name",
    [
        "Cabinet Comptable Durand",
        "EXPERTISE-COMPTABLE DU NORD",
        "Société d’expertise comptable",
        "Experts Comptables Associés",
        "Fiduciaire fictive",
        "Commissaires aux comptes réunis",
        "A.G.C. fictive",
        "AGC des artisans",
        "Centre de gestion agréé du Rhône",
    ],
)
def test_words_of_the_trade_flag(name: str) -> None:
    assert find_accounting_word(name)


@pytest.mark.req("S54")
@pytest.mark.parametrize("name", ["Garage Lagarde", "Magc Transports", "Expert Auto", "Agcar"])
def test_other_names_do_not(name: str) -> None:
    assert not find_accounting_word(name)


@pytest.mark.req("D13")
@pytest.mark.parametrize(
    ("email", "last", "first", "expected"),
    [
        ("zoe.lefevre@x.example.org", "Lefèvre", "Zoé", True),
        ("z.lefevre@x.example.org", "Lefèvre-Durand", "Zoé", True),
        ("zdurand@x.example.org", "Lefèvre Durand", "Zoé", True),
        ("zoe@x.example.org", "Lefèvre", "Zoé", True),
        ("li@x.example.org", "Li", "Wei", True),
        ("zl@x.example.org", "Lefèvre", "Zoé", False),
        ("atelier@lefevre.example.org", "Lefèvre", "Zoé", False),
        ("dupont@x.example.org", "de la Tour", "Zoé", False),
    ],
)
def test_the_name_is_looked_for_before_the_at(
    email: str, last: str, first: str, expected: bool
) -> None:
    assert is_name_in_address(email, last, first) is expected


def test_a_company_domain_is_no_webmail() -> None:
    assert is_webmail_domain("gmail.com")
    assert not is_webmail_domain("garage-lumiere.example.org")


@pytest.mark.django_db
@pytest.mark.req("R44", "D10")
@pytest.mark.usefixtures("reference")
def test_the_filter_and_the_rule_agree_at_every_boundary() -> None:
    for hours in (0, 23, 24, 25, 47, 48, 49):
        for seconds in (-1, 0, 1):
            make_request(age=timedelta(hours=hours, seconds=seconds))
    make_request(paused_at=NOW)
    closed(make_request(age=timedelta(hours=50)))
    for state in DueState:
        found = set(
            Request.objects.filter(filter_by_due_state(state, NOW)).values_list("pk", flat=True)
        )
        expected = {row.pk for row in Request.objects.all() if compute_due_state(row, NOW) == state}
        assert found == expected
        assert found


@pytest.mark.django_db
@pytest.mark.req("D10")
@pytest.mark.usefixtures("reference")
def test_how_long_is_left_is_said_in_words() -> None:
    def span(**age: float) -> str:
        due = describe_due_time(make_request(age=timedelta(**age)), NOW)
        assert due is not None
        return due.span

    assert span(hours=1) == "reste 47\u00a0h"
    assert span(hours=47, minutes=30) == "reste 30\u00a0min"
    assert span(hours=48) == "dépassée de 1\u00a0min"
    assert span(days=7) == "dépassée de 5\u00a0jours"
    assert describe_due_time(closed(make_request()), NOW) is None


# --- indexes ---


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.usefixtures("reference", "production_planner")
def test_each_part_of_the_related_requests_has_its_index() -> None:
    from django.test.utils import CaptureQueriesContext

    row = Request.objects.select_related("user", "department").get(pk=make_request().pk)
    with CaptureQueriesContext(connection) as seen:
        gather_evidence(row, NATIONAL)
    sql = next(
        query["sql"] for query in seen if "name_key" in query["sql"] and " OR " in query["sql"]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # Two begin with the person; which one is taken depends on the order they were made in.
    assert "request_by_user" in plan or "_user_id_" in plan, plan
    for index in ("siret", "phone", "name", "domain"):
        assert f"request_{index}" in plan, plan
