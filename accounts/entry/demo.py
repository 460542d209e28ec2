"""Accounts for demonstrations and tests: made as the real road makes them, without the mails."""

from datetime import datetime
from typing import Any

from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import User, get_creation_dates
from accounts.people.search.search_words import index_accounts


def make_account(
    email: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    phone: str = "",
    *,
    now: datetime,
    **fields: Any,
) -> User:
    """An active account with this password; made once, found afterwards (the password is not set
    again).
    """
    found = User.objects.with_address(email)
    if found is not None:
        return found
    facts: dict[str, Any] = {
        "email": email,
        "email_key": fold_address(email),
        "first_name": first_name,
        "last_name": last_name,
        "phone": phone,
        "status": Status.ACTIVE,
        **get_creation_dates(now),
        **fields,
    }
    user = User(**facts)
    user.set_password(password)
    user.save()
    index_accounts([user])
    return user
