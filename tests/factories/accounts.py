"""Accounts for tests, as the real road leaves them."""

from datetime import datetime
from typing import Any

from accounts.people.enums import Status
from accounts.people.models import User
from tests.factories.habilitations import NOW, make_user

__all__ = ["NOW", "make_newcomer", "make_user"]


def make_newcomer(status: str = Status.ACTIVE, *, now: datetime = NOW, **fields: Any) -> User:
    """Somebody who has just made a password: an address and nothing else (D55)."""
    facts = {"first_name": "", "last_name": "", "phone": ""}
    dates = {"created_at": now, "status_since": now, "clock_from": now}
    return make_user(status, **{**facts, **dates, **fields})
