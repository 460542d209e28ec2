"""The HTML of a version of the terms: what it may hold, its contents, its layout on the page.

Pure functions. A version is written by people and shown without escaping: nh3 removes what the
lists below do not allow, and a version from which it would remove anything cannot be published.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

import nh3

TAGS: Final = set(
    "h2 h3 p ul ol li dl dt dd table caption thead tbody tr th td a strong em br".split()
)
ATTRIBUTES: Final = {
    **{tag: {"id"} for tag in ("h2", "h3", "p", "li", "dt")},
    "th": {"scope"},
    "a": {"href"},
}
_SAFE_ADDRESS: Final = re.compile(r"(https://|mailto:|tel:|#|/(?![/\\]))", re.ASCII)
_ANCHOR: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True)
class Heading:
    """An entry of the table of contents; `children` are the `h3` under an `h2`."""

    anchor: str
    title: str
    line: int
    children: list["Heading"] = field(default_factory=list)


def sanitise_terms(body: str) -> str:
    """`body` without anything that the lists above do not allow."""
    return nh3.clean(
        body,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes={"https", "mailto", "tel"},
        link_rel=None,
    )


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    pattern = {"href": _SAFE_ADDRESS.match, "id": _ANCHOR.fullmatch}.get(name)
    return value if pattern is None or pattern(value) else None


class _Reader(HTMLParser):
    """The pieces of a text in their order, its headings, and its links to itself; each with its
    line.
    """

    def __init__(self, body: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, int]] = []
        self.headings: list[Heading] = []
        self.anchors: list[tuple[str, int]] = []
        self.targets: list[tuple[str, int]] = []
        self._anchor, self._title = "", ""
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        self.pieces.append((f"<{tag}>", line))
        self.pieces += [(f'{name}="{value}"', line) for name, value in sorted(values.items())]
        self.anchors += [(values["id"], line)] if "id" in values else []
        self.targets += [(anchor, line) for anchor in re.findall("^#(.*)", values.get("href", ""))]
        if tag in ("h2", "h3"):
            self._anchor, self._title = values.get("id", ""), ""

    def handle_endtag(self, tag: str) -> None:
        line = self.getpos()[0]
        self.pieces.append((f"</{tag}>", line))
        if tag in ("h2", "h3"):
            heading = Heading(self._anchor, self._title.strip(), line)
            is_child = tag == "h3" and self.headings
            (self.headings[-1].children if is_child else self.headings).append(heading)

    def handle_data(self, data: str) -> None:
        self._title += data
        first = self.getpos()[0]
        for after, part in enumerate(data.split("\n")):
            self.pieces += [(word, first + after) for word in re.findall(r"[^ \t\r]+", part)]

    def handle_comment(self, data: str) -> None:
        self.pieces.append((f"<!{data}>", self.getpos()[0]))

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)


def list_markup_faults(body: str) -> list[str]:
    """What keeps `body` from being published, in French, line by line; empty if nothing does."""
    if not body.strip():
        return ["Le texte est vide."]
    reader, clean = _Reader(body), _Reader(sanitise_terms(body))
    written, kept = [piece for piece, _ in reader.pieces], [piece for piece, _ in clean.pieces]
    removed, added = Counter(written) - Counter(kept), Counter(kept) - Counter(written)
    lines = _find_removed_lines(reader, kept)
    found = [
        (lines.get(piece, 0), _word_refusal(piece))
        for piece in removed
        if piece.replace("</", "<") == piece or piece.replace("</", "<") not in removed
    ]
    found += [(0, f"il manque {piece}.") for piece in added]
    if not found and written != kept:
        found.append((min(lines.values(), default=0), "une balise n’est pas à sa place."))
    if body.rfind("<") > body.rfind(">"):
        last = body.count("\n", 0, body.rfind("<")) + 1
        found.append((last, "la dernière balise n’est pas terminée."))
    found += [
        (one.line, f"le titre «\u00a0{one.title}\u00a0» n’a pas d’identifiant (id).")
        for part in reader.headings
        for one in (part, *part.children)
        if not one.anchor
    ]
    known: set[str] = set()
    for anchor, line in reader.anchors:
        if anchor in known:
            found.append((line, f"l’identifiant {anchor} sert déjà plus haut."))
        known.add(anchor)
    found += [
        (line, f"le lien #{target} ne mène nulle part.")
        for target, line in reader.targets
        if target not in known
    ]
    return [_place_fault(line, words) for line, words in sorted(found, key=lambda fault: fault[0])]


def _find_removed_lines(reader: _Reader, kept: list[str]) -> dict[str, int]:
    """The line of the first place from which each piece is missing in `kept`."""
    found: dict[str, int] = {}
    position = 0
    for piece, line in reader.pieces:
        if position < len(kept) and piece == kept[position]:
            position += 1
        else:
            found.setdefault(piece, line)
    return found


def _place_fault(line: int, words: str) -> str:
    return f"Ligne {line}\u00a0: {words}" if line else f"{words[:1].upper()}{words[1:]}"


def _word_refusal(piece: str) -> str:
    if piece.startswith("<"):
        return f"la balise {piece} n’est pas admise."
    if '="' in piece:
        return f"l’attribut {piece} n’est pas admis."
    return f"le texte «\u00a0{piece}\u00a0» n’est pas admis à cette place."


@lru_cache(maxsize=8)
def build_contents(body: str) -> tuple[Heading, ...]:
    """The table of contents: each `h2` with the `h3` that follow it."""
    return tuple(_Reader(body).headings)


# What a column is named stands up to the end of its cell.
_PART = re.compile(
    r"<(?P<part>table|thead|tbody|tr|td|th)\b(?P<rest>[^>]*)>(?=(?P<name>.*?)(?:</th>|$))",
    re.DOTALL,
)


def _name_cells(body: str) -> str:
    """Each part of a table with its role, each cell with its column's name: on a small screen a row
    is a card, where neither shows from the place.
    """
    names: list[str] = []
    in_head, place = False, -1

    def name_part(match: re.Match[str]) -> str:
        nonlocal in_head, place
        part, rest = match["part"], match["rest"]
        if part == "table":
            names.clear()
        elif part in ("thead", "tbody"):
            in_head = part == "thead"
            rest = ' role="rowgroup"'
        elif part == "tr":
            place, rest = -1, ' role="row"'
        else:
            place += 1
            if part == "td":
                label = f' data-label="{names[place]}"' if place < len(names) else ""
                rest = f' role="cell"{label}'
            elif in_head:
                text = re.sub(r"<[^>]*>", "", match["name"] or "")
                names.append(" ".join(text.split()).replace('"', "&quot;"))
                rest += ' role="columnheader"'
            else:
                rest += ' role="rowheader"'
        return f"<{part}{rest}>"

    return _PART.sub(name_part, body)


@lru_cache(maxsize=8)
def format_for_page(body: str) -> str:
    """`body` as the page shows it: sanitised, with named tables that scroll alone and marked
    outside links.
    """
    body, count = sanitise_terms(body), 0

    def open_table(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        caption = f'<caption id="tableau-{count}">' if match["caption"] else ""
        name = f' aria-labelledby="tableau-{count}"' if match["caption"] else ""
        wrap = f'<div class="table-wrap mb-4" role="region"{name} tabindex="0">'
        return f'{wrap}<table class="table table--cards" role="table">{caption}'

    body = re.sub(r"<table>\s*(?P<caption><caption>)?", open_table, body)
    body = _name_cells(body.replace("</table>", "</table></div>"))
    return re.sub(r'<a href="(https://[^"]*)"', r'<a href="\1" rel="external noopener"', body)
