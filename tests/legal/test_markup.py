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
    assert markup.list_markup_faults(GOOD) == []


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
def test_a_text_with_anything_else_is_refused() -> None:
    assert [bad for bad in HOSTILE if not markup.list_markup_faults(GOOD + bad)] == []


@pytest.mark.req("S23")
def test_a_page_shows_nothing_that_is_not_allowed_whatever_a_row_holds() -> None:
    for bad in (
        *HOSTILE,
        "<svg><style><a title='</style><img src=x onerror=x()>'></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=x()>'>",
        '<a href="java&#10;script:x()">a</a>',
        "<noscript><p title='</noscript><script>x()</script>'>",
        '<p id="x" id="y"><form><input name=a></form>',
        "2 < 3",
    ):
        page = markup.format_for_page(GOOD + bad)
        tags = re.findall(r"<[^>]*>", page)
        names = {re.match(r"</?(\w+)", tag)[1] for tag in tags}  # type: ignore[index]
        assert names <= markup.TAGS, bad
        shown = "".join(tags).lower()
        assert "http:" not in shown and '="//' not in shown and '="/\\' not in shown, bad
        assert not re.search(r"javascript|\son\w+=|style=|src=", shown), bad


def test_each_fault_says_its_line() -> None:
    body = (
        '<h2 id="a">A</h2>\n<p>un\nmot</p>\n<div>x</div>\n<p style="a">y</p>\n<h3>B</h3>'
        '\n<p id="a"><a href="#b">z</a></p>'
    )
    assert markup.list_markup_faults(body) == [
        "Ligne 4\u00a0: la balise <div> n’est pas admise.",
        'Ligne 5\u00a0: l’attribut style="a" n’est pas admis.',
        "Ligne 6\u00a0: le titre «\u00a0B\u00a0» n’a pas d’identifiant (id).",
        "Ligne 7\u00a0: l’identifiant a sert déjà plus haut.",
        "Ligne 7\u00a0: le lien #b ne mène nulle part.",
    ]


def test_an_empty_text_is_refused() -> None:
    assert markup.list_markup_faults(" \n") == ["Le texte est vide."]


@pytest.mark.req("R71")
def test_the_contents_hold_each_part_with_the_articles_under_it() -> None:
    body = (
        '<h2 id="a">A <strong>et</strong> B</h2><h3 id="b">B</h3><h3 id="c">C</h3><h2 id="d">D</h2>'
    )
    parts = markup.build_contents(body)
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
    assert markup.list_markup_faults(shipped_terms.read_shipped_body()) == []


@pytest.mark.req("R71")
def test_the_shipped_text_has_notices_thirteen_articles_and_contacts() -> None:
    anchors = [part.anchor for part in markup.build_contents(shipped_terms.read_shipped_body())]
    articles = [f"article-{number}" for number in range(1, 14)]
    assert anchors == ["mentions-legales", *articles, "nous-contacter"]


@pytest.mark.req("R70")
def test_the_shipped_text_begins_by_saying_that_it_is_a_demonstration() -> None:
    assert plain(shipped_terms.read_shipped_body()).strip().startswith("Texte de démonstration.")


def test_inner_links_of_the_shipped_text_lead_to_pages() -> None:
    for path in set(re.findall(r'href="(/[^"#]*)', shipped_terms.read_shipped_body())):
        resolve(path)


@pytest.mark.req("S57")
def test_the_shipped_text_keeps_french_typography() -> None:
    words = html.unescape(re.sub(r"<[^>]+>", "", shipped_terms.read_shipped_body()))
    assert "'" not in words
    assert not re.search(r" [:;?!»]|« ", words)


@pytest.mark.req("R55", "R84", "R129", "R133")
def test_the_shipped_text_links_five_platforms_browser_help_and_the_contact_form() -> None:
    body = shipped_terms.read_shipped_body()
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
