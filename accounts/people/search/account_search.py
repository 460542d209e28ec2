"""Accounts by a text that staff typed."""

from typing import Any

from django.db.models import QuerySet

from accounts.people.addresses import fold_address
from accounts.people.models import AccountWord, User
from mgestion import slots
from mgestion.text.search_words import sought_words


def select_account_keys(text: str) -> "QuerySet[User, Any]":
    """By the beginning of the address, of any word of the names, and by what the packages above
    know. Each way has its index, hence a union of keys instead of one condition.
    """
    term = text.strip()
    keys = User.objects.order_by()
    named = keys
    words = sought_words(term)
    for word in words:
        having = AccountWord.objects.filter(word__startswith=word)
        named = named.filter(pk__in=having.values("user_id"))
    address = fold_address(term)
    others = [search(term) for search in slots.account_search.values()]
    ways = [
        keys.filter(email_key__startswith=address).values("pk") if address else keys.none(),
        *([named.values("pk")] if words else []),
        *(found for found in others if found is not None),
    ]
    return ways[0].union(*ways[1:])
