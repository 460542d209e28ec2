"""French typography of what people read (S57): no-break spaces before double marks and inside
« », the apostrophe ’. In templates, and in the sentences that Python writes.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.safestring import SafeString

from mgestion.templatetags.portal import keep_names_whole

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "lifecycle", "mgestion", "registrations")

FAULTS = (
    (re.compile(r"[a-zéèà]'[a-zA-Zéèêàâîôœ]"), "straight apostrophe"),
    (re.compile(r"[\w»)] :(?=\s|$)"), "plain space before a colon"),
    (re.compile(r"[\w»)][ \u00a0][;?!](?=\s|$)"), "a thin no-break space (U+202F) goes before ;?!"),
    (re.compile(r"\w\u202f:"), "a no-break space (U+00A0) goes before a colon"),
    (re.compile(r"« | »"), "plain space inside « »"),
)
# A sentence of ours for people, and not a key, a path or a log line for developers.
FRENCH = re.compile(
    r"[éèêàçùâîôœ’«»]|\b(?:le|la|les|un|une|des|du|est|pas|vous|votre|pour|dans|par)\b"
)
SHOWN_ATTRIBUTES = r'(?:title|text|label|alt|aria-label|data-busy|placeholder)="([^"]*)"'


def faults(text: str) -> list[str]:
    return [why for pattern, why in FAULTS if pattern.search(text)]


def template_texts(source: str) -> Iterator[str]:
    """What a template shows, its tags and variables replaced by a letter."""
    source = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"<(script|style)\b.*?</\1>", "", source, flags=re.DOTALL)
    source = source.replace("&nbsp;", "\u00a0").replace("&#8239;", "\u202f")
    source = re.sub(r"&\w+;", "x", source)
    shown = re.findall(SHOWN_ATTRIBUTES, source)
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "X", source, flags=re.DOTALL)
    plain = re.sub(r"</?(?:strong|em|b|i|a|span|abbr|code|time)\b[^>]*>", "", plain)
    yield from re.sub(r"<[^>]+>", "\n", plain).splitlines()
    yield from shown


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """The French texts of a Python file, docstrings left out, with their line."""
    tree = ast.parse(source)
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if FRENCH.search(node.value):
                yield node.lineno, node.value


@pytest.mark.req("S57")
def test_templates_follow_french_typography() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {why}: {text.strip()[:80]}"
        for kind in ("html", "txt", "md")
        for path in sorted((ROOT / "templates").rglob(f"*.{kind}"))
        for text in template_texts(path.read_text(encoding="utf-8"))
        for why in faults(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.req("S57")
@pytest.mark.parametrize("room", ROOMS)
def test_sentences_in_code_follow_french_typography(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {why}: {text.strip()[:80]}"
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
        for line, text in sentences(path.read_text(encoding="utf-8"))
        for why in faults(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("Accès à M-Gestion", 'Accès à <span class="nowrap">M-Gestion</span>'),
        (
            SafeString('<h1 title="M-GEPP">M-Transition Energétique</h1>'),
            '<h1 title="M-GEPP"><span class="nowrap">M-Transition</span> Energétique</h1>',
        ),
        ("<b>M-</b> & AM-Gestion", "&lt;b&gt;M-&lt;/b&gt; &amp; AM-Gestion"),
    ],
)
def test_the_name_of_a_platform_does_not_break_at_its_hyphen(heading: str, shown: str) -> None:
    assert keep_names_whole(heading) == shown
