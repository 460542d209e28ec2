"""The words that staff find an account by."""

from collections.abc import Iterable

from accounts.people.models import AccountWord, User
from mgestion.text.search_words import meaningful_words, split_words


def list_account_words(*, last_name: str, first_name: str, email_key: str) -> list[str]:
    """The address without its domain: everybody's ends alike."""
    return meaningful_words(split_words(f"{last_name} {first_name} {email_key.partition('@')[0]}"))


def index_accounts(users: Iterable[User]) -> None:
    """In the transaction that made the accounts or changed what they are called."""
    rows = list(users)
    AccountWord.objects.filter(user__in=[user.pk for user in rows]).delete()
    AccountWord.objects.bulk_create(
        AccountWord(user=user, word=word)
        for user in rows
        for word in list_account_words(
            last_name=user.last_name, first_name=user.first_name, email_key=user.email_key
        )
    )
