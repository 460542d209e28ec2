"""The HTML of a version of the terms: what it may hold, its contents, its dress for the page.

Pure functions. A version is written by people and shown without escaping, so what it may hold is a
closed list, checked before it is published (`faults`).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

ALLOWED: dict[str, frozenset[str]] = {
    "h2": frozenset({"id"}),
    "h3": frozenset({"id"}),
    "p": frozenset({"id"}),
    "ul": frozenset(),
    "ol": frozenset(),
    "li": frozenset({"id"}),
    "dl": frozenset(),
    "dt": frozenset({"id"}),
    "dd": frozenset(),
    "table": frozenset(),
    "caption": frozenset(),
    "thead": frozenset(),
    "tbody": frozenset(),
    "tr": frozenset(),
    "th": frozenset({"scope"}),
    "td": frozenset(),
    "a": frozenset({"href"}),
    "strong": frozenset(),
    "em": frozenset(),
    "br": frozenset(),
}
VOID = frozenset({"br"})
SAFE_ADDRESS = re.compile(r"(https://|mailto:|tel:|#|/(?![/\\]))", re.ASCII)
ANCHOR = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True)
class Heading:
    """An entry of the table of contents; `children` are the `h3` under an `h2`."""

    anchor: str
    title: str
    children: list["Heading"] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects the headings and everything that is not allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.headings: list[Heading] = []
        self.anchors: set[str] = set()
        self.targets: list[str] = []
        self._open: list[str] = []
        self._heading: tuple[str, str] | None = None
        self._title: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"La balise <{tag}> n’est pas admise.")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag not in VOID:
            self._open.append(tag)
        if tag in ("h2", "h3"):
            anchor = dict(attrs).get("id") or ""
            if not anchor:
                self.faults.append(f"Un titre <{tag}> n’a pas d’identifiant (id).")
            self._heading, self._title = (tag, anchor), []

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in ALLOWED.get(tag, frozenset()):
            self.faults.append(f"L’attribut {name} n’est pas admis sur <{tag}>.")
        elif name == "href":
            if not SAFE_ADDRESS.match(value):
                self.faults.append(f"L’adresse {value} n’est pas admise.")
            if value.startswith("#"):
                self.targets.append(value[1:])
        elif name == "id":
            if not ANCHOR.fullmatch(value):
                self.faults.append(f"L’identifiant {value} n’est pas admis.")
            if value in self.anchors:
                self.faults.append(f"L’identifiant {value} sert deux fois.")
            self.anchors.add(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:  # a browser ignores the slash: the element stays open
            self.faults.append(f"La balise <{tag}/> doit être fermée par </{tag}>.")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"La balise </{tag}> ne ferme rien.")
        if self._heading and tag == self._heading[0]:
            level, anchor = self._heading
            heading = Heading(anchor, " ".join("".join(self._title).split(" ")).strip())
            if level == "h3" and self.headings:
                self.headings[-1].children.append(heading)
            else:
                self.headings.append(heading)
            self._heading = None

    def handle_data(self, data: str) -> None:
        if self._heading:
            self._title.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append("Un commentaire HTML n’est pas admis.")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("Une déclaration n’est pas admise.")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("Une déclaration n’est pas admise.")

    def handle_pi(self, data: str) -> None:
        self.faults.append("Une instruction n’est pas admise.")

    def finish(self) -> None:
        self.close()
        # What the parser kept as text because a tag never ended would be a tag to a browser.
        self.faults += [f"La balise <{tag}> n’est pas fermée." for tag in self._open]
        missing = [target for target in self.targets if target not in self.anchors]
        self.faults += [f"Le lien #{target} ne mène nulle part." for target in missing]


def _read(body: str) -> _Reader:
    reader = _Reader()
    reader.feed(body)
    reader.finish()
    return reader


def faults(body: str) -> list[str]:
    """What keeps `body` from being published, in French; empty if nothing does.

    Admits `ALLOWED` only, links that stay here or use https, mailto and tel, headings with unique
    identifiers, and links to them that lead somewhere.
    """
    if not body.strip():
        return ["Le texte est vide."]
    found = list(_read(body).faults)
    # Every "<" must start a tag that was read: a lone one could swallow what follows in a browser.
    if re.search(r"<(?![a-z/])", body):
        found.append("Un signe < doit être écrit &lt;.")
    if body.rfind("<") > body.rfind(">"):
        found.append("La dernière balise n’est pas terminée.")
    return found


@lru_cache(maxsize=8)
def contents(body: str) -> tuple[Heading, ...]:
    """The table of contents: each `h2` with the `h3` that follow it (R71)."""
    return tuple(_read(body).headings)


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
def dressed(body: str) -> str:
    """`body` as the page shows it: named tables that scroll alone, outside links marked."""
    count = 0

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
