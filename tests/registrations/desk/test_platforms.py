"""The desk on requests of several platforms: queue, filter, export, decision, hints, scope."""

import csv
import io
import re

import pytest

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import (
    in_staff_scope,
    may_see_establishment,
    select_establishments_without_administrator,
)
from accounts.habilitations.enums import Role, StaffRole
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Dga
from accounts.habilitations.staff.permissions import get_staff
from mgestion.errors import Refused
from registrations.desk.acts.decide import approve_request
from registrations.desk.decision.panels.accounting_firms import select_refusal_reasons
from registrations.desk.decision.panels.hint_labels import list_request_flags
from registrations.requests.models import Request
from registrations.requests.placeholders import fill_all_placeholders
from tests.factories.habilitations import NOW, make_access, make_establishment, make_staff
from tests.factories.people import client_of
from tests.factories.registrations import load_reasons, make_request, make_siret
from tests.registrations.desk.staff_pages import QUEUE, find_listed

pytestmark = pytest.mark.usefixtures("reference")
CAMPUS, CONTRIBUTIONS = "m-campus-entreprise", "m-contributions"


def firm_request() -> Request:
    return make_request(
        platform=CONTRIBUTIONS,
        kind="cabinet_comptable",
        profile="CAB-CPT",
        company_name="Fiduciaire fictive",
    )


