"""The text of a draft as people write it, without tags, and the HTML that is kept. Pure.

Each line is a paragraph, as in what is pasted from a word processor. A few signs of Markdown: « # »
and « ## » before titles, « - », « • » and « 1. » before items, « ** » around bold words,
« [words](address) », tables with « | ». A text that has tags is HTML and stays as it is.
"""

import re
from html.parser import HTMLParser
from typing import Final

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

_RULES: Final = ["emphasis", "link", "escape", "list", "heading", "table", "entity"]
_MARKDOWN: Final = MarkdownIt("zero").enable(_RULES)
_LEVELS: Final = {"h1": "h2", "h2": "h3"}
_TAG: Final = re.compile(r"</?[a-zA-Z][^>]*>")
_ANCHOR: Final = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")
_SIGNS: Final = re.compile(r"([\\*_\[\]|`])")
_FIRST: Final = re.compile(r"^(\s*|\s*\d+)([#+•·▪-]|(?<=\d)[.)](?=\s|$))")


_SPACES: Final = re.compile(r"[ \t\r\n]+")  # and not the non-breaking ones, which French needs
_AROUND_BLOCKS: Final = re.compile(r"[ \t\r\n]*(</?(?!a\b|strong|em\b)[a-z0-9]+[^>]*>)[ \t\r\n]*")
_BULLET: Final = re.compile(r"^(\s*)[•·▪][ \t\u00a0]+", re.MULTILINE)
_ITEM: Final = re.compile(r"\s*([-+]|\d+[.)])\s")


def is_html(text: str) -> bool:
    return _TAG.search(text) is not None


def write_terms_html(text: str) -> str:
    """The HTML of a text without tags. Each title gets an anchor made of its words, once."""
    tokens = _MARKDOWN.parse(_separate_paragraphs(text))
    taken: set[str] = set()
    for place, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = _LEVELS.get(token.tag, "h3")
        if token.type == "heading_open":
            token.attrSet("id", _take_anchor(tokens[place + 1], taken))
        elif token.type == "th_open":
            token.attrs = {"scope": "col"}
        elif token.type == "td_open":
            token.attrs = {}
    html = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return html.strip()


def read_terms_text(html: str) -> str | None:
    """The text that would give this very HTML; None for HTML that these signs cannot write."""
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[ \t]+\n", "\n", "".join(reader.parts))
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    same = _strip_spaces(write_terms_html(text)) == _strip_spaces(html)
    return text if same and not is_html(text) else None


def _separate_paragraphs(text: str) -> str:
    """A blank line after each line, but between the items of a list and the rows of a table."""
    lines: list[str] = []
    for line in _BULLET.sub(r"\1- ", text).splitlines():
        before = lines[-1] if lines else ""
        goes_on = (_ITEM.match(line) and _ITEM.match(before)) or ("|" in line and "|" in before)
        if before.strip() and line.strip() and not goes_on:
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _take_anchor(title: Token, taken: set[str]) -> str:
    """The anchor written after a title, « {#article-1} », else one made of its words."""
    last = title.children[-1] if title.children else None
    written = _ANCHOR.search(last.content) if last is not None and last.type == "text" else None
    if last is not None and written is not None:
        last.content = last.content[: written.start()]
        anchor = written[1]
    else:
        anchor = slugify(title.content)[:60].strip("-_").replace("_", "-") or "titre"
    anchor = re.sub(r"-{2,}", "-", anchor)
    number, free = 2, anchor
    while free in taken:
        free, number = f"{anchor}-{number}", number + 1
    taken.add(free)
    return free


def _strip_spaces(html: str) -> str:
    """Without the spaces that a browser does not show, to compare."""
    return _SPACES.sub(" ", _AROUND_BLOCKS.sub(r"\1", html))


class _TextReader(HTMLParser):
    """The signs for each tag; `read_terms_text` checks that they give the same HTML back."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[list[object]] = []
        self.closing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        match tag:
            case "h2" | "h3":
                self.parts.append("\n\n# " if tag == "h2" else "\n\n## ")
                self.closing.append(f" {{#{values['id']}}}" if values.get("id") else "")
            case "p":
                self.parts.append("\n\n")
            case "ul" | "ol":
                self.parts.append("\n\n" if not self.lists else "\n")
                self.lists.append([tag, 0])
            case "li" if self.lists:
                kind, number = self.lists[-1]
                self.lists[-1][1] = int(str(number)) + 1
                sign = "- " if kind == "ul" else f"{self.lists[-1][1]}. "
                self.parts.append(f"\n{'   ' * (len(self.lists) - 1)}{sign}")
            case "strong":
                self.parts.append("**")
            case "em":
                self.parts.append("*")
            case "a":
                self.parts.append("[")
                self.closing.append(f"]({values.get('href') or ''})")

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "h2" | "h3":
                self.parts.append(f"{self.closing.pop()}\n\n" if self.closing else "\n\n")
            case "p":
                self.parts.append("\n\n")
            case "ul" | "ol" if self.lists:
                self.lists.pop()
                self.parts.append("\n" if self.lists else "\n\n")
            case "strong":
                self.parts.append("**")
            case "em":
                self.parts.append("*")
            case "a" if self.closing:
                self.parts.append(self.closing.pop())

    def handle_data(self, data: str) -> None:
        flat = _SPACES.sub(" ", data)
        if flat.strip() or (self.parts and not self.parts[-1].endswith(("\n", " "))):
            self.parts.append(_FIRST.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", flat)))
