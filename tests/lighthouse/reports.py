"""One page under Lighthouse: what is run, and what its JSON says."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CATEGORIES: Final = ("performance", "accessibility", "best-practices")
FIGURES: Final[list[str]] = []  # a line a page, for the end of the run


@dataclass(frozen=True)
class MeasuredPage:
    address: str
    cookies: str = ""


@dataclass(frozen=True)
class PageReport:
    """Scores of 0 to 100, the layout shift, and the audits that took points away."""

    scores: dict[str, int]
    shift: float
    paint: str
    blocked: str
    faults: dict[str, list[str]]

    def describe(self, name: str) -> str:
        scores = ", ".join(f"{category} {score}" for category, score in self.scores.items())
        times = f"first paint {self.paint}, blocked {self.blocked}"
        return f"{name}: {scores}, layout shift {self.shift:.3f} ({times})"


@dataclass(frozen=True)
class Lighthouse:
    """Lighthouse's mobile measure: a simulated slow network, a processor four times slower."""

    program: Path
    chromium: Path

    def measure(self, page: MeasuredPage) -> PageReport:
        words = [str(self.program), page.address, "--quiet", "--output=json"]
        words += ["--output-path=stdout", f"--only-categories={','.join(CATEGORIES)}"]
        words += ["--chrome-flags=--headless=new --no-sandbox"]
        if page.cookies:
            words.append(f"--extra-headers={json.dumps({'Cookie': page.cookies})}")
        with tempfile.TemporaryDirectory(prefix="mgbrowser-") as home:
            environment = {**os.environ, "CHROME_PATH": str(self.chromium), "HOME": home}
            done = subprocess.run(
                words, env=environment, capture_output=True, text=True, check=False
            )
        assert done.returncode == 0, done.stderr[-3000:]
        return read_report(json.loads(done.stdout), page.address)


def read_report(report: dict[str, Any], address: str) -> PageReport:
    # A redirect to the login would measure another page.
    assert report["finalDisplayedUrl"] == address, report["finalDisplayedUrl"]
    audits, categories = report["audits"], report["categories"]
    return PageReport(
        {name: round(categories[name]["score"] * 100) for name in CATEGORIES},
        float(audits["cumulative-layout-shift"]["numericValue"]),
        audits["first-contentful-paint"]["displayValue"],
        audits["total-blocking-time"]["displayValue"],
        {
            name: [
                f"{audits[ref['id']]['title']} ({ref['id']})"
                for ref in categories[name]["auditRefs"]
                if ref["weight"]
                and (audits[ref["id"]]["score"] or 0) < 1
                and audits[ref["id"]]["scoreDisplayMode"] not in ("notApplicable", "manual")
            ]
            for name in CATEGORIES
        },
    )
