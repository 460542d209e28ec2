"""The ten main pages under Lighthouse's mobile measure, read from its JSON.

Scores of performance depend on the machine, which is why `make test` leaves these tests out. What
does not depend on it is proven there too: axe finds nothing (tests/browser), nothing shifts and the
console stays empty (tests/browser/test_phone.py). Scores for search engines are left out: most of
these pages tell them to stay away.
"""

from typing import Final

import pytest

from tests.lighthouse.conftest import MeasuredPages
from tests.lighthouse.reports import FIGURES, Lighthouse

pytestmark = pytest.mark.lighthouse
LEAST_PERFORMANCE: Final = 95
MOST_SHIFT: Final = 0.05
TRIES: Final = 3  # a busy moment lowers a score, none raises it: the best one counts


@pytest.mark.parametrize(
    "name",
    (
        *("login", "sign-up", "mail sent", "help", "terms"),
        *("request form", "request, followed", "dashboard", "my services", "my account"),
    ),
)
def test_a_main_page_is_fast_still_and_without_a_fault_on_a_phone(
    name: str, lighthouse: Lighthouse, pages: MeasuredPages
) -> None:
    page = pages.find_page(name)
    for _ in range(TRIES):
        report = lighthouse.measure(page)
        if report.scores["performance"] >= LEAST_PERFORMANCE:
            break
    FIGURES.append(report.describe(name))
    assert report.scores["performance"] >= LEAST_PERFORMANCE, report.faults["performance"]
    assert report.shift <= MOST_SHIFT
    for category in ("accessibility", "best-practices"):
        assert report.scores[category] == 100, report.faults[category]
