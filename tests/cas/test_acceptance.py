"""The statements of docs/cas.md: each has a test, or says why not."""

from itertools import groupby

from tests.requirements import ROOT, all_marks, parse, unknown, unproven

LINES = parse((ROOT / "docs" / "cas.md").read_text(encoding="utf-8"))


def test_every_statement_has_a_test_or_a_reason() -> None:
    assert unproven(LINES, all_marks(mark="cas")) == []


def test_every_mark_names_a_statement() -> None:
    assert unknown(LINES, all_marks(mark="cas")) == []


def test_no_statement_was_dropped() -> None:
    """The protocol's own series, whole: a line that is gone would be missed by nobody else."""
    series = {
        letter: [int(name[1:]) for name in names]
        for letter, names in groupby(LINES, key=lambda n: n[0])
    }
    ends = {"S": 5, "L": 21, "O": 15, "V": 16, "R": 10, "P": 7, "T": 7, "A": 18, "C": 3, "X": 1}
    assert series == {letter: list(range(1, last + 1)) for letter, last in ends.items()}
