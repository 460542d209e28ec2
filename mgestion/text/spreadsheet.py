"""Lines of a CSV file that a French spreadsheet reads, and in which it computes nothing. Pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BOM: Final = "\ufeff"  # a spreadsheet then reads accents as they are
# What a spreadsheet would take for a formula, or for the end of a cell (OWASP, CSV injection).
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _EchoFile:
    """What csv.writer writes to: it hands the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def make_cell_safe(value: object) -> str:
    """A cell that no spreadsheet computes, on one line."""
    text = str(value or "")
    # Looked at as it came: a tab or a line end at the start must not vanish unseen.
    dangerous = text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS)
    flat = " ".join(text.split())
    return f"'{flat}" if dangerous else flat


def write_csv_lines(names: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The line of the columns' names, then one for each row, as they come."""
    writer = csv.writer(_EchoFile(), delimiter=";", lineterminator="\r\n")
    yield BOM + writer.writerow(names)
    for row in rows:
        yield writer.writerow([make_cell_safe(value) for value in row])
