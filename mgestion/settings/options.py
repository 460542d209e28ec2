"""Settings that operators may change: each has a default, a unit and bounds.

A setting module declares them where it needs them (`option.duration("RESET_LINK_LIFE", …)`); the
variable of the environment has the same name. A value that cannot work stops the start with a
sentence that names it. `option.declared` lists them for docs/operations.md and `show_settings`.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar, cast
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
Rate = tuple[int, timedelta]

_UNITS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_SIZES: Final = {"kB": 1024, "MB": 1024**2}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EMAIL: Final = re.compile(r"[^@\s<>,;:\"]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """A variable. `parse` raises ValueError for what `allowed` does not describe."""

    name: str
    default: str  # as an operator writes it
    allowed: str
    about: str
    parse: Callable[[str], T]

    def read(self, variables: Mapping[str, str]) -> T:
        """The value, typed. Raises ImproperlyConfigured; an empty value is one that is wrong."""
        text = variables.get(self.name, self.default)
        try:
            return self.parse(text.strip())
        except ValueError:
            raise ImproperlyConfigured(
                f"{self.name}={text!r}: {self.allowed}. Without the variable: {self.default!r}."
            ) from None


class Options:
    """Reads options from `variables`, and remembers what was declared."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.declared: dict[str, Option[object]] = {}

    def declare(
        self, name: str, default: str, allowed: str, about: str, parse: Callable[[str], T]
    ) -> T:
        option = Option(name, default, allowed, about, parse)
        self.declared[name] = cast("Option[object]", option)
        return option.read(self.variables)

    def duration(
        self, name: str, default: str, low: str, high: str, about: str, *, whole: str = ""
    ) -> timedelta:
        """« 90s », « 15min », « 72h », « 30d ». `whole`: a unit that pages count in."""
        allowed = f"a number with s, min, h or d, from {low} to {high}"
        if whole:
            allowed += f", whole {whole}"
        first, last = parse_duration(low), parse_duration(high)
        step = timedelta(seconds=_UNITS[whole or "s"])

        def parse(text: str) -> timedelta:
            found = _within(parse_duration(text), first, last)
            if found % step:
                raise ValueError(text)
            return found

        return self.declare(name, default, allowed, about, parse)

    def days(self, name: str, default: int, low: int, high: int, about: str) -> int:
        """Whole calendar days: « 15d »."""
        allowed = f"whole days written like {default}d, from {low}d to {high}d"
        return self.declare(
            name, f"{default}d", allowed, about, lambda text: _within(_parse_days(text), low, high)
        )

    def period(self, name: str, default: int, low: int, high: int, about: str) -> timedelta:
        """The same as a timedelta, for what purges compute."""
        return timedelta(days=self.days(name, default, low, high, about))

    def count(self, name: str, default: int, low: int, high: int, about: str) -> int:
        allowed = f"a whole number without a unit, from {low} to {high}"
        return self.declare(
            name, str(default), allowed, about, lambda text: _within(_parse_count(text), low, high)
        )

    def rates(self, name: str, default: str, about: str) -> tuple[Rate, ...]:
        """« 5/1h,20/1d »: how many, in how long."""
        allowed = "one or more number/duration with commas between, like 5/1h,20/1d"
        return self.declare(name, default, allowed, about, _parse_rates)

    def rate(self, name: str, default: str, about: str) -> Rate:
        allowed = f"a number/duration like {default}, at least 1 in at most 7d"
        return self.declare(name, default, allowed, about, _parse_rate)

    def share(self, name: str, default: str, low: str, high: str, about: str) -> float:
        """« 2% »."""
        allowed = f"a percentage from {low} to {high}"
        first, last = _parse_share(low), _parse_share(high)
        return self.declare(
            name, default, allowed, about, lambda text: _within(_parse_share(text), first, last)
        )

    def size(self, name: str, default: str, low: str, high: str, about: str) -> int:
        """« 10MB » in bytes, of 1,024 to the power."""
        allowed = f"a number with kB or MB, from {low} to {high}"
        first, last = _parse_size(low), _parse_size(high)
        return self.declare(
            name, default, allowed, about, lambda text: _within(_parse_size(text), first, last)
        )

    def switch(self, name: str, default: str, about: str) -> bool:
        return self.declare(name, default, "on or off (or 1 or 0)", about, parse_switch)

    def choice(self, name: str, default: str, choices: Sequence[str], about: str) -> str:
        allowed = f"one of {', '.join(choices)}"

        def parse(text: str) -> str:
            if text not in choices:
                raise ValueError(text)
            return text

        return self.declare(name, default, allowed, about, parse)

    def months(self, name: str, default: str, about: str) -> tuple[int, ...]:
        allowed = "numbers of months from 1 to 12 with commas between"
        return self.declare(
            name,
            default,
            allowed,
            about,
            lambda text: tuple(_within(_parse_count(part), 1, 12) for part in text.split(",")),
        )

    def weekdays(self, name: str, default: str, about: str) -> tuple[int, ...]:
        """« mon,tue »; Monday is 0."""
        allowed = f"days among {','.join(_WEEKDAYS)} with commas between"
        return self.declare(name, default, allowed, about, _parse_weekdays)

    def hours(self, name: str, default: str, about: str) -> tuple[int, int]:
        """« 8-19 »: from the first hour to the last one, which is left out."""
        allowed = "two hours of the day from 0 to 24 like 8-19, the smaller one first"
        return self.declare(name, default, allowed, about, _parse_hours)

    def email(self, name: str, default: str, about: str) -> str:
        return self.declare(name, default, "an e-mail address", about, parse_email)

    def https_url(self, name: str, default: str, about: str) -> str:
        return self.declare(name, default, "https:// and a host", about, _parse_https_url)


def parse_duration(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,9})(s|min|h|d)", text)
    if not found:
        raise ValueError(text)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def parse_switch(text: str) -> bool:
    """Nothing else than what is listed: « oui » must not turn a kill switch off."""
    known = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


N = TypeVar("N", int, float, timedelta)


def _within(value: N, low: N, high: N) -> N:
    if not low <= value <= high:
        raise ValueError(value)
    return value


def _parse_count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):  # int() takes « +5 », « 1_0 » and Arabic digits
        raise ValueError(text)
    return int(text)


def _parse_days(text: str) -> int:
    if not text.endswith("d"):
        raise ValueError(text)
    return _parse_count(text[:-1])


def _parse_rate(text: str) -> Rate:
    most, _, period = text.partition("/")
    span = _within(parse_duration(period), timedelta(seconds=1), timedelta(days=7))
    return _within(_parse_count(most), 1, 1_000_000), span


def _parse_rates(text: str) -> tuple[Rate, ...]:
    return tuple(_parse_rate(part) for part in text.split(","))


def _parse_share(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?%", text):
        raise ValueError(text)
    return round(float(text[:-1]) / 100, 6)


def _parse_size(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})(kB|MB)", text)
    if not found:
        raise ValueError(text)
    return int(found[1]) * _SIZES[found[2]]


def _parse_weekdays(text: str) -> tuple[int, ...]:
    return tuple(sorted({_WEEKDAYS.index(part) for part in text.split(",")}))


def _parse_hours(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    found = _within(_parse_count(first), 0, 24), _within(_parse_count(last), 0, 24)
    if found[0] >= found[1]:
        raise ValueError(text)
    return found


def parse_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(text)
    return text


def _parse_https_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or re.search(r"[\s\"'<>]", text):
        raise ValueError(text)
    return text


option = Options(os.environ)
