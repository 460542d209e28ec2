"""Rows and progress on a terminal or into a pipe."""

import csv
import json
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TextIO

_SAMPLE = 200


class Table:
    """Rows as they come: a million of them stay out of memory. Formats: table, json (one object a
    line), csv. A cell that a spreadsheet would run as a formula is quoted.
    """

    def __init__(self, columns: Sequence[str], form: str, out: Any) -> None:
        self.columns = columns
        self.form = form
        self.out = out
        self.waiting: list[list[str]] = []
        self.widths: list[int] = []
        self.csv = csv.writer(_Lines(out)) if form == "csv" else None
        if self.csv:
            self.csv.writerow(columns)

    def row(self, *cells: object) -> None:
        if self.form == "json":
            values = dict(zip(self.columns, cells, strict=True))
            self.out.write(json.dumps(values, ensure_ascii=False))
        elif self.csv:
            self.csv.writerow([_harmless(str(cell)) for cell in cells])
        else:
            self.waiting.append([str(cell) for cell in cells])
            if len(self.waiting) == _SAMPLE:
                self._flush()

    def end(self) -> None:
        if self.form == "table":
            self._flush()

    def _flush(self) -> None:
        """Columns are as wide as the first rows need."""
        if not self.widths and self.waiting:
            sample = [list(self.columns), *self.waiting]
            self.widths = [max(len(row[i]) for row in sample) for i in range(len(self.columns))]
            self._line(list(self.columns))
            self._line(["-" * width for width in self.widths])
        for row in self.waiting:
            self._line(row)
        self.waiting.clear()

    def _line(self, row: Sequence[str]) -> None:
        cells = (cell.ljust(width) for cell, width in zip(row, self.widths, strict=True))
        self.out.write("  ".join(cells).rstrip())


class Progress:
    """A count on one line of the terminal; nothing at all into a file."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.done = 0
        self.visible = bool(getattr(out, "isatty", lambda: False)())

    def __enter__(self) -> "Progress":
        return self

    def advance(self, number: int) -> None:
        self.done += number
        if self.visible:
            bar = "█" * min(40, self.done // 250)
            self.out.write(f"\r{bar} {self.done} comptes", ending="")
            self.out.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.visible and self.done:
            self.out.write("")


class _Lines:
    """What `csv` writes to, over Django's stream, which ends lines by itself."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, text: str) -> None:
        self.out.write(text.rstrip("\r\n"))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
