"""Accounts for demonstrations and tests: made as the real road makes them, without the mails."""

from datetime import datetime
from typing import Any

from accounts.people.addresses import fold
from accounts.people.enums import Status
from accounts.people.models import User, created_facts
from accounts.people.search_words import index_accounts


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
        "email_key": fold(email),
        "first_name": first_name,
        "last_name": last_name,
        "phone": phone,
        "status": Status.ACTIVE,
        **created_facts(now),
        **fields,
    }
    user = User(**facts)
    user.set_password(password)
    user.save()
    index_accounts([user])
    return user
