"""The drawing in docs/architecture.md is the one that the imports make."""

import re

from tests import architecture


def test_the_drawing_is_what_the_imports_say() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")
    _, _, rest = page.partition(architecture.BEGIN)
    drawing, _, _ = rest.partition(architecture.END)
    assert drawing == architecture.draw(), "draw it again: python -m tests.architecture"


def test_every_name_of_the_glossary_stands_in_the_code() -> None:
    words = {
        word
        for application in architecture.APPLICATIONS
        for path in (architecture.ROOT / application).rglob("*.py")
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    modules = "\n".join(
        str(path.relative_to(architecture.ROOT))
        for application in architecture.APPLICATIONS
        for path in (architecture.ROOT / application).rglob("*")
    )
    glossary = (architecture.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    names = re.findall(r"`([^`]+)`", glossary)
    assert len(names) > 60
    missing = [name for name in names if name.split(".")[0] not in words and name not in modules]
    assert not missing, missing
