"""What leans on a key of the environment: how many rows, and how they move to the first one."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """`count`: (rows, rows under an older key). `reencrypt`: moves these, returns how many; None
    where rows simply expire.
    """

    variable: str
    label: str  # French, for the command
    count: Callable[[], tuple[int, int]]
    reencrypt: Callable[[], int] | None = None
