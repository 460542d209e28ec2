"""What one scanner looked at and found."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.scan.findings import Finding


@dataclass(frozen=True)
class Outcome:
    scanner: str
    version: str
    looked_at: str
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)
