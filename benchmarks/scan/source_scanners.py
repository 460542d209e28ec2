"""Scanners of the source: bandit, semgrep, hadolint, and the advisories of what is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.scan.findings import Finding
from benchmarks.scan.outcomes import Outcome
from tests.servers.processes import ROOT

CODE: Final = ("manage.py", "mgestion", "accounts", "registrations", "lifecycle")
RULES: Final = Path(__file__).parent / "rules"
# ruff's S rules are bandit's: what is said at the line for one counts for the other, with a reason.
_SAID: Final = re.compile(r"# noqa: (S\d+)\s*(?:-|#)\s*\S")
_SAME: Final = {"B703": "S308"}
_ADVISORY: Final = re.compile(r"^(\S+)\s+(\S+)\s+((?:PYSEC|GHSA|CVE)-\S+)", re.MULTILINE)


def run_tool(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """In the project's folder; its exit status says nothing, since a finding is one too."""
    return subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def read_json(done: subprocess.CompletedProcess[str]) -> Any:
    """What a tool printed; SystemExit with its words when it printed something else."""
    try:
        return json.loads(done.stdout)
    except ValueError as trouble:
        raise SystemExit(
            f"{done.args[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}"
        ) from trouble


def run_bandit(programs: Path) -> Outcome:
    version = run_tool(str(programs / "bandit"), "--version").stdout.split()[1]
    report = read_json(run_tool(str(programs / "bandit"), "-q", "-r", *CODE, "-f", "json"))
    lines: dict[str, list[str]] = {}
    findings, said = [], 0
    for found in report["results"]:
        path = found["filename"].removeprefix("./")
        if path not in lines:
            lines[path] = (ROOT / path).read_text(encoding="utf-8").splitlines()
        if _is_said_at_line(found, lines[path]):
            said += 1
            continue
        message = f"{found['test_name']}: {found['issue_text']}"
        findings.append(Finding("bandit", found["test_id"], path, found["line_number"], message))
    count = report["metrics"]["_totals"]["loc"]
    looked = f"{count:,} lines of {', '.join(CODE)}"
    return Outcome(
        "bandit",
        version,
        looked,
        findings,
        [f"{said} findings explained at their line, beside ruff's code"],
    )


def _is_said_at_line(found: Mapping[str, Any], lines: list[str]) -> bool:
    code = _SAME.get(found["test_id"], found["test_id"].replace("B", "S"))
    return any(
        code in _SAID.findall(lines[number - 1])
        for number in found["line_range"]
        if number <= len(lines)
    )


def run_semgrep(programs: Path) -> Outcome:
    """Our own rules: those of semgrep's registry come from a server, and none is asked."""
    known = set(re.findall(r"^  - id: (\S+)", (RULES / "portal.yml").read_text(), re.MULTILINE))
    with tempfile.TemporaryDirectory(prefix="mgscan-") as place:
        for sample in RULES.glob("samples.*.txt"):
            (Path(place) / sample.stem).write_text(sample.read_text(encoding="utf-8"))
        blind = known - {found["rule"] for found in _semgrep(programs, place)[0]}
    if blind:
        raise SystemExit(f"semgrep: rules that find nothing in samples.*.txt: {sorted(blind)}")
    found, looked = _semgrep(programs, *CODE, "templates", "static/js")
    version = run_tool(str(programs / "semgrep"), "--version").stdout.strip()
    findings = [
        Finding("semgrep", one["rule"], one["path"], one["line"], one["words"]) for one in found
    ]
    notes = [f"{len(known)} rules of our own, each shown a line that it must find"]
    return Outcome(
        "semgrep",
        version,
        f"{looked} files of {', '.join(CODE)}, templates, static/js",
        findings,
        notes,
    )


def _semgrep(programs: Path, *places: str) -> tuple[list[dict[str, Any]], int]:
    words = ("scan", "--metrics=off", "--disable-version-check", "--quiet", "--json")
    report = read_json(
        run_tool(
            str(programs / "semgrep"),
            *(*words, "--config", str(RULES / "portal.yml"), *places),
            PATH=f"{programs}{os.pathsep}{os.environ['PATH']}",
        )
    )
    found = [
        {
            "rule": one["check_id"].rpartition(".")[2],
            "path": one["path"],
            "line": one["start"]["line"],
            "words": one["extra"]["message"],
        }
        for one in report["results"]
    ]
    found += [
        {
            "rule": "not-read",
            "path": one.get("path", ""),
            "line": 0,
            "words": one.get("message", ""),
        }
        for one in report["errors"]
    ]
    return found, len(report["paths"]["scanned"])


def run_hadolint(programs: Path) -> Outcome:
    program = str(programs / "hadolint")
    version = run_tool(program, "--version").stdout.split()[-1]
    report = read_json(run_tool(program, "-f", "json", "Dockerfile"))
    findings = [
        Finding("hadolint", one["code"], "Dockerfile", one["line"], one["message"])
        for one in report
    ]
    return Outcome("hadolint", version, "Dockerfile", findings)


def audit_packages() -> Outcome:
    """As `make check` does for the first of them. An index without advisories is no finding."""
    findings, notes = [], []
    locks = sorted(path.name for path in ROOT.glob("requirements*.txt"))
    program = str(ROOT / ".venv/bin/pip-audit")
    for lock in locks:
        done = run_tool(
            program, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-r", lock
        )
        said = done.stdout + done.stderr
        found = _ADVISORY.findall(said)
        findings += [
            Finding("pip-audit", advisory, lock, message=f"{name} {version}")
            for name, version, advisory in found
        ]
        if "could not be audited" in said:
            notes.append(f"{lock}: the index knows no advisories: not checked")
        elif not found and "No known vulnerabilities found" not in said:
            notes.append(f"{lock}: no index answered: not checked")
    version = run_tool(program, "--version").stdout.split()[-1]
    return Outcome("pip-audit", version, ", ".join(locks), findings, notes)


def audit_scripts() -> Outcome:
    """Of the tools that come from npm: pages hold no package of theirs."""
    findings, notes = [], []
    locks = ("benchmarks/scan/nu", "tests/lighthouse")
    if shutil.which("npm") is None:
        return Outcome("npm-audit", "", "nothing: npm is missing", [])
    for folder in locks:
        done = run_tool("npm", "audit", "--json", "--package-lock-only", "--prefix", folder)
        known = json.loads(done.stdout or "{}").get("vulnerabilities")
        if known is None:
            notes.append(f"{folder}: no registry answered: not checked")
        for name, one in (known or {}).items():
            findings.append(Finding("npm-audit", name, folder, message=one["severity"]))
    version = run_tool("npm", "--version").stdout.strip()
    return Outcome("npm-audit", version, ", ".join(locks), findings, notes)
