"""Identifiers of requirements in the product: few, and each defined in a document."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 165  # in the one docstring of the function that implements the article, and hardly elsewhere


def _product() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8")
        for application in ("accounts", "lifecycle", "mgestion", "registrations")
        for path in sorted((ROOT / application).rglob("*.py"))
        if "migrations" not in path.parts
    )


def test_identifiers_are_few_and_defined() -> None:
    used = re.findall(r"(?<![\w-])(?:[RD]\d{1,3}|[LS]\d{1,2})\b", _product())
    requirements = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    defined = set(re.findall(r"\*\*([RDLS]\d{1,3})\*\*", requirements))
    assert len(defined) > 200
    assert len(used) <= MOST
    assert set(used) <= defined


def test_statements_of_the_protocol_are_defined() -> None:
    used = set(re.findall(r"CAS-([A-Z]{1,2}\d{1,2})\b", _product()))
    defined = set(
        re.findall(r"\*\*([A-Z]{1,2}\d{1,2})\*\*", (ROOT / "docs" / "cas.md").read_text("utf-8"))
    )
    assert used <= defined
