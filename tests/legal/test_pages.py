"""The public pages: read by anyone, with the facts that they owe."""

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import resolve, reverse

from accounts.legal.terms import flows
from mgestion.journal.actors import Actor
from tests.legal.conftest import NOW, draft

pytestmark = pytest.mark.django_db
PAGES = (
    *("terms", "terms_archive", "notices", "privacy", "cookies", "accessibility"),
    "conditions_index",
)


@pytest.fixture(autouse=True)
def _terms(db: None) -> None:
    flows.load_shipped_terms(NOW)


def words(client: Client, name: str, *args: str) -> str:
    """What a reader of the page reads, one kind of space."""
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"[\s\u00a0\u202f]+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


@pytest.mark.req("R64", "R116")
def test_anyone_reads_them_and_inner_links_lead_to_a_page_and_a_place_in_it(client: Client) -> None:
    pages = {}
    for name in PAGES:
        path = reverse(f"legal:{name}")
        response = client.get(path)
        assert response.status_code == 200, name
        pages[path] = page = response.text
        assert page.count("<h1") == 1, name
        assert "OPCO Mobilités tous droits réservés" in page.split("<footer", 1)[1], name
    for here, page in pages.items():
        for address in set(re.findall(r'href="([/#][^"]*)"', page)):
            parts = urlsplit(html.unescape(address))
            if parts.path.startswith(settings.STATIC_URL):
                assert finders.find(parts.path.removeprefix(settings.STATIC_URL)), address
                continue
            match = resolve(parts.path) if parts.path else None
            if not parts.fragment:
                continue
            target = page
            if match is not None and match.view_name.startswith("legal:"):
                target = pages.get(parts.path) or client.get(parts.path).text
            assert f'id="{parts.fragment}"' in target, (here, address)


@pytest.mark.req("R70", "R71")
def test_the_terms_show_their_version_its_date_and_linked_contents(client: Client) -> None:
    text = words(client, "legal:terms")
    assert "Version Février 2025" in text
    assert "En vigueur depuis le samedi 1er février 2025" in text
    assert "Texte de démonstration." in text
    page = client.get(reverse("legal:terms")).text
    for anchor in (
        "mentions-legales",
        "article-1",
        "article-4-2-4-b",
        "article-13",
        "nous-contacter",
    ):
        assert f'<a href="#{anchor}">' in page
        assert f'id="{anchor}"' in page


@pytest.mark.req("R68", "D37")
def test_a_version_to_come_is_shown_as_such_and_does_not_replace_the_current_one(
    client: Client,
) -> None:
    flows.publish_version(
        draft("ete-2026", label="Version Été 2026"),
        effective_at=NOW + timedelta(days=60),
        actor=Actor.system("tests"),
        now=NOW,
    )
    with time_machine.travel(NOW, tick=False):
        assert "Version Février 2025" in words(client, "legal:terms")
        assert "Cette version ne s’applique pas encore." in words(
            client, "legal:terms_version", "ete-2026"
        )
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        assert "Version Été 2026" in words(client, "legal:terms")
        assert "Cette version n’est plus opposable." in words(
            client, "legal:terms_version", "fevrier-2025"
        )
        archive = words(client, "legal:terms_archive")
    assert re.search(
        "Version Été 2026 samedi 9 mai 2026 En vigueur .*Février 2025 .* Archivée", archive
    )


@pytest.mark.req("R68")
def test_the_archive_says_how_to_ask_for_a_version(client: Client) -> None:
    text = words(client, "legal:terms_archive")
    assert "vous est envoyée sur demande" in text
    assert "contact@opcomobilites.fr" in text
    assert "204 Rond-Point du Pont de Sèvres" in text


def test_a_draft_is_shown_to_nobody(client: Client) -> None:
    draft("brouillon")
    assert client.get(reverse("legal:terms_version", args=["brouillon"])).status_code == 404
    assert "brouillon" not in words(client, "legal:terms_archive")


def assert_says(client: Client, name: str, facts: list[tuple[str, str]]) -> None:
    """One page, with each requirement and the words that fulfil it."""
    text = words(client, name)
    assert [(req, fact) for req, fact in facts if fact not in text] == []


