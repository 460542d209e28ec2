"""Draws one receipt as a PDF, in a process of its own.

The drawing library and its fonts take sixty megabytes, which no web worker keeps. What to draw
comes as JSON on the standard input (`receipt_pdf`), the document goes to the standard output. The
process imports nothing of Django, and limits its own processor time and memory.
"""

import json
import logging
import os
import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from fontTools.ttLib import TTFont
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import XPos, YPos

from registrations.documents.document_reader import limit_resources

Colour = tuple[int, int, int]
_INK: Final[Colour] = (11, 42, 51)
_TEXT: Final[Colour] = (23, 50, 58)
_QUIET: Final[Colour] = (74, 96, 103)
_PETROL: Final[Colour] = (15, 92, 99)
_PETROL_TINT: Final[Colour] = (230, 240, 239)
_LINE: Final[Colour] = (217, 226, 225)
_MARIGOLD: Final[Colour] = (255, 182, 39)
_TONES: Final[dict[str, Colour]] = {
    "ok": (27, 107, 58),
    "wait": _PETROL,
    "warn": (122, 67, 0),
    "stop": (163, 21, 47),
    "neutral": _QUIET,
}
_PORTAL: Final = "Espace de connexion OPCO Mobilités"
_MARGIN: Final = 22.0  # mm
_LABELS: Final = 58.0  # width of the labels
_FALLBACKS: Final = ("body", "more", "rest")  # the first that has a letter draws it
_UNKNOWN: Final = "?"
_SPACES: Final = str.maketrans("\N{NARROW NO-BREAK SPACE}\t", "\N{NO-BREAK SPACE} ")


@cache
def list_drawable(*fonts: str) -> frozenset[int]:
    known: set[int] = set()
    for path in fonts:
        with TTFont(path, lazy=True) as font:
            known.update(font.getBestCmap())
    return frozenset(known)


def make_drawable(text: str, known: frozenset[int]) -> str:
    """`text` in the characters of `known`: what steers the text without being seen is left out,
    what the fonts do not have is a « ? ». Pure.
    """
    kept = []
    for char in unicodedata.normalize("NFC", text).translate(_SPACES):
        if char == "\n" or ord(char) in known:
            kept.append(char)
        elif unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Me", "Cs"):
            kept.append(_UNKNOWN)
    return "".join(kept)


