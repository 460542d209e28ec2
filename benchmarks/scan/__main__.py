"""Runs the scanners and compares what they find with what is explained.

python -m benchmarks.scan        the report goes to docs/scans.md; ONLY=bandit,nu runs those alone
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.scan import html_checker
from benchmarks.scan.attacker import attack, prove_attacker
from benchmarks.scan.crawl import crawl_all
from benchmarks.scan.faults import read_faults
from benchmarks.scan.findings import judge_findings, read_explanations
from benchmarks.scan.header_checks import check_headers
from benchmarks.scan.outcomes import Outcome
from benchmarks.scan.portal import AGENT, ANONYMOUS, APPLICANT, ROLES, open_portal
from benchmarks.scan.report import write_report
from benchmarks.scan.source_scanners import (
    audit_packages,
    audit_scripts,
    run_bandit,
    run_hadolint,
    run_semgrep,
)
from tests.servers.processes import ROOT
from tests.servers.tool_environment import prepare_environment

OF_SOURCE: Final = ("bandit", "semgrep", "hadolint", "pip-audit", "npm-audit")
OF_PORTAL: Final = ("headers", "nu", "wapiti")


def main() -> int:
    chosen = os.environ.get("ONLY") or ",".join((*OF_SOURCE, *OF_PORTAL))
    names = set(chosen.split(","))
    unknown = names - {*OF_SOURCE, *OF_PORTAL}
    if unknown:
        raise SystemExit(f"ONLY: {sorted(unknown)}; known: {', '.join((*OF_SOURCE, *OF_PORTAL))}")
    programs = prepare_environment("scan")
    outcomes = [*_scan_source(programs, names), *_scan_portal(programs, names)]
    explanations = read_explanations()
    judgement = judge_findings(
        (finding for outcome in outcomes for finding in outcome.findings),
        explanations,
        {outcome.scanner for outcome in outcomes},
    )
    report = write_report(outcomes, judgement)
    if names == {*OF_SOURCE, *OF_PORTAL}:
        (ROOT / "docs/scans.md").write_text(report, encoding="utf-8")
    say(report)
    return 0 if judgement.clean else 1


def _scan_source(programs: Path, names: set[str]) -> list[Outcome]:
    runs: dict[str, Callable[[], Outcome]] = {
        "bandit": lambda: run_bandit(programs),
        "semgrep": lambda: run_semgrep(programs),
        "hadolint": lambda: run_hadolint(programs),
        "pip-audit": audit_packages,
        "npm-audit": audit_scripts,
    }
    return [told(run()) for name, run in runs.items() if name in names]


def _scan_portal(programs: Path, names: set[str]) -> list[Outcome]:
    if not names & {*OF_PORTAL}:
        return []
    missing = html_checker.find_missing_program() if "nu" in names else "not asked for"
    checker = "" if missing else html_checker.prepare_checker()
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="mgscan-") as place, open_portal(Path(place)) as portal:
        pages = crawl_all(portal, ROLES) if checker else []
        if "wapiti" in names:
            prove_attacker(programs)
            for role in (ANONYMOUS, APPLICANT, AGENT):
                outcomes.append(told(attack(programs, portal, role)))
        outcomes.append(told(read_faults(portal)))
        if "headers" in names:  # last: it closes the portal for a moment
            outcomes.append(told(check_headers(portal)))
    if pages:
        outcomes.append(told(html_checker.check_pages(pages, checker)))
    elif "nu" in names:
        outcomes.append(Outcome("nu", "", f"nothing: {missing} is missing", []))
    return outcomes


def told(outcome: Outcome) -> Outcome:
    say(f"   {outcome.scanner} {outcome.version}, {outcome.looked_at}: {len(outcome.findings)}")
    return outcome


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
