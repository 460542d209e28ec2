"""Sizes of the measures, and lines that say whether a goal is met."""

from __future__ import annotations

import os
from typing import Final

SMALL: Final = os.environ.get("BENCH_SMALL", "") not in ("", "0")
MET, MISSED, NOT_MEASURED = "[met]", "[MISSED]", "[not measured here]"


def size(name: str, full: int, small: int) -> int:
    """The environment variable `name`, else `full`, or `small` under BENCH_SMALL=1: that proves
    that a measure runs, and its figures mean nothing.
    """
    return int(os.environ.get(name) or (small if SMALL else full))


def judge(
    what: str, value: float, goal: float, unit: str = "", *, at_least: bool = False, more: str = ""
) -> str:
    """One line of a report: the figure, its goal, and whether it is met."""
    value = round(value, 3)
    is_met = value >= goal if at_least else value <= goal
    return (
        f"{MET if is_met else MISSED} {what}: {_figure(value)}{unit} "
        f"(goal {'≥' if at_least else '≤'} {goal:g}{unit}){f'; {more}' if more else ''}"
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.3f}"
