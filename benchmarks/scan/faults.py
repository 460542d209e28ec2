"""What the portal's own log says of a scan: an answer 500 is a finding, whoever caused it."""

from __future__ import annotations

import json

from benchmarks.scan.crawl import name_kind
from benchmarks.scan.findings import Finding
from benchmarks.scan.outcomes import Outcome
from benchmarks.scan.portal import ScannedPortal


def read_faults(portal: ScannedPortal) -> Outcome:
    answers, findings = 0, set()
    for line in portal.stack.read_log("web"):
        if not line.startswith("{"):
            continue
        said = json.loads(line)
        status = said.get("status")
        if not isinstance(status, int):
            continue
        answers += 1
        if status >= 500:
            place = f"{said.get('method')} {name_kind(str(said.get('path')))}"
            findings.add(Finding("log", str(status), place))
    return Outcome("log", "", f"{answers:,} answers to the scanners", sorted(findings))
