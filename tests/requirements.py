"""`make requirements`: the lines of docs/requirements.md, with the tests that prove them.

Tests name ids by `@pytest.mark.req("R31")` (on a test, a class, or a module's `pytestmark`). They
are read from the source, not collected: the report needs no database.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"^- \*\*([A-Z]\d+)\*\* (.+)$")
REASON = re.compile(r"\(not by test: (.+)\)\s*$")


@dataclass(frozen=True)
class Requirement:
    id: str
    text: str
    reason: str
    """Why no test proves it; empty for most."""


def parse(text: str) -> dict[str, Requirement]:
    """The lines by id, in the document's order. Raises ValueError when an id comes twice."""
    found: dict[str, Requirement] = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        name, words = match.groups()
        if name in found:
            raise ValueError(f"{name} comes twice in the document.")
        reason = REASON.search(words)
        found[name] = Requirement(name, words, reason.group(1) if reason else "")
    return found


def _ids(node: ast.AST, mark: str = "req") -> Iterator[str]:
    """The ids named by `mark.req(...)` calls (or another `mark`) anywhere inside `node`."""
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == mark
            and isinstance(call.func.value, ast.Attribute)
            and call.func.value.attr == "mark"
        ):
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _row_ids(decorator: ast.expr, tables: Mapping[str, ast.expr]) -> Iterator[str]:
    """The ids that head the rows of a `parametrize` table: `("R50", "a fact")`. Each row carries
    its own mark (`marks=pytest.mark.req(req)`); the table may stand above, under a name."""
    if not (isinstance(decorator, ast.Call) and "parametrize" in ast.unparse(decorator.func)):
        return
    for node in ast.walk(decorator):
        table = tables.get(node.id) if isinstance(node, ast.Name) else node
        for row in ast.walk(table) if table is not None and table is not node else [node]:
            head = row.elts[0] if isinstance(row, ast.Tuple) and row.elts else None
            if isinstance(head, ast.Constant) and re.fullmatch(r"[RDLS]\d+", str(head.value)):
                yield str(head.value)


def marks(source: str, path: str, mark: str = "req") -> dict[str, list[str]]:
    """Tests (`path::name`) by the id that they prove, in one test file."""
    found: dict[str, list[str]] = {}
    if f"mark.{mark}(" not in source:
        return found
    tree = ast.parse(source)
    marked_by_row = re.search(rf"marks=pytest\.mark\.{mark}\(\w+\)", source) is not None
    tables = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def own_ids(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
        ids = [name for line in test.decorator_list for name in _ids(line, mark)]
        if marked_by_row:
            ids += [name for line in test.decorator_list for name in _row_ids(line, tables)]
        return ids

    def visit(body: Iterable[ast.stmt], prefix: str, inherited: list[str]) -> None:
        body = list(body)
        names = list(inherited)
        for node in body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in targets):
                    names += _ids(node.value, mark)
        for node in body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                own = [name for line in node.decorator_list for name in _ids(line, mark)]
                visit(node.body, f"{prefix}::{node.name}", names + own)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test"
            ):
                for name in dict.fromkeys(names + own_ids(node)):
                    found.setdefault(name, []).append(f"{prefix}::{node.name}")

    visit(tree.body, path, [])
    return found


@cache
def all_marks(root: Path = ROOT, mark: str = "req") -> dict[str, list[str]]:
    """The same over every test file of the project."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = str(path.relative_to(root))
        for requirement, tests in marks(path.read_text(encoding="utf-8"), name, mark).items():
            found.setdefault(requirement, []).extend(tests)
    return found


def unproven(lines: Mapping[str, Requirement], proofs: Mapping[str, list[str]]) -> list[str]:
    """Ids of `lines` with neither a test nor a reason."""
    return [name for name, line in lines.items() if not proofs.get(name) and not line.reason]


def unknown(lines: Mapping[str, Requirement], proofs: Mapping[str, list[str]]) -> list[str]:
    """Ids that tests name and the document does not hold."""
    return sorted(set(proofs) - set(lines))


def report(lines: Mapping[str, Requirement], proofs: Mapping[str, list[str]]) -> Iterator[str]:
    for name, line in lines.items():
        tests = proofs.get(name, [])
        if tests:
            yield f"{name:<5} {len(tests)} test{'s' if len(tests) > 1 else ''}"
            yield from (f"        {test}" for test in tests)
        elif line.reason:
            yield f"{name:<5} not by test: {line.reason}"
    missing = unproven(lines, proofs)
    yield ""
    for series in sorted({name[0] for name in lines}):
        ids = [name for name in lines if name[0] == series]
        open_ids = [name for name in missing if name[0] == series]
        reasons = sum(1 for name in ids if lines[name].reason and not proofs.get(name))
        proven = len(ids) - len(open_ids) - reasons
        yield f"{series}: {len(ids)} lines, {proven} proven, {reasons} with a reason"
        if open_ids:
            yield f"   no test: {' '.join(open_ids)}"
    for name in unknown(lines, proofs):
        yield f"!! {name} is named by {', '.join(proofs[name])} and is not in the document"


DOCUMENTS = {"req": "docs/requirements.md", "cas": "docs/cas.md"}


def main() -> int:
    faults = 0
    for mark, document in DOCUMENTS.items():
        lines = parse((ROOT / document).read_text(encoding="utf-8"))
        proofs = all_marks(mark=mark)
        sys.stdout.write(f"== {document}\n")
        sys.stdout.write("\n".join(report(lines, proofs)) + "\n\n")
        faults += len(unknown(lines, proofs))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
