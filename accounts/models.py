"""The tables of this application, for Django; each is defined in its package."""

from accounts.people.models import (
    AccountWord,
    AllowedAddress,
    BlockedPerson,
    User,
)

__all__ = [
    "AccountWord",
    "AllowedAddress",
    "BlockedPerson",
    "User",
]