class ReceiptPage(FPDF):
    """A4, in millimetres; each page has the portal's band, and the reference below."""

    def __init__(self, receipt: dict[str, Any]) -> None:
        super().__init__(format="A4")
        self.receipt = receipt
        fonts: dict[str, str] = receipt["fonts"]
        self.drawable = list_drawable(*(fonts[name] for name in _FALLBACKS))
        self.add_font("head", fname=fonts["head"])
        undrawn = set(make_drawable(json.dumps(receipt, ensure_ascii=False), self.drawable))
        for name in _FALLBACKS:
            drawn = {letter for letter in undrawn if ord(letter) in list_drawable(fonts[name])}
            undrawn -= drawn
            if drawn:  # to read a font that no letter needs takes most of the time
                self.add_font(name, fname=fonts[name])
        self.set_fallback_fonts(
            [each for each in _FALLBACKS if each in self.fonts], exact_match=False
        )
        self.set_margins(_MARGIN, 36, _MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, margin=24)
        self.set_lang("fr-FR")
        self.set_title(f"{receipt['title']} ({receipt['reference']})")
        self.set_author("OPCO Mobilités")
        self.set_creator(_PORTAL)
        self.set_producer(_PORTAL)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_creation_date(datetime.fromisoformat(receipt["dated"]))
        self.add_page()

    def header(self) -> None:
        self.set_fill_color(*_INK)
        self.rect(0, 0, self.w, 21, style="F")
        self.set_fill_color(*_MARIGOLD)
        for start in range(0, int(self.w), 14):
            self.rect(start, 21, 8, 1.2, style="F")
        self.set_y(5)
        self._write("Espace de connexion", "head", 15, (255, 255, 255), 6.5)
        self._write("OPCO Mobilités", "body", 9.5, (211, 226, 226), 4.5)
        self.set_y(33)

    def footer(self) -> None:
        self.set_y(-18)
        self.set_draw_color(*_LINE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(2.5)
        reference = self.receipt["reference"]
        number = f"{reference} · page {self.page_no()} sur {{nb}}"
        self._write(number, "body", 8.5, _QUIET, 4)
        self._write(self.receipt["page_url"], "body", 8.5, _QUIET, 4, link=self.receipt["page_url"])

    def draw_receipt(self) -> None:
        self._write(self.receipt["title"], "head", 22, _INK, 9.5)
        self.ln(1)
        self._write(self.receipt["company"], "body", 11.5, _QUIET, 6)
        self.ln(5)
        self._draw_reference()
        for section in self.receipt["sections"]:
            self._draw_heading(section["heading"])
            for paragraph in section["paragraphs"]:
                self._draw_paragraph(paragraph, strong=paragraph == section["strong"])
            self._draw_rows(section["rows"])

    def _draw_reference(self) -> None:
        top = self.get_y()
        self.set_fill_color(*_PETROL_TINT)
        self.rect(self.l_margin, top, self.epw, 19, style="F", round_corners=True, corner_radius=2)
        self.set_xy(self.l_margin + 5, top + 3.5)
        self._write("Référence de la demande", "body", 9.5, _QUIET, 5, width=self.epw / 2)
        self.set_x(self.l_margin + 5)
        self._write(self.receipt["reference"], "head", 15, _INK, 7, width=self.epw / 2)
        self.set_xy(self.l_margin + self.epw / 2, top + 6)
        tone = _TONES.get(self.receipt["tone"], _QUIET)
        width = self.epw / 2 - 5
        self._write(self.receipt["state"], "head", 13, tone, 7, width=width, align="R")
        self.set_y(top + 19)

    def _draw_heading(self, text: str) -> None:
        self.ln(7)
        if self.will_page_break(22):
            self.add_page()
        self.start_section(text)  # the document's outline, in its reading order
        self._write(text, "head", 14.5, _INK, 7)
        self.ln(1.5)

    def _draw_paragraph(self, text: str, *, strong: bool) -> None:
        if not text.strip():
            return
        if strong:
            self._write(text.strip(), "head", 12.5, _INK, 6)
        else:
            self._write(text.strip(), "body", 11, _TEXT, 5.6)
        self.ln(1.2)

    def _draw_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        self.set_draw_color(*_LINE)
        for label, value in rows:
            if self.will_page_break(9):
                self.add_page()
            self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
            self.ln(1.25)
            top, page = self.get_y(), self.page
            self._write(label, "body", 10, _QUIET, 5.2, width=_LABELS)
            under = self.get_y()
            if self.page == page:
                self.set_y(top)
            self.set_x(self.l_margin + _LABELS)
            self._write(value, "body", 11, _TEXT, 5.2, width=self.epw - _LABELS)
            if self.page == page:
                self.set_y(max(under, self.get_y()))
            self.ln(1.25)

    def _write(
        self,
        text: str,
        font: str,
        size: float,
        colour: Colour,
        height: float,
        *,
        width: float = 0,
        align: str = "L",
        link: str = "",
    ) -> None:
        self.set_font(font, size=size)
        self.set_text_color(*colour)
        self.multi_cell(
            width,
            height,
            make_drawable(text, self.drawable),
            align=align,
            link=link,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )


def draw_pdf(receipt: dict[str, Any]) -> bytes:
    page = ReceiptPage(receipt)
    page.draw_receipt()
    return bytes(page.output())


def main(arguments: Sequence[str]) -> None:
    """`SECONDS MEGABYTES`: the limits of this process."""
    seconds, megabytes = arguments
    logging.disable(logging.ERROR)  # the libraries tell each step; the answer is the document alone
    limit_resources(float(seconds), int(megabytes))
    sys.stdout.buffer.write(draw_pdf(json.load(sys.stdin.buffer)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # the system frees the memory faster
