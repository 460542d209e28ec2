"""Every choice of the form has exactly one destination."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.checks import CheckMessage, Tags, run_checks

from accounts.habilitations.enums import Dashboard, EstablishmentKind
from accounts.habilitations.reference import querysets
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga
from accounts.habilitations.reference.routing import find_route, list_routing_gaps
from tests.factories.habilitations import NOW

PARIS = Department(code="75", name="Paris", delegation=Delegation(pk=1, code="IDF"))
NOWHERE = Department(code="99", name="Nulle part", delegation=None)
AUTO = Dga(pk=1, code="DGA-AUTO", dashboard="automobile")
FALLBACK = Dga(pk=2, code="DGA-OFCFA", dashboard="of", fallback=True)
GARAGES = Branch(
    code="automobile", label="Services de l’automobile", dga=AUTO, dashboard="automobile"
)
ORPHAN = Branch(code="orpheline", label="Orpheline", dga=None, dashboard="transport")


def _checks() -> Sequence[CheckMessage]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [message for message in found if message.id == "habilitations.W001"]


@pytest.mark.req("R35", "R36", "R38")
def test_a_company_goes_by_its_branch_and_its_departement() -> None:
    found = find_route(
        kind=EstablishmentKind.ENTREPRISE, branch=GARAGES, department=PARIS, fallback_dga=FALLBACK
    )
    assert found.delegation is not None
    assert (found.delegation.code, found.dga, found.dashboard) == ("IDF", AUTO, "automobile")
    assert found.complete


@pytest.mark.req("D6")
@pytest.mark.parametrize("kind", [EstablishmentKind.CFA, EstablishmentKind.OF])
def test_a_training_establishment_goes_to_the_fallback_dga(kind: str) -> None:
    found = find_route(kind=kind, branch=None, department=PARIS, fallback_dga=FALLBACK)
    assert (found.dga, found.dashboard) == (FALLBACK, Dashboard.OF)


def test_a_branch_left_in_a_forged_form_does_not_move_a_training_establishment() -> None:
    found = find_route(
        kind=EstablishmentKind.CFA, branch=GARAGES, department=PARIS, fallback_dga=FALLBACK
    )
    assert (found.dga, found.dashboard) == (FALLBACK, Dashboard.OF)


def test_a_branch_without_dga_falls_back_and_keeps_its_dashboard() -> None:
    found = find_route(
        kind=EstablishmentKind.ENTREPRISE, branch=ORPHAN, department=PARIS, fallback_dga=FALLBACK
    )
    assert (found.dga, found.dashboard) == (FALLBACK, "transport")


@pytest.mark.req("R49")
def test_a_departement_without_delegation_makes_an_incomplete_route_and_no_error() -> None:
    found = find_route(
        kind=EstablishmentKind.ENTREPRISE, branch=GARAGES, department=NOWHERE, fallback_dga=None
    )
    assert found.delegation is None
    assert not found.complete


@pytest.mark.req("R49")
def test_gaps_name_what_is_selectable_and_leads_nowhere() -> None:
    hidden = Department(code="98", name="Masqué", selectable=False)
    found = list_routing_gaps(
        branches=[GARAGES, ORPHAN], departments=[PARIS, NOWHERE, hidden], fallback_dga=None
    )
    assert len(found) == 3
    assert "99 – Nulle part" in found[0]
    assert "Orpheline" in found[1]
    assert "Aucune DGA" in found[2]


@pytest.mark.req("R49", "D8", "D44")
def test_every_selectable_choice_of_the_loaded_tables_has_one_complete_route(
    reference: None,
) -> None:
    fallback = querysets.find_fallback_dga()
    departments = Department.objects.filter(selectable=True).select_related("delegation")
    branches = Branch.objects.filter(selectable=True).select_related("dga")
    assert departments.count() == 107
    assert branches.count() == 10
    for department in departments:
        for kind, branch in [
            *((EstablishmentKind.ENTREPRISE, branch) for branch in branches),
            (EstablishmentKind.CFA, None),
            (EstablishmentKind.OF, None),
        ]:
            found = find_route(
                kind=kind, branch=branch, department=department, fallback_dga=fallback
            )
            assert found.complete, (department, kind, branch)
    assert querysets.list_unrouted_choices() == []


@pytest.mark.req("R49")
def test_the_system_check_warns_of_an_unrouted_departement(reference: None) -> None:
    assert _checks() == []
    Department.objects.filter(code="75").update(delegation=None)
    [warning] = _checks()
    assert "75 – Paris" in str(warning.msg)


@pytest.mark.django_db
def test_the_system_check_is_silent_before_the_tables_are_filled() -> None:
    assert _checks() == []


def test_routing_loaded_rows_reads_no_database(
    reference: None, django_assert_num_queries: Any
) -> None:
    department = Department.objects.select_related("delegation").get(code="69")
    branch = Branch.objects.select_related("dga").get(code="urbain")
    with django_assert_num_queries(0):
        found = find_route(
            kind=EstablishmentKind.ENTREPRISE,
            branch=branch,
            department=department,
            fallback_dga=None,
        )
    assert found.delegation is not None and found.dga is not None
    assert (found.delegation.code, found.dga.code) == ("ARA", "DGA-URBAIN")


def test_the_metrics_count_what_is_unrouted(reference: None) -> None:
    from mgestion import slots

    gauge = slots.metrics["habilitations.unrouted"]
    assert gauge(NOW) == {"habilitations_unrouted_choices": 0}
    Branch.objects.filter(code="ratp").update(dga=None)
    assert gauge(NOW) == {"habilitations_unrouted_choices": 1}
