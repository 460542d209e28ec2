"""What holds for every mail of the portal, whichever room writes it (S56–S60)."""

import itertools
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.conf import settings

from mgestion import slots
from mgestion.outbox.catalogue import markdown
from mgestion.outbox.catalogue.checking import build_sample_content, find_original_problems
from mgestion.outbox.catalogue.kinds import (
    Contact,
    MailContent,
    MailKind,
    PlaceholderValue,
    ValueType,
)
from mgestion.outbox.catalogue.rendering import Message, read_original_source, render_source

KINDS = sorted(code for code in slots.mail_kinds if not code.startswith("tests."))
_DAY = "mercredi 30 septembre 2026"
# The longest that each value of a subject may be; a new one says its own here.
LONGEST: dict[str, PlaceholderValue] = {
    "effective": _DAY,
    "last_day": _DAY,
    "until_short": f"jusqu’au {_DAY}",
    "establishment_short": "T" * 36,
    "platform": "M-Transition Energétique",
    "platform_short": "T" * 16,
    "reference": "MG-WWWW-WWWW",
    "to_handle": "99999",
    "late": "99999",
    "awaited": "99999",
}
HOSTILE = (
    "*x* [a](http://evil.example) <b>b</b> {{ address }} {% if x %} `c` _d_",
    "# titre",
    "![](http://evil.example/x.png) <http://evil.example> &lt; \\",
    "1. un\n- deux\n\n## Bouton\n\n[Cliquez](http://evil.example)\n---",
    "**",
)


def render(code: str, **more: Any) -> Message:
    kind: MailKind = slots.mail_kinds[code]
    return render_source(
        kind, read_original_source(kind.template), replace(build_sample_content(kind), **more)
    )


def words_of(html: str) -> str:
    return one_line(unescape(re.sub(r"<[^>]+>", " ", html)))


def one_line(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text)


def test_each_shipped_text_words_its_mail() -> None:
    problems = {code: find_original_problems(slots.mail_kinds[code]) for code in KINDS}
    assert {code: found for code, found in problems.items() if found} == {}


@pytest.mark.req("S56")
def test_no_subject_is_longer_than_70_whatever_it_names() -> None:
    for code in KINDS:
        kind: MailKind = slots.mail_kinds[code]
        used = set(re.findall(r"{{ *(\w+)", read_original_source(kind.template).subject))
        assert used <= set(LONGEST), f"{code}: say how long they may be: {used - set(LONGEST)}"
        longest = {name: LONGEST[name] for name in used}
        subject = render(code, values=kind.samples | longest).subject
        assert 10 < len(subject) <= 70, f"{code}: {len(subject)}: {subject}"


@pytest.mark.req("S23", "S58")
def test_what_a_person_typed_is_read_as_typed_and_is_never_a_sign() -> None:
    for code in KINDS:
        check_what_was_typed(slots.mail_kinds[code])


def check_what_was_typed(kind: MailKind) -> None:
    typed = (ValueType.LINE, ValueType.PARAGRAPHS, ValueType.ITEMS)
    tags = re.compile(r"</?(?!br\b|p\b|ul\b|li\b)[a-z0-9]+")
    links = re.compile(r'href="([^"]*)"')
    plain = render(kind.code)
    for hostile in HOSTILE:
        values = dict(kind.samples)
        for one in kind.placeholders:
            if one.type in typed:
                values[one.name] = (hostile,) if one.type is ValueType.ITEMS else hostile
        said, case = render(kind.code, values=values, name=hostile), f"{kind.code}: {hostile}"
        assert tags.findall(said.html) == tags.findall(plain.html), f"an element: {case}"
        assert links.findall(said.html) == links.findall(plain.html), case
        assert "\n" not in said.subject, case
        lines = [one_line(part).strip() for part in hostile.splitlines() if part.strip()]
        for part in (one_line(said.text), words_of(said.html)):
            assert all(part.count(one) for one in lines), f"not as it was typed: {case}"


@pytest.mark.req("S58")
def test_text_and_html_say_the_same_words_and_links() -> None:
    for code in KINDS:
        message = render(code)
        text, html = one_line(message.text), words_of(message.html)
        for sentence in re.findall(r"[A-ZÀÉ][^.:\n–]{20,}\.", message.text):
            assert sentence in html, code
        in_html = {unescape(one) for one in re.findall(r'href="(https?://[^"]+)"', message.html)}
        assert set(re.findall(r"https?://[^\s<\"]+", text)) == in_html, code
        assert "{" not in message.text + re.sub(r"<[^>]+>", "", message.html), code


@pytest.mark.req("S58", "S59", "R50")
def test_each_mail_opens_with_what_happened_and_says_why_and_whom_to_ask() -> None:
    contacts = (None, Contact("Ma délégation", "ici@example.org"))
    for code, contact in itertools.product(KINDS, contacts):
        message = render(code, contact=contact)
        heading = message.subject.removesuffix(" – OPCO Mobilités")
        assert f">{heading}</h1>" in unescape(message.html), code
        for part in (message.text, unescape(message.html)):
            end = part.partition("Cordialement")[2]
            assert ("Une question\u202f?" in part) is (contact is None), code
            assert (settings.CONTACT_EMAIL in end) is (contact is None), code
            assert ("ici@example.org" in part) is (contact is not None), code
            assert "204 Rond-Point du Pont de Sèvres" in part, code
            assert "/confidentialite/" in part, code
            assert "Cordialement" in part, code
        assert "\n\n\n" not in message.text, code


@pytest.mark.req("S56")
@pytest.mark.parametrize(
    ("name", "words"), [("", "Bonjour,"), ("Ada Fictive", "Bonjour Ada Fictive,")]
)
def test_each_mail_greets_by_name_when_there_is_one(name: str, words: str) -> None:
    message = render("lifecycle.closed", name=name)
    assert message.text.startswith(words)
    assert f">{words}</p>" in message.html


def test_a_button_without_an_address_is_left_out() -> None:
    kind = slots.mail_kinds["profile.rights_settled"]
    message = render(kind.code, values=kind.samples | {"action_url": ""})
    assert "Voir mes demandes" not in message.text + message.html


def test_a_builder_that_says_what_nobody_declared_is_a_defect() -> None:
    kind: MailKind = slots.mail_kinds["lifecycle.closed"]
    with pytest.raises(LookupError, match="who"):
        render(kind.code, values={"closed_on": "lundi", "who": "Ada"})


def test_a_code_is_not_in_the_line_that_a_mailbox_shows() -> None:
    kind: MailKind = slots.mail_kinds["entry.factor_code"]
    content = MailContent(
        to="a@example.org",
        values=kind.samples | {"asked_at": "lundi", "address": "a@b.fr", "code": "1234 5678"},
        secret="1234 5678",
    )
    html = render_source(kind, read_original_source(kind.template), content).html
    assert "1234 5678" not in html.partition("</div>")[0]
    assert "1234 5678" in html


def test_paragraphs_and_lists_stay_such() -> None:
    tokens = markdown.parse_markdown(markdown.escape_paragraphs("Un\r\ndeux\n\n\n\n    trois"))
    assert markdown.render_text(tokens) == "Un\ndeux\n\ntrois"
    assert markdown.render_html(tokens).count("<p ") == 2
    tokens = markdown.parse_markdown("Voici\u00a0:\n" + markdown.escape_items(["- un", "2. deux"]))
    assert markdown.render_text(tokens) == "Voici\u00a0:\n\n– - un\n– 2. deux"
    assert markdown.render_html(tokens).count("<li>") == 2
