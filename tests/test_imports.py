"""Imports go down only: lifecycle → registrations → accounts → mgestion, and one line in accounts.

Read from the source: imports inside functions and under TYPE_CHECKING count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the highest room to the lowest. A room may import itself and what stands below it.
LAYERS = (
    "lifecycle",
    "registrations",
    "accounts.cas",
    "accounts.profile",
    "accounts.entry",
    "accounts.legal",
    "accounts.habilitations",
    "accounts",
    "mgestion",
)

# The composition root names the rooms by string, so it needs no import of them.
OUTSIDE = ("tests", "benchmarks")


def layer_of(module: str) -> int | None:
    """The index of a module's room in LAYERS; None for what is not ours."""
    for index, room in enumerate(LAYERS):
        if module == room or module.startswith(f"{room}."):
            return index
    return None


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every module that `tree` imports (`from a import b` counts as a.b too)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def faults(module: str, source: str) -> list[str]:
    """What `module` imports and may not, in words."""
    own = layer_of(module)
    assert own is not None
    found = []
    for line, name in imported(ast.parse(source)):
        if name.split(".")[0] in OUTSIDE:
            found.append(f"{module}:{line} imports {name}, which is not part of the product")
            continue
        theirs = layer_of(name)
        if theirs is not None and theirs < own:
            found.append(f"{module}:{line} imports {name}: {LAYERS[own]} → {LAYERS[theirs]} is up")
    return found


def modules() -> list[tuple[str, Path]]:
    found = []
    for room in ("lifecycle", "registrations", "accounts", "mgestion"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append((name.removesuffix(".__init__"), path))
    return found


def test_imports_go_down_only() -> None:
    wrong = [
        fault
        for name, path in modules()
        for fault in faults(name, path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_room_is_looked_at() -> None:
    seen = {layer_of(name) for name, _ in modules()}
    assert seen == set(range(len(LAYERS)))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mgestion.outbox.flows", "import accounts"),
        ("mgestion.urls", "def view():\n    from registrations import urls"),
        ("accounts.flows", "from accounts.entry import flows"),
        ("accounts.flows", "from accounts import entry"),
        ("accounts.legal.terms.flows", "from accounts.entry.flows import sign_up"),
        ("registrations.enrolment.submit_flows", "import lifecycle.rules.policy"),
        ("lifecycle.run", "from tests.factories import people"),
    ],
)
def test_an_import_upwards_is_found(module: str, source: str) -> None:
    assert faults(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lifecycle.run", "from registrations.models import Request"),
        ("accounts.cas.endpoints.views", "from accounts.profile import views"),
        ("accounts.entry.flows", "from accounts import standing"),
        ("mgestion.celery", "from celery import Celery"),
        ("accounts.legal.pages.views", "from mgestion.web import links"),
    ],
)
def test_an_import_downwards_is_allowed(module: str, source: str) -> None:
    assert faults(module, source) == []


@pytest.mark.parametrize("room", ["accounts", "mgestion", "registrations", "lifecycle"])
def test_no_room_reaches_upward_by_name(room: str) -> None:
    """`get_model` and signals would be a way around the direction (migrations need the former)."""
    wrong = []
    for path in sorted((ROOT / room).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "get_model":
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong, "\n".join(wrong)
