"""Types for `slots.demo`: loaders of demo data and demo accounts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One line of the table that `load_demo --print` prints."""

    email: str
    password: str
    role: str
    see: str


@dataclass(frozen=True)
class Demo:
    """`slots.demo.register("10-staff", Demo(load, ACCOUNTS))`; `load(now)` may run twice."""

    load: Callable[[datetime], object]
    accounts: Sequence[DemoAccount] = field(default_factory=tuple)
    note: str = ""  # printed below the table

    def __call__(self, now: datetime) -> object:
        return self.load(now)
