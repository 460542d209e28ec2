"""The style sheets parse: a browser leaves out silently what it does not understand."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tinycss2

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))


def errors(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        if node.type == "error":
            yield f"line {node.source_line}: {node.message}"
        elif node.type in ("qualified-rule", "at-rule") and node.content is not None:
            yield from errors(
                tinycss2.parse_blocks_contents(
                    node.content, skip_comments=True, skip_whitespace=True
                )
            )


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_parses(sheet: Path) -> None:
    rules = tinycss2.parse_stylesheet(
        sheet.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True
    )
    assert not list(errors(rules))


def test_a_fault_is_found() -> None:
    assert list(errors(tinycss2.parse_stylesheet("a { color red; }", skip_whitespace=True)))
