"""The report of `make scan`, which becomes docs/scans.md."""

from __future__ import annotations

from collections import Counter

from benchmarks.scan.attacker import ATTACK, CRAWL, ENDS_SESSION, MODULES
from benchmarks.scan.findings import Explanation, Finding, Judgement
from benchmarks.scan.outcomes import Outcome


def write_report(outcomes: list[Outcome], judgement: Judgement) -> str:
    explained = Counter(finding for found in judgement.explained.values() for finding in found)
    ran = "\n".join(_describe_outcome(outcome, explained) for outcome in outcomes)
    notes = "\n".join(f"- {one.scanner}: {note}" for one in outcomes for note in one.notes)
    reasons = "\n".join(
        _describe_explanation(one, found) for one, found in judgement.explained.items() if found
    )
    left = "\n".join(_describe_finding(one) for one in judgement.unexplained) or "None."
    stale = "\n".join(f"- {one}" for one in judgement.stale)
    if stale:
        left += f"\n\nExplanations that no longer fit:\n\n{stale}"
    return f"""# Scanners

Written by `make scan`: scanners of the source, and of the portal as production runs it (Caddy,
gunicorn, a worker, beat, PostgreSQL, Redis) with the demo's people, limits of rate raised so that
a scanner meets pages and not refusals. What they find is mended, or explained in
`benchmarks/scan/explanations.toml`; anything else fails the command, and so does an explanation
whose number no longer fits. An answer 500 to any of them, read in the portal's log, is a finding.

| scanner | version | looked at | on | findings | of them explained |
|---|---|---|---|---|---|
{ran}

{notes}

wapiti crawls {CRAWL} seconds in each role and gives each module {ATTACK} (`SCAN_SECONDS=60` more):
{", ".join(MODULES)}. It stays away from what ends its own session
({", ".join(f"`{path}`" for path in ENDS_SESSION)}). The modules that ask a server of its author
and those that look for other products are left out; TLS is Caddy's. Semgrep's public rules come
from a server: these are our own (`benchmarks/scan/rules/portal.yml`).

## Explained

| scanner | finding | where | times | why it stays |
|---|---|---|---|---|
{reasons}

## Unexplained

{left}
"""


def _describe_outcome(outcome: Outcome, explained: Counter[Finding]) -> str:
    count = len(outcome.findings)
    known = sum(1 for finding in outcome.findings if finding in explained)
    version = outcome.version or "–"
    cells = (outcome.scanner, version, outcome.looked_at, outcome.on, str(count), str(known))
    return f"| {' | '.join(cells)} |"


def _describe_explanation(one: Explanation, found: list[Finding]) -> str:
    places = ", ".join(f"`{place}`" for place in one.places)
    rule = one.rule.replace("|", "\\|")
    return f"| {one.scanner} | {rule} | {places} | {len(found)} | {one.reason} |"


def _describe_finding(one: Finding) -> str:
    line = f":{one.line}" if one.line else ""
    return f"- {one.scanner} {one.rule}, {one.place}{line}: {one.message}"
