"""How long to wait before trying again. Pure."""

from datetime import timedelta


def back_off(tries: int, *, first: timedelta, longest: timedelta, factor: int = 2) -> timedelta:
    """After the n-th failed try (`tries` ≥ 1): `first`, then `factor` times more each time, at most
    `longest`.
    """
    steps = min(max(tries - 1, 0), 15)  # far beyond, a timedelta would overflow
    return min(first * int(factor**steps), longest)
