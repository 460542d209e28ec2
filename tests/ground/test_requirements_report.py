"""`make requirements` reads the document and the marks as they are written."""

from __future__ import annotations

import pytest

from tests.requirements import ROOT, all_marks, hollow, marks, parse, report, unknown, unproven

DOCUMENT = """
# Title
- **R1** The first.
- **R2** The second. (not by test: somebody else's site)
- **R3** The third (not by test: this is not at the end) goes on.
- not a line
"""

SOURCE = """
import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.req("R1")]

@pytest.mark.req("R2", "S3")
def test_one(): ...

class TestMany:
    pytestmark = pytest.mark.req("R4")

    @pytest.mark.req("R2")
    async def test_two(self): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.req("R5"))])
def test_three(x): ...

@pytest.mark.req("R9")
def helper(): ...
"""


def test_lines_are_read_with_their_reason() -> None:
    lines = parse(DOCUMENT)
    assert list(lines) == ["R1", "R2", "R3"]
    assert lines["R2"].reason == "somebody else's site"
    assert lines["R1"].reason == lines["R3"].reason == ""


def test_an_id_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="R1 comes twice"):
        parse("- **R1** a\n- **R1** b\n")


def test_marks_are_read_from_tests_classes_modules_and_parameters() -> None:
    found = marks(SOURCE, "tests/a.py")
    assert found == {
        "R1": ["tests/a.py::test_one", "tests/a.py::TestMany::test_two", "tests/a.py::test_three"],
        "R2": ["tests/a.py::test_one", "tests/a.py::TestMany::test_two"],
        "S3": ["tests/a.py::test_one"],
        "R4": ["tests/a.py::TestMany::test_two"],
        "R5": ["tests/a.py::test_three"],
    }


def test_the_report_lists_proofs_reasons_gaps_and_strangers() -> None:
    lines = parse(DOCUMENT)
    proofs = {"R1": ["tests/a.py::test_one"], "R7": ["tests/a.py::test_two"]}
    assert unproven(lines, proofs) == ["R3"]
    assert unknown(lines, proofs) == ["R7"]
    text = "\n".join(report(lines, proofs))
    assert "R1    1 test\n        tests/a.py::test_one" in text
    assert "R2    not by test: somebody else's site" in text
    assert "R: 3 lines, 1 proven, 1 with a reason\n   no test: R3" in text
    assert "!! R7 is named by tests/a.py::test_two" in text


def test_every_mark_of_the_suite_names_a_line_of_the_document() -> None:
    lines = parse((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))
    assert unknown(lines, all_marks()) == []


def test_no_line_is_proven_by_a_phrase_of_the_demonstrations_text_alone() -> None:
    lines = parse((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))
    assert hollow(lines, all_marks()) == []
    told = {"R1": ["tests/a.py::test_the_shipped_text_says"], "R2": ["tests/a.py::test_the_act"]}
    assert hollow(parse("- **R1** One.\n- **R2** Two.\n"), told) == ["R1"]


def test_rows_of_a_table_that_carry_their_own_mark_count() -> None:
    source = """
FACTS = [
    pytest.param(fact, marks=pytest.mark.req(req)) for req, fact in [("R50", "a"), ("D35", "b")]
]

@pytest.mark.parametrize("fact", FACTS)
def test_above(fact): ...

@pytest.mark.parametrize("fact", facts([("R51", "c")]))
def test_inside(fact): ...

@pytest.mark.parametrize("name", [("R52x", "not an id")])
def test_other(name): ...
"""
    assert marks(source, "tests/a.py") == {
        "R50": ["tests/a.py::test_above"],
        "D35": ["tests/a.py::test_above"],
        "R51": ["tests/a.py::test_inside"],
    }


def test_the_whole_road_from_sign_up_to_the_dashboard_is_proven_line_by_line() -> None:
    lines = parse((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))
    missing = unproven(lines, all_marks())
    assert [name for name in missing if name in {f"R{n}" for n in range(1, 50)}] == []
