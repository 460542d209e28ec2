"""Which tests run on which database."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Who imports one of these leans on SQL that the two databases could run differently.
HAND_SQL = {
    "django.db": {"connection", "connections"},
    "django.db.models.expressions": {"RawSQL"},
    "mgestion.database.bulk": {"*"},
}
LANES = {"both", "postgres", "embedded"}


def _leans_on_sql(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in HAND_SQL:
            asked = HAND_SQL[node.module]
            if "*" in asked or asked & {name.name for name in node.names}:
                return True
    return False


def _lanes(tree: ast.Module) -> set[str]:
    """The lanes that the module's `pytestmark` names."""
    marks = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        )
    ]
    return {
        part.attr
        for mark in marks
        for part in ast.walk(mark)
        if isinstance(part, ast.Attribute) and part.attr in LANES
    }


def test_a_module_of_tests_that_leans_on_sql_says_on_which_databases_it_runs() -> None:
    silent = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if _leans_on_sql(tree) and not _lanes(tree):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == [], "add pytest.mark.both (or postgres, embedded) to their pytestmark"


@pytest.mark.parametrize(
    ("source", "is_silent"),
    [
        ("from django.db import connection, models\n", True),
        ("from mgestion.database.bulk import insert_many\n", True),
        ("from django.db import connection\npytestmark = [pytest.mark.both]\n", False),
        ("from django.db import connection\npytestmark = pytest.mark.postgres\n", False),
        ("from django.db import transaction\n", False),
    ],
)
def test_the_rule_above_reads_what_it_should(source: str, is_silent: bool) -> None:
    tree = ast.parse(source)
    assert (_leans_on_sql(tree) and not _lanes(tree)) is is_silent
