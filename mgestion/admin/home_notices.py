"""What the national administrators' home says of the rooms: what waits for somebody, or stopped."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HomeLine:
    """`value` is a figure or a few words; `tone` one of the counters' classes, or empty."""

    label: str
    value: str
    url: str
    tone: str = ""


def count_line(label: str, count: int, url: str, tone: str = "is-late") -> list[HomeLine]:
    """Nothing when nothing waits."""
    return [HomeLine(label, str(count), url, tone)] if count else []
