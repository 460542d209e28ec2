"""« Mes services en ligne »: a tile for each platform, by what the person may do there."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.utils.html import strip_tags

from accounts.habilitations.accesses.models import PlatformActivity
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.models import AdmissionRule, Platform, ServiceRule
from tests.factories.habilitations import NOW, make_access, make_establishment, make_user
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")


def tiles_of(user: Any) -> dict[str, str]:
    """Title → the tile's text, in the page's order."""
    client = client_of(user)
    page = client.get("/services/").content.decode()
    found = re.findall(r'<div class="tile(?: tile--off)?">(.*?)</div>\s*</li>', page, re.S)
    return {strip_tags(re.findall(r"<h3>(.*?)</h3>", text)[0]): text for text in found}


@pytest.mark.req("R1", "R55", "R73", "R77", "D38")
def test_a_newcomer_sees_every_platform_and_where_to_ask() -> None:
    tiles = tiles_of(make_user())
    assert len(tiles) == 8
    assert "/m-gestion/demande/" in tiles["M-Gestion Entreprise"]
    for code, name in (
        ("m-contributions", "M-Contributions"),
        ("m-campus-of", "M-Campus OF"),
        ("m-gepp-solution", "M-GEPP Solution"),
    ):
        assert f"/demandes/{code}/nouvelle/" in tiles[name]
    assert "L’inscription se fait sur son site" in tiles["M-Tutorat"]
    assert "https://m-tutorat.fr/inscription.php" in tiles["M-Tutorat"]
    sign_up = "https://mtransition-energetique.opcomobilites.fr/signup?next=%2F"
    assert sign_up in tiles["M-Transition Energétique"]


def test_what_cannot_be_asked_online_leads_on() -> None:
    rules = AdmissionRule.objects.filter(platform__code="m-gepp-solution")
    rules.filter(kind=EstablishmentKind.ENTREPRISE).delete()
    AdmissionRule.objects.filter(platform__code="m-contributions").delete()
    tiles = tiles_of(make_user())
    assert "vous y invite" in tiles["M-GEPP Solution"]
    assert "ouvert par votre délégation" in tiles["M-Contributions"]
    for name in ("M-GEPP Solution", "M-Contributions"):
        assert settings.CONTACT_URL in tiles[name]  # never a dead end


@pytest.mark.req("R57", "D66")
def test_an_accounting_firm_is_told_which_platforms_are_for_others() -> None:
    user = make_user()
    request = make_request(
        user, platform="m-contributions", kind="cabinet_comptable", profile="CAB-CPT"
    )
    tiles = tiles_of(user)
    assert request.reference in tiles["M-Contributions"]
    assert "Pour les entreprises et cabinets RH" in tiles["M-GEPP Solution"]
    assert "Pour les entreprises" in tiles["M-Gestion Entreprise"]
    assert "S’inscrire sur" in tiles["M-Tutorat"]


def test_the_page_costs_the_same_with_ten_platforms_and_many_accesses() -> None:
    user = make_user()
    client = client_of(user)
    client.get("/services/")
    for number in range(2):
        Platform.objects.create(code=f"autre-{number}", name=f"Autre {number}", position=99)
    for number in range(2):
        make_request(user, now=NOW + timedelta(days=number), platform="m-campus-entreprise")
        for platform in Platform.objects.all():
            make_access(user=user, platform=platform, dashboard="", granted_at=NOW)
    assert Platform.objects.count() == 10
    assert cost(client, "/services/") <= 8


@pytest.mark.req("R60", "R73")
def test_an_open_platform_is_one_click_through_the_single_login_and_says_its_last_use() -> None:
    platform = Platform.objects.get(code="m-contributions")
    Platform.objects.filter(pk=platform.pk).update(
        entry_url="https://contributions.example.org/app/"
    )
    ServiceRule.objects.create(
        platform=platform, origin="https://contributions.example.org", path="/"
    )
    user = make_user()
    make_access(user=user, platform=platform, dashboard="")
    PlatformActivity.objects.create(user=user, platform=platform, last_at=NOW - timedelta(days=1))
    tiles = tiles_of(user)
    assert list(tiles)[0] == "M-Contributions"
    assert (
        f"/cas/login?service={quote('https://contributions.example.org/app/', safe='')}"
        in tiles["M-Contributions"]
    )
    assert "Dernière utilisation" in tiles["M-Contributions"]
    assert "lundi 16 mars 2026" in tiles["M-Contributions"]


def test_what_is_being_examined_and_what_is_for_others_is_said() -> None:
    user = make_user()
    request = make_request(user)
    tiles = tiles_of(user)
    assert "Demande en cours" in tiles["M-Gestion Entreprise"]
    assert request.reference in tiles["M-Gestion Entreprise"]
    for name in ("M-Gestion OF", "M-Campus OF"):
        assert "Pour les CFA et organismes de formation" in tiles[name]
        assert "<a" not in tiles[name]
    trainer = make_user()
    make_access(
        user=trainer,
        establishment=make_establishment(training=True),
        platform=Platform.objects.get(code="m-gestion-of"),
        dashboard="of",
    )
    assert "Pour les entreprises" in tiles_of(trainer)["M-Campus Entreprise"]
    assert "Sans accès" in tiles_of(trainer)["M-Campus OF"]


def test_maintenance_and_hidden_platforms() -> None:
    user = make_user()
    platform = Platform.objects.get(code="m-contributions")
    Platform.objects.filter(code="m-tutorat").update(listed=False)
    Platform.objects.filter(pk=platform.pk).update(
        maintenance_message="Retour mardi.", tile_title="Contributions"
    )
    make_access(user=user, platform=platform, dashboard="")
    tiles = tiles_of(user)
    assert "M-Tutorat" not in tiles
    assert "Retour mardi." in tiles["Contributions"] and "<a" not in tiles["Contributions"]
