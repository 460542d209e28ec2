"""The Nu HTML checker, over the pages that a crawl saw, our style sheets and our pictures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from benchmarks.scan.crawl import SeenPage
from benchmarks.scan.findings import Finding
from benchmarks.scan.outcomes import Outcome
from benchmarks.scan.source_scanners import read_json, run_tool
from tests.servers.processes import ROOT

LOCK: Final = Path(__file__).with_name("nu")
FOLDER: Final = Path(os.environ.get("NU_FOLDER") or ROOT / "data" / "nu")
PROGRAM: Final = FOLDER / "node_modules/vnu-jar/build/dist/vnu.jar"


def find_missing_program() -> str:
    """Of the two that it needs; "" when both are there."""
    return next((name for name in ("java", "npm") if shutil.which(name) is None), "")


def prepare_checker() -> str:
    """Its version, installed when the lock changed."""
    lock, installed = LOCK / "package-lock.json", FOLDER / "installed-lock.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for file in (lock, LOCK / "package.json"):
            shutil.copyfile(file, FOLDER / file.name)
        # Its script would fetch a Java from another place; the machine's is used.
        words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(words, cwd=FOLDER, check=True, stdout=sys.stderr)
        shutil.copyfile(lock, installed)
    version: str = json.loads(lock.read_text())["packages"]["node_modules/vnu-jar"]["version"]
    return version


def check_pages(pages: Iterable[SeenPage], version: str) -> Outcome:
    findings = []
    with tempfile.TemporaryDirectory(prefix="mgscan-") as place:
        names: dict[str, SeenPage] = {}
        different: set[str] = set()
        for page in pages:
            if page.html not in different:
                different.add(page.html)
                name = f"{len(names):04d}.html"
                names[name] = page
                (Path(place) / name).write_text(page.html, encoding="utf-8")
        said: set[tuple[str, str]] = set()
        for message in _check(place):
            seen = names[Path(message["url"]).name]
            # Once for each kind of page: a table says the same in each of its cells.
            if (seen.kind, message["message"]) not in said:
                said.add((seen.kind, message["message"]))
                findings.append(
                    Finding("nu", message["message"], seen.kind, message=_extract(message))
                )
        count, kinds = len(names), len({page.kind for page in names.values()})
    sheets = sorted(ROOT.glob("static/css/*.css"))
    pictures = [*sorted(ROOT.glob("static/img/*.svg")), ROOT / "templates/components/icons.svg"]
    for how, files in (("--css", sheets), ("--svg", pictures)):
        for message in _check(how, *map(str, files)):
            path = str(Path(message["url"].removeprefix("file:")).relative_to(ROOT))
            line = message.get("lastLine", 0)
            findings.append(Finding("nu", message["message"], path, line, _extract(message)))
    looked = f"{count} pages of {kinds} kinds, {len(sheets)} style sheets, {len(pictures)} drawings"
    return Outcome("nu", version, looked, findings)


def _check(*words: str) -> list[dict[str, Any]]:
    done = run_tool(
        *("java", "-Xss4m", "-jar", str(PROGRAM), "--format", "json", "--stdout"),
        *("--exit-zero-always", *words),
    )
    messages: list[dict[str, Any]] = read_json(done)["messages"]
    return messages


def _extract(message: dict[str, Any]) -> str:
    return " ".join(str(message.get("extract", "")).split())[:160]