@pytest.mark.req("R1", "D66")
def test_queue_export_and_home_tell_the_platforms_apart_and_fold_the_column_of_one() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    make_request()
    make_request(kind="cfa")
    html = client.get(QUEUE).text
    assert 'data-label="Plateforme' not in html
    assert "toutes pour M-Gestion" in html
    firm = firm_request()
    html = client.get(QUEUE).text
    assert sorted(re.findall(r'<td data-label="Plateforme[^>]*><span[^>]*>([^<]+)', html)) == [
        "M-Contributions",
        "M-Gestion",
        "M-Gestion",
    ]
    for choice, count in (
        ("m-gestion", 2),
        ("m-gestion-of", 1),
        (CONTRIBUTIONS, 1),
        (CAMPUS, 0),
        ("inconnue", 0),
    ):
        assert len(find_listed(agent, f"plateforme={choice}")) == count, choice
    assert find_listed(agent, "type=cabinet_comptable") == {firm.reference}
    answer = client.post(f"{QUEUE}exporter/", {"filters": f"plateforme={CONTRIBUTIONS}"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert row["Plateforme"] == "M-Contributions"
    assert row["Rôle demandé"] == row["Type d’établissement"] == "Cabinet comptable"
    html = client.get("/admin/").text
    table = html[html.index('id="platform-caption"') :]
    assert "plateforme=m-contributions" in table
    assert "M-Campus" not in table[: table.index("</table>")]


@pytest.mark.req("R57", "D67")
def test_an_accounting_firm_is_accepted_where_its_platform_takes_it() -> None:
    agent = make_staff(delegations=("IDF",))
    item = firm_request()
    html = client_of(agent).get(f"{QUEUE}{item.pk}/change/").text
    assert "<dt>Plateforme</dt><dd>M-Contributions</dd>" in html
    assert "/roles/#m-contributions" in html
    assert "cabinet-comptable" not in html  # neither as a hint nor as a reason
    assert "M-Gestion n’est pas" not in html
    approve_request(
        item.pk, version=item.version, role=Role.CABINET_COMPTABLE, actor_user=agent, now=NOW
    )
    access = Access.objects.get()
    assert (access.platform.code, access.role) == (CONTRIBUTIONS, Role.CABINET_COMPTABLE)
    assert access.establishment.kind == "cabinet_comptable"
    assert access.dashboard == ""


@pytest.mark.req("R41")
def test_a_firm_that_asks_as_a_company_is_seen_on_each_platform() -> None:
    load_reasons()
    client = client_of(make_staff(StaffRole.NATIONAL))
    for code, words, reason in (
        (None, "M-Gestion n’est pas ouvert aux cabinets comptables", "cabinet-comptable"),
        (CAMPUS, "M-Campus Entreprise n’est pas ouvert", "cabinet-comptable"),
        (CONTRIBUTIONS, "un cabinet comptable choisit ce type", "branche-inexacte"),
    ):
        item = make_request(platform=code, company_name="Fiduciaire fictive")
        flags = {flag.code: flag for flag in list_request_flags(item, blocked=False)}
        assert words in flags["comptable"].meaning
        assert flags["comptable"].reason == reason
    html = client.get(f"{QUEUE}{item.pk}/change/").text
    assert words in html and f"?motif={reason}#refuser" in html
    reasons = {one.code: one for one in select_refusal_reasons(make_request(platform=CAMPUS))}
    filled = fill_all_placeholders(
        reasons["cabinet-comptable"].text, make_request(platform=CAMPUS, siret=make_siret())
    )
    assert filled.startswith("M-Campus Entreprise n’accepte pas")
    assert "cabinet-comptable" not in {
        one.code for one in select_refusal_reasons(make_request(platform=CONTRIBUTIONS))
    }


@pytest.mark.req("D66")
def test_only_roles_of_the_platform_are_granted_and_an_administrator_needs_evidence() -> None:
    agent = make_staff(StaffRole.NATIONAL)
    item = make_request(platform=CAMPUS, profile="ENT-ADMIN")
    for role, code in ((Role.PARTENAIRE, "unknown_role"), (Role.ADMINISTRATEUR, "evidence_needed")):
        with pytest.raises(Refused) as no:
            approve_request(item.pk, version=item.version, role=role, actor_user=agent, now=NOW)
        assert no.value.code == code
    html = client_of(agent).get(f"{QUEUE}{item.pk}/change/").text
    offered = re.findall(r'<option value="(\w+)"[^>]*>', html[html.index("approve_role") :])
    assert offered[:3] == ["gestionnaire", "administrateur", "adherent"]


@pytest.mark.req("D9")
def test_a_request_without_dga_is_its_delegations_to_see() -> None:
    item = make_request(platform=CAMPUS)
    assert item.dga is None
    for agent, seen in (
        (make_staff(delegations=("IDF",)), {item.reference}),
        (make_staff(delegations=("ARA",)), set()),
        (make_staff(dgas=("DGA-AUTO",)), set()),
        (make_staff(StaffRole.NATIONAL), {item.reference}),
    ):
        assert find_listed(agent) == seen
    assert client_of(agent).get(f"{QUEUE}{item.pk}/change/").status_code == 200


@pytest.mark.req("D9")
def test_an_establishment_without_branch_is_its_delegations_but_for_training() -> None:
    fallback = Dga.objects.get(fallback=True)
    cell = get_staff(make_staff(dgas=(fallback.code,)))
    firm = make_establishment(kind="cabinet_comptable", branch=None)
    company = make_establishment(branch=None)
    training = make_establishment(training=True)
    assert list(Establishment.objects.filter(in_staff_scope(cell))) == [training]
    ours = get_staff(make_staff(delegations=("IDF",)))
    assert set(Establishment.objects.filter(in_staff_scope(ours))) == {firm, company, training}
    for place in (firm, company, training):
        assert may_see_establishment(cell, place.department, place.kind, place.branch) == (
            place == training
        )


def test_an_establishment_misses_an_administrator_only_where_there_may_be_one() -> None:
    firm = make_establishment(kind="cabinet_comptable", branch=None)
    platforms = {row.code: row for row in Platform.objects.all()}
    make_access(establishment=firm, platform=platforms[CONTRIBUTIONS], dashboard="")
    partner = make_establishment(training=True)
    make_access(establishment=partner, platform=platforms["m-campus-of"], dashboard="")
    company = make_establishment()
    make_access(establishment=company, platform=platforms[CAMPUS], dashboard="")
    assert list(select_establishments_without_administrator()) == [company]


@pytest.mark.req("D67")
def test_an_establishment_learns_its_branch_from_m_gestion_and_routes_by_it_then() -> None:
    agent, siret = make_staff(StaffRole.NATIONAL), make_siret()
    for code, role in ((CAMPUS, Role.GESTIONNAIRE), (None, Role.GESTIONNAIRE)):
        item = make_request(platform=code, siret=siret)
        approve_request(item.pk, version=item.version, role=role, actor_user=agent, now=NOW)
    place = Establishment.objects.get()
    branch = Branch.objects.get(code="automobile")
    assert place.branch == branch
    item = make_request(platform=CONTRIBUTIONS, siret=siret)
    assert (item.dga, item.branch) == (branch.dga, None)
    assert Platform.objects.get(code=CONTRIBUTIONS) == item.platform
