"""Runs the scanners and compares what they find with what is explained.

python -m benchmarks.scan        the report goes to docs/scans.md

ONLY=bandit,nu runs those alone, and takes from data/scans what the others said last.
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
from benchmarks.scan.outcomes import Outcome, keep_outcome, read_outcomes
from benchmarks.scan.portal import (
    AGENT,
    ANONYMOUS,
    APPLICANT,
    ROLES,
    ScannedPortal,
    open_portal,
)
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
SCANNERS: Final = (*OF_SOURCE, *OF_PORTAL)


def main() -> int:
    names = set((os.environ.get("ONLY") or ",".join(SCANNERS)).split(","))
    if names - {*SCANNERS}:
        raise SystemExit(f"ONLY: {sorted(names - {*SCANNERS})}; known: {', '.join(SCANNERS)}")
    programs = prepare_environment("scan")
    _scan_source(programs, names)
    if names & {*OF_PORTAL}:
        _scan_portal(programs, names)
    outcomes = read_outcomes()
    judgement = judge_findings(
        (finding for outcome in outcomes for finding in outcome.findings),
        read_explanations(),
        {outcome.scanner for outcome in outcomes},
    )
    report = write_report(outcomes, judgement)
    if {*SCANNERS} <= {outcome.scanner for outcome in outcomes}:
        (ROOT / "docs/scans.md").write_text(report, encoding="utf-8")
    say(report)
    return 0 if judgement.clean else 1


def _scan_source(programs: Path, names: set[str]) -> None:
    runs: dict[str, Callable[[], Outcome]] = {
        "bandit": lambda: run_bandit(programs),
        "semgrep": lambda: run_semgrep(programs),
        "hadolint": lambda: run_hadolint(programs),
        "pip-audit": audit_packages,
        "npm-audit": audit_scripts,
    }
    for name, run in runs.items():
        if name in names:
            keep(run())


def _scan_portal(programs: Path, names: set[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="mgscan-") as place, open_portal(Path(place)) as portal:
        if "nu" in names:
            keep(_check_html(portal))
        if "wapiti" in names:
            prove_attacker(programs)
            for role in (ANONYMOUS, APPLICANT, AGENT):
                keep(attack(programs, portal, role))
            keep(read_faults(portal))
        if "headers" in names:  # last: it closes the portal for a moment
            keep(check_headers(portal))


def _check_html(portal: ScannedPortal) -> Outcome:
    missing = html_checker.find_missing_program()
    if missing:
        return Outcome("nu", "", f"nothing: {missing} is missing", [])
    version = html_checker.prepare_checker()
    return html_checker.check_pages(crawl_all(portal, ROLES), version)


def keep(outcome: Outcome) -> None:
    keep_outcome(outcome)
    say(f"   {outcome.name} {outcome.version}, {outcome.looked_at}: {len(outcome.findings)}")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
