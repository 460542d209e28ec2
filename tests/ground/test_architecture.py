"""The drawing in docs/architecture.md is the one that the imports make."""

from __future__ import annotations

from tests import architecture


def test_the_drawing_is_what_the_imports_say() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")
    _, _, rest = page.partition(architecture.BEGIN)
    drawing, _, _ = rest.partition(architecture.END)
    assert drawing == architecture.draw(), "draw it again: python -m tests.architecture"
