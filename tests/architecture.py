"""The drawing of docs/architecture.md, made from the imports: `python -m tests.architecture`.

A package is an application or a folder of one. The arrows between the packages of an application
are reduced: an arrow that follows from two others is left out.
"""

import sys
from pathlib import Path
from typing import Final

import grimp

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "architecture.md"
APPLICATIONS: Final = ("lifecycle", "registrations", "accounts", "mgestion")
BEGIN: Final = "<!-- drawn by python -m tests.architecture -->\n"
END: Final = "<!-- end of the drawing -->\n"
Arrows = dict[str, set[str]]


def _package_of(module: str, packages: set[str]) -> str | None:
    """The innermost package of the drawing that holds `module`."""
    while module and module not in packages:
        module = module.rpartition(".")[0]
    return module or None


def _packages() -> set[str]:
    """Folders with Python files of their own, two levels below an application at most."""
    found = set()
    for application in APPLICATIONS:
        for folder in (ROOT / application).rglob("__init__.py"):
            parts = folder.parent.relative_to(ROOT).parts
            if {"migrations", "management", "templatetags", "formats"} & set(parts):
                continue
            if len(parts) in (2, 3):
                found.add(".".join(parts))
    return found


def _arrows(packages: set[str]) -> Arrows:
    graph = grimp.build_graph(*APPLICATIONS, exclude_type_checking_imports=True, cache_dir=None)
    arrows: Arrows = {package: set() for package in packages}
    for module in graph.modules:
        importer = _package_of(module, packages)
        if importer is None:
            continue
        for target in graph.find_modules_directly_imported_by(module):
            imported = _package_of(target, packages)
            if imported is not None and imported != importer:
                arrows[importer].add(imported)
    return arrows


def _reached(arrows: Arrows, start: str, without: tuple[str, str]) -> set[str]:
    """What `start` leads to when one arrow is taken away."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there in arrows.get(here, set()):
            if (here, there) != without and there not in seen:
                seen.add(there)
                waiting.append(there)
    return seen


def _reduced(arrows: Arrows) -> Arrows:
    left = {package: set(targets) for package, targets in arrows.items()}
    for package in sorted(left):
        for target in sorted(left[package]):
            if target in _reached(left, package, (package, target)):
                left[package].discard(target)
    return left


def draw() -> str:
    """The drawing as a Mermaid flow chart: a frame for each application, arrows within each."""
    packages = _packages()
    arrows = _arrows(packages)
    lines = ["```mermaid", "flowchart TB"]
    for application in APPLICATIONS:
        inside = {name for name in packages if name.split(".")[0] == application}
        lines.append(f"  subgraph {application}")
        for name in sorted(inside):
            lines.append(f'    {name.replace(".", "_")}["{name.partition(".")[2]}"]')
        lines.append("  end")
        own = {name: arrows[name] & inside for name in inside}
        for name, targets in sorted(_reduced(own).items()):
            for target in sorted(targets):
                lines.append(f"  {name.replace('.', '_')} --> {target.replace('.', '_')}")
    lines += [
        f"  {higher} ==> {lower}"
        for higher, lower in zip(APPLICATIONS, APPLICATIONS[1:], strict=False)
    ]
    return "\n".join([*lines, "```"]) + "\n"


def main() -> None:
    """Writes the drawing into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + draw() + END + after, encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is drawn\n")


if __name__ == "__main__":
    main()