@pytest.mark.req("R50", "R51", "R52", "R53", "R54", "D35")
def test_the_legal_notice_says(client: Client) -> None:
    assert_says(
        client,
        "legal:notices",
        [
            ("R50", "association de la loi du 1er juillet 1901"),
            ("R50", "204 Rond-Point du Pont de Sèvres, 92100 Boulogne-Billancourt"),
            ("R50", "RNA W691091656, SIREN 851 240 499"),
            ("R51", "contact@opcomobilites.fr"),
            ("D35", "contact@opcomobilites.fr"),
            ("R51", "Isabelle Maimbourg, directrice générale"),
            ("R52", "ITS Integra, RCS de Nanterre, SIREN 404 536 922"),
            ("R52", "42 rue de Bellevue, 92100 Boulogne-Billancourt"),
            ("R52", "contact@itsintegra.com"),
            ("R52", "+33 (0)1 78 89 35 00"),
            ("R53", "M-Gestion OPCO Mobilités 204 Rond-Point"),
            ("R53", "M-Contributions OPCO Mobilités 204 Rond-Point"),
            ("R53", "M-GEPP Solution OPCO Mobilités 204 Rond-Point"),
            ("R53", "M-Campus RICH-ID 8 rue Saint-Augustin, 75002 Paris"),
            ("R53", "SIREN 437 897 796"),
            ("R53", "M-Tutorat O2SWITCH 222 chemin des Pardiaux, 63000 Clermont-Ferrand"),
            ("R53", "SIREN 510 909 807 support@o2switch.fr 04 44 44 60 40"),
            ("R53", "M-Transition Energétique DIDASK 60 bis rue Sadi-Carnot, 93170 Bagnolet"),
            ("R53", "SIREN 808 859 276 contact@didask.com 07 68 10 52 90"),
            ("R54", "M-Tutorat GIP FTLV de Bourgogne-Service CAFOC 2G rue Général-Delaborde"),
            ("R54", "21000 Dijon, SIREN 182 100 263"),
            ("R54", "M-GEPP Solution RICH-ID (hébergée par OPCO Mobilités)"),
        ],
    )


@pytest.mark.req("R113", "R118", "R120", "R121", "R122", "R123", "R124", "S32", "S33")
def test_the_privacy_policy_says(client: Client) -> None:
    assert_says(
        client,
        "legal:privacy",
        [
            ("R113", "outil interne de gestion d’OPCO Mobilités et ses prestataires"),
            ("R118", "validation d’inscription, accord de prise en charge, paiements"),
            ("R121", "d’accès, de rectification, d’oubli, de suppression, de limitation"),
            ("R121", "d’opposition et de portabilité"),
            ("R122", "dpo@opcomobilites.fr"),
            ("R123", "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07"),
            ("R124", "règlement européen 2016/679 (RGPD) et la loi n° 78-17"),
            ("R120", "Journal de sécurité 12 mois"),
            ("S32", "est responsable du traitement"),
            ("S32", "Base légale"),
            ("S32", "Chaque formulaire dit quels champs sont obligatoires"),
            ("S33", "La réponse vient dans le mois"),
        ],
    )


@pytest.mark.req("S32")
def test_the_directory_is_named_where_there_is_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "annuaire public des entreprises" not in words(client, "legal:privacy")
    monkeypatch.setattr(settings, "COMPANY_DIRECTORY_URL", "https://annuaire.example.org/")
    page = words(client, "legal:privacy")
    assert "L’annuaire public des entreprises, qui reçoit le SIRET de votre demande et" in page
    assert "n’accepte pas le SIRET d’un cabinet comptable" in page


@pytest.mark.req("R125", "R127", "R128", "R129", "R130", "D46", "S38")
def test_the_cookie_page_says(client: Client) -> None:
    assert_says(
        client,
        "legal:cookies",
        [
            ("R125", "ni publicité, ni réseau social, ni mesure d’audience"),
            ("R127", "Aucune information n’y reste plus de 13 mois"),
            ("R128", "Effacer les cookies"),
            ("R129", "Chrome Edge Internet Explorer Firefox Opera Safari"),
            (
                "R130",
                "opcomobilites.fr mgestion.opcomobilites.fr mcampus.opcomobilites.fr "
                "mcontributions.opcomobilites.fr M-Tutorat M-GEPP Solution",
            ),
            ("R130", "politique d’OPCO Mobilités sur les cookies et traceurs"),
            ("D46", "rien à accepter ni à refuser"),
            ("S38", "dispense de consentement"),
        ],
    )


@pytest.mark.req("S47")
def test_the_accessibility_statement_is_honest_and_gives_remedies(client: Client) -> None:
    text = words(client, "legal:accessibility")
    for fact in (
        "faute d’audit",
        "non conforme",
        "contact@opcomobilites.fr",
        "Défenseur des droits",
    ):
        assert fact in text
