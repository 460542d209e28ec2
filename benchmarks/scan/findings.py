"""What a scanner says, and the file that explains what is left as it is."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

EXPLANATIONS: Final = Path(__file__).with_name("explanations.toml")


@dataclass(frozen=True, order=True)
class Finding:
    scanner: str
    rule: str  # the scanner's own name for it
    place: str  # a file of the project, an address or the kind of a page
    line: int = 0  # of the file; 0: none
    message: str = ""


@dataclass(frozen=True)
class Explanation:
    """`rule` and `places` are shell patterns."""

    scanner: str
    rule: str
    places: tuple[str, ...]
    reason: str
    count: int | None = None  # exactly so many; None: however many a crawl meets, none included

    def covers(self, finding: Finding) -> bool:
        return (
            finding.scanner == self.scanner
            and fnmatchcase(finding.rule, self.rule)
            and any(fnmatchcase(finding.place, place) for place in self.places)
        )


@dataclass(frozen=True)
class Judgement:
    explained: dict[Explanation, list[Finding]]
    unexplained: list[Finding]
    stale: list[str]  # explanations that no longer fit

    @property
    def clean(self) -> bool:
        return not self.unexplained and not self.stale


def read_explanations(path: Path = EXPLANATIONS) -> list[Explanation]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["explained"]
    return [Explanation(**{**row, "places": tuple(row["places"])}) for row in rows]


def judge_findings(
    findings: Iterable[Finding], explanations: list[Explanation], ran: set[str]
) -> Judgement:
    """`ran`: the scanners that did; explanations of the others are not looked at."""
    explained: dict[Explanation, list[Finding]] = {one: [] for one in explanations}
    unexplained = []
    for finding in sorted(findings):
        for one in explanations:
            if one.covers(finding):
                explained[one].append(finding)
                break
        else:
            unexplained.append(finding)
    stale = []
    for one, found in explained.items():
        if one.scanner in ran and one.count is not None and len(found) != one.count:
            places = ", ".join(f"{place} ({n})" for place, n in _count_places(found)) or "none"
            stale.append(
                f"{one.scanner} {one.rule}: {one.count} are explained, {len(found)} found: {places}"
            )
    return Judgement(explained, unexplained, stale)


def _count_places(found: list[Finding]) -> list[tuple[str, int]]:
    return sorted(Counter(finding.place for finding in found).items())
