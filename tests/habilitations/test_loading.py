"""The reference tables: complete, loaded once, and never over what staff edited."""

import pytest

from accounts.habilitations import loading
from accounts.habilitations.enums import EstablishmentKind, Role, WayIn
from accounts.habilitations.platforms.admission import (
    OnlineAdmissions,
    choose_admitted_role,
    get_default_profile,
)
from accounts.habilitations.platforms.models import AdmissionRule, Platform, ServiceRule
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga, Profile
from tests.factories.habilitations import NOW


@pytest.mark.django_db
def test_a_second_load_changes_nothing_and_says_so() -> None:
    first = loading.load_reference_tables(NOW)
    again = loading.load_reference_tables(NOW)
    assert any("109 created" in line for line in first)
    assert all(", 0 restored, 0 left as edited" in line for line in again)
    assert all(": 0 created" in line for line in again)


def test_what_staff_edited_stays_unless_forced(reference: None) -> None:
    Delegation.objects.filter(code="IDF").update(email="nouvelle-adresse@example.org")
    gives = AdmissionRule.objects.filter(
        platform__code="m-gestion-entreprise", profile__code="ENT-GEST"
    )
    gives.update(role=Role.ADHERENT)
    lines = loading.load_reference_tables(NOW)
    assert Delegation.objects.get(code="IDF").email == "nouvelle-adresse@example.org"
    assert gives.get().role == Role.ADHERENT
    assert "délégations: 0 created, 0 restored, 1 left as edited" in lines
    lines = loading.load_reference_tables(NOW, force=True)
    assert Delegation.objects.get(code="IDF").email == "delegation-idf@example.org"
    assert "règles d’admission: 0 created, 1 restored, 0 left as edited" in lines


def test_a_straight_apostrophe_of_an_earlier_load_is_mended_and_what_staff_wrote_is_not(
    reference: None,
) -> None:
    auto = Dga.objects.filter(code="DGA-AUTO")
    assert auto.get().name == "DGA Services de l’automobile"
    auto.update(name="DGA Services de l'automobile", email="ailleurs@example.org")
    lines = loading.load_reference_tables(NOW)
    assert auto.get().name == "DGA Services de l’automobile"
    assert auto.get().email == "ailleurs@example.org"
    assert "DGA: 0 created, 1 restored, 1 left as edited" in lines
    auto.update(name="DGA de l'auto")
    loading.load_reference_tables(NOW)
    assert auto.get().name == "DGA de l'auto"


def test_rows_that_staff_added_survive_a_forced_load(reference: None) -> None:
    Delegation.objects.create(code="TEST", name="Ajoutée", email="ajoutee@example.org")
    loading.load_reference_tables(NOW, force=True)
    assert Delegation.objects.filter(code="TEST").exists()


def test_the_fallback_dga_that_staff_moved_stays_where_they_put_it(reference: None) -> None:
    Dga.objects.filter(fallback=True).delete()
    Dga.objects.filter(code="DGA-AUTO").update(fallback=True)
    loading.load_reference_tables(NOW)
    assert Dga.objects.get(fallback=True).code == "DGA-AUTO"
    loading.load_reference_tables(NOW, force=True)
    assert Dga.objects.get(fallback=True).code == "DGA-OFCFA"


