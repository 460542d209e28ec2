"""Lines of the home page of the national administrators (`slots.home_lines`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HomeLine:
    """`value`: a figure or a few words; `tone`: a CSS class of the counters, or ""."""

    label: str
    value: str
    url: str
    tone: str = ""


def build_count_line(label: str, count: int, url: str, tone: str = "is-late") -> list[HomeLine]:
    """One line, or none when `count` is 0."""
    return [HomeLine(label, str(count), url, tone)] if count else []
