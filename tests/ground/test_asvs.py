"""docs/asvs.md speaks of each line of the standard once, and of files that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
LINES = 253  # of levels 1 and 2, in version 5.0.0
STATES = {"kept", "in part", "not kept", "operator", "n.a."}


def _expand(cell: str) -> list[str]:
    """« 1.4.1–1.4.3, 1.5.1 » as single lines. Across sections the words of the row count them."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, number = first.rpartition(".")
        if last and last.rpartition(".")[0] != section:
            return []
        for each in range(int(number), int((last or first).rpartition(".")[2]) + 1):
            found.append(f"{section}.{each}")
    return found


def test_each_line_is_there_once_with_a_state() -> None:
    single: list[str] = []
    counted = 0
    for cell, asks, state in re.findall(
        r"^\| (\d[\d., –]*) \| (.*?) \| (.*?) \|", TEXT, re.MULTILINE
    ):
        assert state in STATES, cell
        lines = _expand(cell)
        single += lines
        if not lines:
            said = re.search(r"\((\d+) lines\)", asks)
            assert said is not None, cell
            counted += int(said[1])
    assert len(single) == len(set(single))
    assert len(single) + counted == LINES


def test_each_file_that_it_names_exists() -> None:
    named = set(re.findall(r"`([\w/.-]+\.(?:py|sh|txt))`", TEXT))
    assert len(named) > 50
    assert [
        name for name in named if not any((ROOT / at / name).exists() for at in ("", "tests"))
    ] == []