@pytest.mark.req("S55")
def test_departements_stand_in_the_order_that_people_know(reference: None) -> None:
    codes = list(Department.objects.order_by("position").values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == 109
    assert codes[18:22] == ["19", "2A", "2B", "21"]
    assert codes[95:98] == ["95", "971", "972"]
    assert "20" not in codes


@pytest.mark.req("D44")
def test_overseas_departements_are_routed_and_those_outside_the_territory_are_marked(
    reference: None,
) -> None:
    mayotte = Department.objects.select_related("delegation").get(code="976")
    assert mayotte.selectable and not mayotte.in_territory
    assert mayotte.delegation is not None and mayotte.delegation.code == "REU"
    assert set(Department.objects.filter(selectable=False).values_list("code", flat=True)) == {
        "984",
        "989",
    }


@pytest.mark.req("R37", "D5")
def test_each_profile_gives_one_role_and_training_establishments_have_theirs(
    reference: None,
) -> None:
    company = Platform.objects.get(code="m-gestion-entreprise")
    form = [
        code
        for code, _ in OnlineAdmissions().list_form_choices(
            company.code, EstablishmentKind.ENTREPRISE
        )
    ]
    assert form == ["ENT-ADMIN", "ENT-GEST"]
    roles = [
        choose_admitted_role(company, "entreprise", Profile.objects.get(code=code)) for code in form
    ]
    assert roles == [Role.ADMINISTRATEUR, Role.GESTIONNAIRE]
    training = Platform.objects.get(code="m-gestion-of")
    for kind in (EstablishmentKind.CFA, EstablishmentKind.OF):
        profile = get_default_profile(training, kind)
        assert choose_admitted_role(training, kind, profile) == Role.GESTIONNAIRE


@pytest.mark.req("R55", "R84", "D22", "D38")
def test_the_registry_holds_the_platforms_under_their_names(reference: None) -> None:
    counting = dict(Platform.objects.values_list("name", "counts_for_inactivity"))
    assert counting == {
        "M-Gestion Entreprise": True,
        "M-Gestion OF": True,
        "M-Contributions": True,
        "M-Campus Entreprise": True,
        "M-Campus OF": True,
        "M-GEPP Solution": True,
        "M-Tutorat": False,
        "M-Transition Energétique": False,
    }


@pytest.mark.req("R55")
def test_five_platforms_have_a_published_link_and_m_gepp_solution_has_none(reference: None) -> None:
    without = Platform.objects.filter(home_url="").values_list("code", flat=True)
    assert list(without) == ["m-gepp-solution"]


@pytest.mark.req("R9")
def test_the_published_branch_links_belong_to_m_gestion(reference: None) -> None:
    rules = {
        rule.path: rule.platform.code for rule in ServiceRule.objects.select_related("platform")
    }
    assert rules == {
        "/app/authenticate/automobile": "m-gestion-entreprise",
        "/app/authenticate/transport": "m-gestion-entreprise",
        "/app/authenticate/urbain": "m-gestion-entreprise",
        "/app/authenticate/of": "m-gestion-of",
    }


@pytest.mark.req("D8")
def test_every_branch_of_the_form_has_its_row_and_no_other(reference: None) -> None:
    assert set(Branch.objects.values_list("code", flat=True)) == {
        "automobile",
        "transport-routier",
        "urbain",
        "ratp",
        "ferroviaire",
        "maritime",
        "portuaire",
        "fluvial",
        "tourisme",
        "distribution-chd",
    }


@pytest.mark.req("R57")
def test_there_are_the_kinds_of_legal_persons_of_the_terms_and_the_hr_firm() -> None:
    assert {kind.value for kind in EstablishmentKind} == {
        "entreprise",
        "cfa",
        "of",
        "cabinet_comptable",
        "cabinet_rh",
    }


@pytest.mark.req("R61")
def test_the_roles_of_an_hr_firm_are_nobodys_own_choice(reference: None) -> None:
    firms = AdmissionRule.objects.filter(kind=EstablishmentKind.CABINET_RH)
    assert {rule.role for rule in firms} == {Role.ADMINISTRATEUR_CABINET_RH, Role.CONSULTANT}
    assert {rule.way_in for rule in firms} == {WayIn.INVITATION}
    roles = [Role.ADMINISTRATEUR_CABINET_RH, Role.CONSULTANT]
    assert not AdmissionRule.objects.filter(role__in=roles).exclude(kind="cabinet_rh").exists()


@pytest.mark.req("R58")
def test_there_are_exactly_seven_roles() -> None:
    assert {role.label for role in Role} == {
        "Gestionnaire",
        "Administrateur",
        "Adhérent",
        "Partenaire",
        "Cabinet comptable",
        "Administrateur Cabinet RH",
        "Consultant",
    }
