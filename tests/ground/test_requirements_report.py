"""`make requirements` reads the document and the marks as they are written."""

from tests.requirements import ROOT, all_marks, parse, unknown, unproven


def test_every_mark_of_the_suite_names_a_line_of_the_document() -> None:
    lines = parse((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))
    assert unknown(lines, all_marks()) == []


def test_the_whole_road_from_sign_up_to_the_dashboard_is_proven_line_by_line() -> None:
    lines = parse((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))
    missing = unproven(lines, all_marks())
    assert [name for name in missing if name in {f"R{n}" for n in range(1, 50)}] == []
