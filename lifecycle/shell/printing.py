"""Rows and progress on a terminal or into a pipe."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, TextIO

from mgestion.text.dates import PARIS
from mgestion.text.french import plural

_SAMPLE = 200


class OutputTable:
    """Rows as they come: a million of them stay out of memory. Formats: table, with the French
    headings of `columns`; json (one object a line) and csv, with its keys. A cell that a
    spreadsheet would run as a formula is quoted.
    """

    def __init__(self, columns: Mapping[str, str], form: str, out: Any) -> None:
        self.columns = columns
        self.form = form
        self.out = out
        self.waiting: list[list[str]] = []
        self.widths: list[int] = []
        self.csv = csv.writer(_LineWriter(out)) if form == "csv" else None
        if self.csv:
            self.csv.writerow(columns)

    def row(self, values: Mapping[str, Any], shown: Mapping[str, object] | None = None) -> None:
        """`values`: codes, dates and numbers by key; `shown`: what people read in their place."""
        if self.form == "json":
            self.out.write(format_json(values))
        elif self.csv:
            self.csv.writerow([_quote_formula(format_plain(values[key])) for key in self.columns])
        else:
            seen = {**values, **(shown or {})}
            self.waiting.append([format_plain(seen[key]) for key in self.columns])
            if len(self.waiting) == _SAMPLE:
                self._flush()

    def end(self) -> None:
        if self.form == "table":
            self._flush()

    def _flush(self) -> None:
        """Columns are as wide as the first rows need."""
        if not self.widths and self.waiting:
            heads = list(self.columns.values())
            sample = [heads, *self.waiting]
            self.widths = [max(len(row[i]) for row in sample) for i in range(len(heads))]
            self._line(heads)
            self._line(["-" * width for width in self.widths])
        for row in self.waiting:
            self._line(row)
        self.waiting.clear()

    def _line(self, row: Sequence[str]) -> None:
        cells = (cell.ljust(width) for cell, width in zip(row, self.widths, strict=True))
        self.out.write("  ".join(cells).rstrip())


class ProgressBar:
    """A bar and a count on one line of the terminal; nothing at all into a file.

    `total`: how many there are, None while nobody knows; `unit`: of what, in French, for one.
    """

    def __init__(self, out: Any, total: int | None = None, unit: str = "compte") -> None:
        self.out = out
        self.total = total
        self.unit = unit
        self.done = 0
        self.width = 0  # of what stands on the line
        self.visible = bool(getattr(out, "isatty", lambda: False)())

    def __enter__(self) -> "ProgressBar":
        return self

    def expect(self, total: int) -> None:
        """So many are to come, whatever was done before."""
        self.total, self.done = total, 0

    def advance(self, number: int) -> None:
        before = self._share()
        self.done += number
        # A million accounts draw a hundred bars.
        if self.visible and (self.total is None or not self.width or self._share() != before):
            self._draw()

    def hide(self) -> None:
        """Leaves the line to what comes on the same terminal; the next step draws again."""
        if self.width:
            self.out.write("\r" + " " * self.width + "\r", ending="")
            self.width = 0

    def _share(self) -> int:
        """In percent. More than was expected is all of it: rows come while a run goes on."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    def _draw(self) -> None:
        if self.total is None:
            unit = self.unit + plural(self.done)
            line = f"{'█' * min(40, self.done // 250)} {self.done} {unit}"
        else:
            cells = self._share() * 40 // 100
            bar = "█" * cells + "░" * (40 - cells)
            unit = self.unit + plural(self.total)
            line = f"{bar} {self.done} sur {self.total} {unit} ({self._share()}\u00a0%)"
        self.out.write("\r" + line.ljust(self.width), ending="")
        self.width = max(self.width, len(line))
        self.out.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.width:
            self.out.write("")


class _LineWriter:
    """What `csv` writes to, over Django's stream, which ends lines by itself."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> None:
        self.out.write(text.rstrip("\r\n"))


def format_json(value: object) -> str:
    """One line. Dates in ISO 8601, moments with their offset."""
    return json.dumps(value, ensure_ascii=False, default=format_plain)


def format_plain(value: object) -> str:
    """As a program reads it: ISO 8601, « true » and « false », nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _quote_formula(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
