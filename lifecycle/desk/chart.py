"""A small chart drawn on the server, 600 by 160; its values stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP, LEFT = 600, 160, 12, 40


@dataclass(frozen=True, slots=True)
class ChartCurve:
    """Coordinates as SVG wants them. `peak`: the highest value, at the top of the scale."""

    line: str
    area: str
    peak: int
    width: int = WIDTH
    height: int = HEIGHT

    @classmethod
    def of(cls, values: Sequence[int]) -> "ChartCurve":
        """Each day keeps its value over its own width: a slope would draw what never was."""
        peak = max(values, default=0)
        step = (WIDTH - LEFT) / max(len(values), 1)
        floor = HEIGHT - 20
        points = [
            (
                round(LEFT + (place + edge) * step, 1),
                round(floor - (floor - TOP) * value / max(peak, 1), 1),
            )
            for place, value in enumerate(values)
            for edge in (0, 1)
        ]
        line = " ".join(f"{x},{y}" for x, y in points)
        return cls(line, f"{LEFT},{floor} {line} {WIDTH},{floor}", peak)
