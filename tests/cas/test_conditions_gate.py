"""The specific conditions of a platform are accepted before its ticket, and before no other's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsAcceptance, TermsVersion, TermsWithdrawal
from accounts.people.models import User
from mgestion.journal.models import Entry
from tests.cas.test_doors import publish_terms
from tests.factories.cas import SERVICE, ask_ticket, ticket_in
from tests.factories.habilitations import make_access
from tests.factories.people import NOW, log_in
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db
GATE = "/conditions/m-contributions/acceptation/"
ASKED = "/cas/login?service=https%3A%2F%2Fcontributions.example.org%2Fapp%2Fentree"
AT_GATE = f"{GATE}?service=https%3A%2F%2Fcontributions.example.org%2Fapp%2Fentree"


@pytest.fixture
def conditions(contributions: Platform) -> TermsVersion:
    return publish_terms(platform=contributions)


@pytest.mark.cas("L20")
@pytest.mark.req("R62", "D68", "R63", "R65")
@pytest.mark.usefixtures("target")
def test_the_conditions_stop_at_their_platform_only_until_they_are_accepted(
    inside: Client, visitor: User, conditions: TermsVersion
) -> None:
    assert inside.get(ASKED)["Location"] == AT_GATE
    assert ask_ticket(inside, "https://tutorat.example.org/")
    for path in ("/compte/", "/services/"):
        assert inside.get(path).status_code == 200
    page = inside.get(AT_GATE).text
    assert "/conditions/m-contributions/" in page and "checked" not in page
    assert "Cochez la case" in inside.post(AT_GATE, {"version": conditions.pk}).text
    done = inside.post(AT_GATE, {"version": conditions.pk, "terms": "on"})
    assert (done.status_code, done["Location"]) == (303, ASKED)
    assert ticket_in(inside.get(done["Location"]))
    kept = TermsAcceptance.objects.get(user=visitor, version=conditions)
    assert (kept.where, kept.accepted_at, kept.digest) == ("gate", NOW, conditions.digest)
    entry = Entry.objects.get(act="terms.accepted")
    assert (entry.object_type, entry.object_id) == ("conditions", conditions.slug)
    assert inside.get(GATE)["Location"] == "/m-gestion/"  # nothing to accept any more


@pytest.mark.req("D68")
def test_a_login_meets_the_gate_and_a_platform_that_only_looks_gets_no_page(
    client: Client, visitor: User, conditions: TermsVersion
) -> None:
    assert log_in(client, service=SERVICE)["Location"] == AT_GATE
    looked = client.get("/cas/login", {"service": SERVICE, "gateway": "true"})
    assert looked["Location"] == SERVICE


@pytest.mark.req("D68")
def test_only_who_may_enter_is_asked(
    inside: Client, visitor: User, conditions: TermsVersion
) -> None:
    Access.objects.update(ended_at=NOW)
    assert "/services/acces/m-contributions/" in inside.get(ASKED)["Location"]
    posted = inside.post(GATE, {"version": conditions.pk, "terms": "on"})
    assert posted["Location"] == "/m-gestion/"
    assert not TermsAcceptance.objects.exists()


@pytest.mark.req("D68")
def test_a_version_that_is_no_longer_in_force_is_not_accepted(
    inside: Client, contributions: Platform, conditions: TermsVersion
) -> None:
    newer = publish_terms(platform=contributions, slug="automne", body="<p>Autre.</p>")
    page = inside.post(GATE, {"version": conditions.pk, "terms": "on"}).text
    assert "viennent de changer" in page and f'value="{newer.pk}"' in page
    assert "/conditions/m-contributions/automne/differences/" not in page  # the same instant
    assert not TermsAcceptance.objects.exists()


def test_no_gate_without_conditions_in_force_that_ask(
    inside: Client, contributions: Platform
) -> None:
    cases: dict[str, dict[str, Any]] = {
        "none": {},
        "draft": {"published_at": None},
        "to come": {"effective_at": NOW + timedelta(days=1)},
        "without acceptance": {"requires_acceptance": False},
        "withdrawn": {},
    }
    for case, facts in cases.items():
        with rolled_back():
            if case != "none":
                made = publish_terms(platform=contributions, **facts)
            if case == "withdrawn":
                TermsWithdrawal.objects.create(version=made, withdrawn_at=NOW, reason="Erreur")
            assert ask_ticket(inside), case
            assert inside.get(AT_GATE)["Location"] == ASKED, case


@pytest.mark.req("D68")
@pytest.mark.usefixtures("inside")
def test_the_dashboard_is_the_way_into_m_gestion(client: Client, visitor: User) -> None:
    mgestion = Platform.objects.get(code="m-gestion-entreprise")
    make_access(user=visitor, platform=mgestion)
    assert client.get("/m-gestion/").status_code == 200
    version = publish_terms(platform=mgestion)
    gate = client.get("/m-gestion/?branche=automobile")["Location"]
    start = "/conditions/m-gestion-entreprise/acceptation/"
    assert gate == f"{start}?next=%2Fm-gestion%2F%3Fbranche%3Dautomobile"
    for path in ("/services/", "/m-gestion/demande/"):
        assert client.get(path).status_code == 200
    done = client.post(gate, {"version": version.pk, "terms": "on"})
    assert done["Location"] == "/m-gestion/?branche=automobile"
    assert client.get(done["Location"]).status_code == 200
