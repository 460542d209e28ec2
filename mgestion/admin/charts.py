"""Where the bars of a chart stand. Pure; whole numbers, which no locale writes with a comma."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 200
LEFT: Final = 44  # for the figures of the scale
TOP: Final = 22  # for the figure above the highest bar
BOTTOM: Final = 28  # for the names under the bars
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    series: int
    words: str
    figure: str = ""  # written above; empty where there are too many bars to read one

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def above(self) -> int:
        return self.y - 6


@dataclass(frozen=True, slots=True)
class Mark:
    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Standing bars, one group a category and one bar a series."""

    code: str
    title: str
    summary: str
    width: int
    bars: list[Bar]
    scale: list[Mark]
    names: list[Mark]
    series: list[str]
    height: int = HEIGHT + TOP + BOTTOM
    left: int = LEFT
    base: int = HEIGHT + TOP

    @property
    def box(self) -> str:
        return f"0 0 {self.width} {self.height}"

    @property
    def names_at(self) -> int:
        return self.base + 19

    @property
    def empty(self) -> bool:
        return not any(bar.height for bar in self.bars)


def step_of(highest: int) -> int:
    """A round distance between two lines of the scale: four lines at most."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size * 4 >= highest:
                return step * size
        size *= 10


def columns(
    code: str,
    title: str,
    summary: str,
    categories: Sequence[str],
    series: Sequence[tuple[str, Sequence[int]]],
    *,
    width: int = 640,
    figures: bool = False,
    named: int = 1,
) -> Columns:
    """`named`: one name in so many is written under its bar."""
    highest = max((value for _, values in series for value in values), default=0)
    step = step_of(max(highest, 1))
    top = step * -(-max(highest, 1) // step)
    group = (width - LEFT) // max(len(categories), 1)
    gap = max(group // 5, 4)
    thick = (group - gap) // max(len(series), 1)
    bars = []
    for place, category in enumerate(categories):
        for number, (name, values) in enumerate(series):
            high = values[place] * HEIGHT // top
            if values[place]:
                high = max(high, 2)  # what exists is seen
            bars.append(
                Bar(
                    x=LEFT + place * group + gap // 2 + number * thick,
                    y=TOP + HEIGHT - high,
                    width=max(thick - 2, 2),
                    height=high,
                    series=number,
                    words=f"{category}, {name.lower()}\u00a0: {values[place]}",
                    figure=str(values[place]) if figures else "",
                )
            )
    return Columns(
        code=code,
        title=title,
        summary=summary,
        width=width,
        bars=bars,
        scale=[
            Mark(TOP + HEIGHT - value * HEIGHT // top, str(value))
            for value in range(0, top + 1, step)
        ],
        names=[
            Mark(LEFT + place * group + group // 2, name)
            for place, name in enumerate(categories)
            if place % named == 0
        ],
        series=[name for name, _ in series],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A lying bar between its name and its figure; the widths are parts of a thousand."""

    name: str
    count: int
    width: int
    share: int


def lines(rows: Sequence[tuple[str, int]]) -> list[Line]:
    """Lying bars, for names too long to stand under a column."""
    total = sum(count for _, count in rows)
    highest = max((count for _, count in rows), default=1)
    return [
        Line(name, count, max(count * 1000 // highest, 4), count * 100 // total)
        for name, count in rows
    ]
