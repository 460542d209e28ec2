"""The words that a request is found by, and the accounts that these words lead to."""

from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from mgestion.text.search_words import meaningful_words, sought_words, split_words
from registrations.requests.models import Request
from registrations.search.models import RequestWord

MOST: Final = 30  # words of one request
SHORTEST_FRAGMENT: Final = 3  # what a trigram index answers
_NAMED: Final = ("last_name", "first_name", "company_name", "reference", "email_key")


def list_request_words(
    *, last_name: str, first_name: str, company_name: str, reference: str, email_key: str
) -> list[str]:
    """The words of the names, both halves of the reference, and the address without its domain."""
    said = " ".join(
        (
            reference.removeprefix("MG-"),
            last_name,
            first_name,
            email_key.partition("@")[0],
            company_name,
        )
    )
    return meaningful_words(split_words(said))[:MOST]


def build_word_rows(request: Request) -> list[RequestWord]:
    """The index rows of a request, unsaved."""
    words = list_request_words(
        last_name=request.last_name,
        first_name=request.first_name,
        company_name=request.company_name,
        reference=request.reference,
        email_key=request.email_key,
    )
    return [RequestWord(request=request, word=word) for word in words]


def index_request(request: Request) -> None:
    """Rewrite the index rows; call it in the transaction that changes the answers."""
    RequestWord.objects.filter(request=request).delete()
    RequestWord.objects.bulk_create(build_word_rows(request))


def reindex_changed_address(old: str, new: str, person: UUID) -> None:
    """Reindex the requests of an account whose address changed, so that the old address finds
    nothing. The caller has locked the account.
    """
    rows = list(Request.objects.filter(user__public_id=person).only(*_NAMED).order_by("pk"))
    for row in rows:
        row.email_key = new
    Request.objects.bulk_update(rows, ["email_key"])
    RequestWord.objects.filter(request__in=rows).delete()
    RequestWord.objects.bulk_create(each for row in rows for each in build_word_rows(row))


def select_rows_beginning_with(word: str) -> QuerySet[RequestWord]:
    return RequestWord.objects.filter(word__startswith=word)


def select_rows_holding(fragment: str) -> QuerySet[RequestWord]:
    """The index rows that hold it anywhere; none for less than three letters."""
    if len(fragment) < SHORTEST_FRAGMENT:
        return RequestWord.objects.none()
    return RequestWord.objects.filter(word__contains=fragment)


def select_requests_with_words(words: list[str]) -> QuerySet[Request]:
    """The requests where each of `words` begins a word, or stands in one, in any order."""
    rows = Request.objects.order_by()
    for word in words:
        having = select_rows_beginning_with(word)
        if not having.exists():
            having = select_rows_holding(word)
        rows = rows.filter(pk__in=having.values("request_id"))
    return rows


def select_accounts_by_words(text: str) -> "QuerySet[Request, Any] | None":
    """The ids of the accounts whose requests match, so that a company name finds its people."""
    words = sought_words(text)
    return select_requests_with_words(words).values("user_id") if words else None
