"""What a text of the terms may hold, its contents and its dress."""

import html
import re

import pytest
from django.urls import resolve

from accounts.legal.terms import markup, shipped_terms

GOOD = '<h2 id="un">Un</h2><p>Texte <strong>fort</strong>.</p>'


def plain(body: str) -> str:
    """The words of a fragment, one kind of space."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", body))
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def test_a_text_of_headings_and_paragraphs_may_be_published() -> None:
    assert markup.faults(GOOD) == []


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    '<p onclick="x()">a</p>',
    '<p style="color:red">a</p>',
    '<a href="javascript:alert(1)">a</a>',
    '<a href=" https://example.org">a</a>',
    '<a href="http://example.org">a</a>',
    '<a href="//example.org/">a</a>',
    '<a href="/\\example.org/">a</a>',
    '<iframe src="https://example.org"></iframe>',
    '<img src="https://example.org/a.png">',
    "<!-- secret -->",
    "<!doctype html>",
    "<![CDATA[a]]>",
    "<?php echo 1 ?>",
    "<p>a</strong></p>",
    "<p>a",
    "<p/>a",
    "<p>a</p><a href=",
    "<h2>Sans identifiant</h2>",
    '<h2 id="Un Deux">Titre</h2>',
    '<p id="un">encore</p>',
    '<a href="#nulle-part">a</a>',
]


@pytest.mark.req("S23")
@pytest.mark.parametrize("bad", HOSTILE)
def test_a_text_with_anything_else_is_refused(bad: str) -> None:
    assert markup.faults(GOOD + bad)


@pytest.mark.req("S23")
@pytest.mark.parametrize(
    "bad",
    [
        *HOSTILE,
        "<svg><style><a title='</style><img src=x onerror=x()>'></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=x()>'>",
        '<a href="java&#10;script:x()">a</a>',
        "<noscript><p title='</noscript><script>x()</script>'>",
        '<p id="x" id="y"><form><input name=a></form>',
        "2 < 3",
    ],
)
def test_a_page_shows_nothing_that_is_not_allowed_whatever_a_row_holds(bad: str) -> None:
    page = markup.format_for_page(GOOD + bad)
    tags = re.findall(r"<[^>]*>", page)
    assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= markup.TAGS  # type: ignore[index]
    shown = "".join(tags).lower()
    assert "http:" not in shown and '="//' not in shown and '="/\\' not in shown
    assert not re.search(r"javascript|\son\w+=|style=|src=", shown)


def test_an_empty_text_is_refused() -> None:
    assert markup.faults(" \n") == ["Le texte est vide."]


@pytest.mark.req("R71")
def test_the_contents_hold_each_part_with_the_articles_under_it() -> None:
    body = (
        '<h2 id="a">A <strong>et</strong> B</h2><h3 id="b">B</h3><h3 id="c">C</h3><h2 id="d">D</h2>'
    )
    parts = markup.contents(body)
    assert [(part.anchor, part.title) for part in parts] == [("a", "A et B"), ("d", "D")]
    assert [child.anchor for child in parts[0].children] == ["b", "c"]


def test_tables_scroll_alone_under_their_name_and_outside_links_are_marked() -> None:
    body = "<table>\n<caption>Nom</caption></table><table><tr></tr></table>"
    body += '<a href="https://example.org/">a</a><a href="/cookies/">b</a>'
    page = markup.format_for_page(body)
    assert (
        'aria-labelledby="tableau-1" tabindex="0"><table class="table table--cards" role="table">'
        in page
    )
    assert '<caption id="tableau-1">Nom</caption>' in page
    assert page.count("</table></div>") == 2
    assert '<a href="https://example.org/" rel="external noopener">' in page
    assert '<a href="/cookies/">' in page


def test_a_cell_says_its_column_and_its_role_where_a_row_is_a_card() -> None:
    head = '<tr><th scope="col">Nom</th><th scope="col">Dit <em>« "b" »</em></th></tr>'
    row = '<tr><th scope="row">a</th><td>1</td><td>2</td></tr>'
    page = markup.format_for_page(
        f"<table><thead>{head}</thead><tbody>{row}</tbody></table><p>b</p>"
    )
    assert '<th scope="col" role="columnheader">Dit <em>' in page
    assert '<th scope="row" role="rowheader">a</th>' in page
    assert '<td role="cell" data-label="Dit « &quot;b&quot; »">1</td><td role="cell">2</td>' in page
    assert page.endswith("</table></div><p>b</p>")


def test_the_shipped_text_may_be_published() -> None:
    assert markup.faults(shipped_terms.body()) == []


@pytest.mark.req("R71")
def test_the_shipped_text_has_notices_thirteen_articles_and_contacts() -> None:
    anchors = [part.anchor for part in markup.contents(shipped_terms.body())]
    articles = [f"article-{number}" for number in range(1, 14)]
    assert anchors == ["mentions-legales", *articles, "nous-contacter"]


@pytest.mark.req("R70")
def test_the_shipped_text_begins_by_saying_that_it_is_a_demonstration() -> None:
    assert plain(shipped_terms.body()).strip().startswith("Texte de démonstration.")


def test_inner_links_of_the_shipped_text_lead_to_pages() -> None:
    for path in set(re.findall(r'href="(/[^"#]*)', shipped_terms.body())):
        resolve(path)


def test_outside_links_of_the_shipped_text_go_to_known_hosts() -> None:
    hosts = set(re.findall(r'href="https://([^/"]+)', shipped_terms.body()))
    assert hosts == {
        "www.opcomobilites.fr",
        "mgestion.opcomobilites.fr",
        "mcontributions.opcomobilites.fr",
        "mcampus.opcomobilites.fr",
        "m-tutorat.fr",
        "mtransition-energetique.opcomobilites.fr",
        "support.google.com",
        "support.microsoft.com",
        "support.mozilla.org",
        "help.opera.com",
        "support.apple.com",
    }


@pytest.mark.req("S57")
def test_the_shipped_text_keeps_french_typography() -> None:
    words = html.unescape(re.sub(r"<[^>]+>", "", shipped_terms.body()))
    assert "'" not in words
    assert not re.search(r" [:;?!»]|« ", words)


MARKED_FACTS = [
    pytest.param(fact, marks=pytest.mark.req(req))
    for req, fact in [
        ("R50", "204 Rond-Point du Pont de Sèvres, 92100 Boulogne-Billancourt"),
        ("R50", "W691091656, SIREN 851 240 499"),
        ("R51", "contact@opcomobilites.fr"),
        ("R51", "Isabelle Maimbourg"),
        ("R52", "ITS Integra, 42 rue de Bellevue, 92100 Boulogne-Billancourt"),
        ("R52", "+33 (0)1 78 89 35 00"),
        ("R53", "SIREN 510 909 807"),
        ("R54", "GIP FTLV de Bourgogne-Service CAFOC"),
        ("R56", "personnel et protégé, d’une personne identifiée à une Plateforme"),
        ("R57", "Il y en a quatre : Cabinet comptable"),
        (
            "R58",
            "Gestionnaire, Administrateur, Adhérent, Partenaire, Cabinet comptable, "
            "Administrateur Cabinet RH et Consultant",
        ),
        ("R59", "rôles différents d’une Plateforme à l’autre"),
        ("R60", "SSO (Single Sign-On)"),
        ("D36", "SSO (Single Sign-On)"),
        ("R61", "retenu par marché public"),
        ("R62", "dès l’inscription, puis à chaque visite"),
        ("R63", "« J’accepte les Conditions Générales d’Utilisation »"),
        ("R65", "Seule la version en ligne est opposable"),
        ("R66", "peut suspendre l’accès à son compte"),
        ("R68", "Les versions passées sont conservées"),
        ("R70", "Version Février 2025"),
        ("R72", "arrêtée un moment, limitée ou changée sans annonce"),
        ("R73", "« Mes services en ligne »"),
        ("R73", "sept jours sur sept"),
        ("R74", "protéger l’accès aux Informations"),
        ("R75", "ne coûte rien"),
        ("R76", "il ne se prête pas et ne se partage pas"),
        ("R77", "« Vous n’avez pas de compte ? » puis « M’inscrire »"),
        ("R78", "dépendent du rôle donné lors de la création du compte"),
        ("R79", "204 Rond-point du Pont de Sèvres, 92100"),
        ("R80", "dans un délai raisonnable"),
        ("R81", "restreindre l’accès d’un Utilisateur"),
        ("R82", "refuser ensuite ses nouvelles inscriptions"),
        ("R83", "M-Habilitations est l’environnement interne"),
        ("R84", "M-Gestion Entreprise et M-Gestion OF"),
        ("R85", "processus automatique"),
        ("R86", "Administrateur Entreprise ou OF"),
        ("R87", "annonce la suppression sous 15 jours calendaires"),
        ("R88", "au terme du 15e jour calendaire suivant cet avis, jour inclus"),
        ("R90", "réactive le compte avant la fin de ces 15 jours calendaires"),
        ("R92", "une fenêtre (pop-in) prévient l’Administrateur"),
        ("R94", "24 mois"),
        ("R95", "15 jours calendaires pour se connecter"),
        ("R97", "désactivé sur toutes ces Plateformes"),
        ("R98", "suppression définitive sous 15 jours calendaires"),
        ("R99", "jour calendaire suivant sa désactivation, jour inclus"),
        ("R100", "son compte est réactivé, n’est pas supprimé"),
        ("R104", "sont secrets et ne servent qu’à leur titulaire"),
        ("R105", "perdus, volés ou employés par quelqu’un d’autre"),
        ("R106", "suspend alors l’accès et peut en proposer un nouveau"),
        ("R107", "est tenu pour fait par son titulaire"),
        ("R108", "le droit, l’autorisation et le pouvoir"),
        ("R109", "la preuve écrite à tout moment"),
        ("R110", "suspendu sur la ou les Plateformes en cause"),
        ("R111", "en quittant ses fonctions"),
        ("R112", "complètes et exactes"),
        ("R113", "outil interne de gestion"),
        ("R114", "article 1218 du code civil"),
        ("R114", "la perte, du vol ou de la divulgation"),
        ("R115", "par un iframe ou un procédé semblable"),
        ("R116", "« OPCO Mobilités tous droits réservés »"),
        ("R117", "qu’avec le Personnel autorisé qui en a besoin"),
        ("R118", "accord de prise en charge"),
        ("R120", "Le temps que demande chaque finalité"),
        (
            "R121",
            "Accès, rectification, oubli, suppression, limitation, opposition et portabilité",
        ),
        ("R122", "dpo@opcomobilites.fr"),
        ("R123", "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07"),
        ("R124", "règlement européen 2016/679"),
        ("R124", "loi n° 78-17"),
        ("R125", "traceurs anonymes de mesure d’audience"),
        ("R126", "jamais rapprochés des données nominatives"),
        ("R127", "13 mois au plus"),
        ("R128", "« Management des cookies » ou « Gestion des cookies »"),
        ("R129", "Chrome Edge Internet Explorer Firefox Opera Safari"),
        ("R130", "mcontributions.opcomobilites.fr M-Tutorat M-GEPP Solution"),
        ("R131", "Un lien ne vaut pas approbation"),
        ("R132", "prive d’effet une clause"),
        ("R132", "Ne pas relever un manquement"),
        ("R132", "Le droit français s’applique"),
        ("R132", "le Tribunal judiciaire du ressort du siège d’OPCO Mobilités"),
        ("R133", "« Le service de proximité »"),
    ]
]


@pytest.mark.parametrize("fact", MARKED_FACTS)
def test_the_shipped_text_says(fact: str) -> None:
    words = re.sub(r" ([.,])", r"\1", plain(shipped_terms.body()))
    assert fact in words


@pytest.mark.req("R55", "R84", "R129", "R133")
def test_the_shipped_text_links_five_platforms_browser_help_and_the_contact_form() -> None:
    body = shipped_terms.body()
    for address in (
        "https://mgestion.opcomobilites.fr/",
        "https://mcontributions.opcomobilites.fr/",
        "https://mcampus.opcomobilites.fr/",
        "https://m-tutorat.fr/inscription.php",
        "https://mtransition-energetique.opcomobilites.fr/",
        "https://support.google.com/chrome/",
        "https://support.apple.com/fr-fr/guide/safari/",
        "https://www.opcomobilites.fr/contact",
    ):
        assert f'href="{address}' in body
    counted = plain(body.split("M-Habilitations</strong>")[1].split("</ul>")[0])
    assert "M-Tutorat" not in counted
    assert "M-Transition" not in counted
