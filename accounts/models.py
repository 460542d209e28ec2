"""The tables of this application, for Django; each is defined in its room."""

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
