"""What changed between two versions of the terms, block by block and word by word. Pure."""

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"h2", "h3", "p", "li", "dt", "dd", "caption", "th", "td"})
_ALIKE: Final = 0.4  # below this share of common words, two blocks are not the same one reworded


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words in a row. `kind`: "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class TextChange:
    """A block that differs, under the heading where it stands."""

    heading: str
    parts: tuple[TextPart, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    heading: str
    text: str


class _Texts(HTMLParser):
    """The text of each block, in order; checked markup (`list_markup_faults`) has no other text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[_Block] = []
        self._words: list[str] = []
        self._heading = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.end_block("")
        elif tag == "br":
            self._words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_block(tag)

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def end_block(self, tag: str) -> None:
        text = " ".join(re.split(r"[ \t\r\n]+", "".join(self._words))).strip()
        self._words = []
        if tag in ("h2", "h3"):
            self._heading = text
        if text:
            self.blocks.append(_Block(self._heading, text))


def _read_blocks(body: str) -> list[_Block]:
    reader = _Texts()
    reader.feed(body)
    reader.close()
    reader.end_block("")
    return reader.blocks


@lru_cache(maxsize=8)
def compare_texts(old: str, new: str) -> tuple[TextChange, ...]:
    """The blocks of `new` that are not in `old` as they are, and those of `old` that are gone."""
    before, after = _read_blocks(old), _read_blocks(new)
    matcher = difflib.SequenceMatcher(
        a=[block.text for block in before], b=[block.text for block in after], autojunk=False
    )
    found: list[TextChange] = []
    for code, a1, a2, b1, b2 in matcher.get_opcodes():
        if code != "equal":
            found += _pair_blocks(before[a1:a2], after[b1:b2])
    return tuple(found)


def _pair_blocks(gone: list[_Block], come: list[_Block]) -> list[TextChange]:
    """A reworded block is one change; what has no counterpart is wholly removed or added."""
    found = []
    for old, new in zip(gone, come, strict=False):
        parts = _compare_words(old.text, new.text)
        if parts:
            found.append(TextChange(new.heading, parts))
        else:
            found += [_build_whole_change("removed", old), _build_whole_change("added", new)]
    shared = min(len(gone), len(come))
    found += [_build_whole_change("removed", block) for block in gone[shared:]]
    found += [_build_whole_change("added", block) for block in come[shared:]]
    return found


def _build_whole_change(kind: str, block: _Block) -> TextChange:
    return TextChange(block.heading, (TextPart(kind, block.text),))


def _compare_words(old: str, new: str) -> tuple[TextPart, ...]:
    """Word by word; empty when the two have too little in common to be read together."""
    a, b = old.split(" "), new.split(" ")
    matcher = difflib.SequenceMatcher(a=a, b=b, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return ()
    parts: list[TextPart] = []
    for code, a1, a2, b1, b2 in matcher.get_opcodes():
        if code == "equal":
            parts.append(TextPart("same", " ".join(a[a1:a2])))
            continue
        if a2 > a1:
            parts.append(TextPart("removed", " ".join(a[a1:a2])))
        if b2 > b1:
            parts.append(TextPart("added", " ".join(b[b1:b2])))
    return tuple(parts)
