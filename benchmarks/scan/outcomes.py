"""What one scanner looked at and found, kept so that one scanner can be run again alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.scan.findings import Finding
from tests.servers.processes import ROOT

KEPT: Final = ROOT / "data" / "scans"


@dataclass(frozen=True)
class Outcome:
    scanner: str
    version: str
    looked_at: str
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)
    part: str = ""  # of a scanner that runs several times
    on: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d %H:%M}")

    @property
    def name(self) -> str:
        return f"{self.scanner}-{self.part}" if self.part else self.scanner


def keep_outcome(outcome: Outcome) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(outcome), ensure_ascii=False, indent=1)
    (KEPT / f"{outcome.name}.json").write_text(text, encoding="utf-8")


def read_outcomes() -> list[Outcome]:
    """The latest of each scanner."""
    return [_read_outcome(path) for path in sorted(KEPT.glob("*.json"))]


def _read_outcome(path: Path) -> Outcome:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Outcome(**{**kept, "findings": [Finding(**each) for each in kept["findings"]]})
