"""How long each kind of data is kept, as the privacy page says it.

The lines are those of the inventory that erasure and export read (`mgestion.personal_data`), and
their periods the settings that the purges read: the page cannot promise another.
"""

from dataclasses import dataclass

from mgestion.personal_data import RetentionLine, format_retention, list_entries

# Of the whole database, so of no entry.
BACKUPS = RetentionLine(
    99,
    "Sauvegardes",
    lambda: format_retention("backups"),
    "Rétablir le service\u202f; les suppressions y sont rejouées",
)


@dataclass(frozen=True)
class RetentionRow:
    """A line of the table: what, how long, and why that long. French, for people."""

    data: str
    period: str
    why: str


def list_retention_rows() -> list[RetentionRow]:
    """The table of the privacy page: each line once, in the order of their positions."""
    kept = {entry.kept for _, entry in list_entries()} | {BACKUPS}
    ordered = sorted(kept, key=lambda line: (line.position, line.data))
    return [RetentionRow(line.data, line.period(), line.why) for line in ordered]
