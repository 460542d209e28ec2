"""A draft is written without tags; what is kept is the HTML that a version may hold."""

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.legal.models import TermsVersion
from accounts.legal.plain_terms import is_html, read_terms_text, write_terms_html
from accounts.legal.terms.markup import list_markup_faults
from accounts.people.models import User
from tests.effort import examples
from tests.legal.test_publishing import DRAFTS, WRITTEN, agent

__all__ = ["agent"]  # the fixture

PASTED = """# Article 1 – Objet
Les présentes conditions s’appliquent.
Elles lient **chaque** utilisateur ; voir [la page](https://example.org/page).
## 1.1 Définitions
• le portail
• la plateforme
# Article 1 – Objet
1. un
2. deux
"""


def test_what_is_pasted_becomes_paragraphs_titles_and_lists() -> None:
    html = write_terms_html(PASTED)
    assert list_markup_faults(html) == []
    assert html.count("<p>") == 2
    assert '<h2 id="article-1-objet">Article 1 – Objet</h2>' in html
    assert 'id="article-1-objet-2"' in html  # an anchor is one title's
    assert "<strong>chaque</strong>" in html
    assert html.count("<li>") == 4


def test_html_stays_and_is_written_back_as_a_text_where_it_can_be() -> None:
    kept = '<h2 id="article-9">Titre</h2><p>Texte &amp; <a href="/cookies/">lien</a>.</p>'
    text = read_terms_text(kept)
    assert text == "# Titre {#article-9}\n\nTexte & [lien](/cookies/)."
    assert read_terms_text("<dl><dt>a</dt><dd>b</dd></dl>") is None
    assert read_terms_text("<p>a<br>b</p>") is None


@settings(max_examples=examples(40, 1000))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "# ", "## ", "- ", "1. "]),
            st.text("abé *_#<>&[]()|-.1\\`", min_size=1, max_size=12).filter(str.strip),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_shown_again_gives_the_same_html(lines: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{sign}{words}" for sign, words in lines)
    if is_html(text):
        return
    html = write_terms_html(text)
    again = read_terms_text(html)
    if again is not None:
        assert write_terms_html(again).split() == html.split()


@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
def test_a_draft_is_written_and_changed_without_a_tag(client: Client, agent: User) -> None:
    assert client.post(f"{DRAFTS}add/", {**WRITTEN, "body": PASTED}).status_code == 302
    version = TermsVersion.objects.get(slug=WRITTEN["slug"])
    assert version.body == write_terms_html(PASTED)
    page = client.get(f"{DRAFTS}{version.pk}/change/")
    shown = page.context["adminform"].form["body"].value()
    assert shown.startswith("# Article 1 – Objet")
    assert "<p>" not in shown
    assert "Relire et publier" in page.text
