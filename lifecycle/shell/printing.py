"""Tables and a progress bar for the terminal, CSV and JSON."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, TextIO

from mgestion.text.dates import PARIS
from mgestion.text.french import plural_ending

_SAMPLE = 200


class OutputTable:
    """Prints rows as they come, in constant memory. Formats: table, with the French headings of
    `columns`; json (one object per line) and csv, with its keys. In csv, cells that a spreadsheet
    would run as formulas are quoted.
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
        """`values`: codes, dates and numbers by key; `shown`: replacements in the table format."""
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
        """The first rows set the widths of the columns."""
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
    """A bar and a count on one line of a terminal; prints nothing into a file.

    `total`: None while unknown; `unit`: what is counted, a French singular.
    """

    def __init__(self, out: Any, total: int | None = None, unit: str = "compte") -> None:
        self.out = out
        self.total = total
        self.unit = unit
        self.done = 0
        self.width = 0  # of the text on the line
        self.visible = bool(getattr(out, "isatty", lambda: False)())

    def __enter__(self) -> "ProgressBar":
        return self

    def expect(self, total: int) -> None:
        """Sets the total and starts from zero."""
        self.total, self.done = total, 0

    def advance(self, number: int) -> None:
        before = self._share()
        self.done += number
        # Redraws only when the percentage changes.
        if self.visible and (self.total is None or not self.width or self._share() != before):
            self._draw()

    def hide(self) -> None:
        """Clears the line for other output; the next advance draws again."""
        if self.width:
            self.out.write("\r" + " " * self.width + "\r", ending="")
            self.width = 0

    def _share(self) -> int:
        """In percent, at most 100: rows may appear while a run goes on."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    def _draw(self) -> None:
        if self.total is None:
            unit = self.unit + plural_ending(self.done)
            line = f"{'█' * min(40, self.done // 250)} {self.done} {unit}"
        else:
            cells = self._share() * 40 // 100
            bar = "█" * cells + "░" * (40 - cells)
            unit = self.unit + plural_ending(self.total)
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
    """A file object for `csv` over Django's output stream, which adds line endings itself."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> None:
        self.out.write(text.rstrip("\r\n"))


def format_json(value: object) -> str:
    """One line of JSON; dates in ISO 8601, moments with their offset."""
    return json.dumps(value, ensure_ascii=False, default=format_plain)


def format_plain(value: object) -> str:
    """A value for programs: ISO 8601 dates, `true` and `false`, "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _quote_formula(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
