"""The few signs of Markdown that a mail uses, as HTML and as plain text.

Paragraphs, line breaks, **bold**, *italics*, lists, links, and one size of heading. Everything else
is text: HTML, images, code and addresses that are not links.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Mail readers drop style sheets: these are written on each element, once, here. The frame's own are
# in templates/mail/base.html.
_STYLES: Final = {
    "p": "margin:0 0 16px;",
    "ul": "margin:0 0 16px; padding-left:24px;",
    "ol": "margin:0 0 16px; padding-left:24px;",
    "h3": "margin:0 0 16px; font-size:28px; font-weight:bold; letter-spacing:2px;",
    "a": "color:#0f5c63; word-break:break-all;",
}
_RULES: Final = ["emphasis", "link", "escape", "newline", "list", "heading"]
_MARKDOWN: Final = MarkdownIt("zero", {"breaks": True}).enable(_RULES)
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
# Every white space but the non-breaking ones, which French needs.
_SPACES: Final = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")


def join_on_one_line(value: str) -> str:
    return _SPACES.sub(" ", value).strip()


def escape_line(value: str) -> str:
    """One line that Markdown reads as itself, whatever a person typed in it."""
    return _PUNCTUATION.sub(r"\\\1", join_on_one_line(value))


def escape_paragraphs(value: str) -> str:
    """The same for a text of several lines and paragraphs."""
    lines = [escape_line(one) for one in re.split(r"\r\n|\r|\n", value.strip())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def escape_items(values: Sequence[str]) -> str:
    return "\n".join(f"- {escape_line(value)}" for value in values)


def parse_markdown(source: str) -> list[Token]:
    tokens = _MARKDOWN.parse(source)
    for token in _walk_tokens(tokens):
        if token.nesting >= 0 and token.tag in _STYLES:
            token.attrSet("style", _STYLES[token.tag])
    return tokens


def render_html(tokens: Sequence[Token]) -> str:
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def render_inline_html(tokens: Sequence[Token]) -> str:
    """Without paragraphs of their own, for a place that is one."""
    return "<br>".join(
        render_html(token.children or []) for token in tokens if token.type == "inline"
    )


def render_text(tokens: Sequence[Token]) -> str:
    """The same words without signs; a link is its words and its address."""
    parts: list[str] = []
    in_list = False
    for token in tokens:
        if token.type == "list_item_open":
            parts.append("– ")
            in_list = True
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            parts.append("\n")
            in_list = False
        elif token.type == "inline":
            parts.append(
                "".join(_list_text_parts(token.children or [])) + ("\n" if in_list else "\n\n")
            )
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip()


def list_links(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """(words, address) of each link."""
    found: list[tuple[str, str]] = []
    opened: Token | None = None
    words = ""
    for token in _walk_tokens(tokens):
        if token.type == "link_open":
            opened, words = token, ""
        elif token.type == "link_close" and opened is not None:
            found.append((words, str(opened.attrGet("href"))))
            opened = None
        elif opened is not None and token.type == "text":
            words += token.content
    return found


def _walk_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk_tokens(token.children or [])


def _list_text_parts(tokens: Sequence[Token]) -> Iterator[str]:
    address = words = ""
    for token in tokens:
        if token.type == "link_open":
            address, words = str(token.attrGet("href")), ""
        elif token.type == "link_close":
            yield address if words == address else f"{words}\u00a0: {address}"
            address = ""
        elif token.type in ("text", "text_special", "softbreak", "hardbreak"):
            said = token.content or ("\n" if token.type.endswith("break") else "")
            if address:
                words += said
            else:
                yield said
