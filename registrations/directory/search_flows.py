"""A search in the company directory for a person who waits: an answer within two seconds, or
silence. A form never depends on it.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.db.models import F

from accounts.entry.limits.rate_limits import count_event
from mgestion.back_off import back_off
from registrations.directory.company_http import HttpCompanyDirectory
from registrations.directory.company_lookup import (
    Company,
    CompanyQuery,
    DirectoryDown,
    is_directory_enabled,
)
from registrations.directory.company_query import InvalidQuery, parse_query
from registrations.directory.known_answers import find_known_answer, keep_answer
from registrations.directory.models import DirectoryCircuit

# Threads of one web process that may wait for the directory. Each process has four threads: one
# always answers. A name that is not resolved in time holds its place until the resolver gives up.
_PLACES: Final = 2
_threads: Final = ThreadPoolExecutor(_PLACES, thread_name_prefix="directory")
_places: Final = threading.BoundedSemaphore(_PLACES)


class SearchState(StrEnum):
    FOUND = "found"
    NONE = "none"
    LATER = "later"  # the directory is silent, or there is none: verified later
    TOO_MANY = "too_many"  # searches of this person
    INVALID = "invalid"  # nothing was asked


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    state: SearchState
    companies: tuple[Company, ...] = ()
    query: CompanyQuery | None = None
    message: str = ""


def search_companies(typed: str, department: str, *, person: str, now: datetime) -> SearchAnswer:
    """Search for `typed`; `person` counts against the rate limit."""
    try:
        query = parse_query(typed, department)
    except InvalidQuery as wrong:
        return SearchAnswer(SearchState.INVALID, message=wrong.message)
    if not is_directory_enabled():
        return SearchAnswer(SearchState.LATER, query=query)
    if count_event(f"company:{person}", settings.COMPANY_SEARCHES_PER_PERSON, now=now):
        return SearchAnswer(SearchState.TOO_MANY, query=query)
    known = find_known_answer(query, now)
    if known is None:
        try:
            known = _ask_directory(query, now)
        except DirectoryDown:
            return SearchAnswer(SearchState.LATER, query=query)
        keep_answer(query, known, now)
    state = SearchState.FOUND if known else SearchState.NONE
    return SearchAnswer(state, tuple(known), query)


def _ask_directory(query: CompanyQuery, now: datetime) -> list[Company]:
    """Ask unless the circuit is open, and count failures in a row."""
    if not claim_call(now):
        raise DirectoryDown("paused")
    try:
        found = _call_within_time(query)
    except DirectoryDown:
        record_failure(now)
        raise
    DirectoryCircuit.objects.filter(failures__gt=0).update(failures=0, silent_until=None)
    return found


def claim_call(now: datetime) -> bool:
    """Whether the directory may be asked. After a pause one call tries, and the others wait for
    what it finds.
    """
    circuit = DirectoryCircuit.objects.first()
    if circuit is None or circuit.failures < settings.COMPANY_FAILURES:
        return True
    tries = DirectoryCircuit.objects.filter(silent_until__lte=now)
    return bool(tries.update(silent_until=now + settings.COMPANY_FIRST_PAUSE))


def record_failure(now: datetime) -> None:
    """One more failure in a row; from COMPANY_FAILURES on, a pause that grows."""
    DirectoryCircuit.objects.get_or_create(pk=1)
    DirectoryCircuit.objects.update(failures=F("failures") + 1)
    failures = DirectoryCircuit.objects.values_list("failures", flat=True).get()
    beyond = failures - settings.COMPANY_FAILURES
    if beyond < 0:
        return
    first, longest = settings.COMPANY_FIRST_PAUSE, settings.COMPANY_LONGEST_PAUSE
    pause = back_off(beyond + 1, first=first, longest=longest)
    DirectoryCircuit.objects.update(silent_until=now + pause)


def _call_within_time(query: CompanyQuery) -> list[Company]:
    """The call in a thread of its own: the resolution of a name has no timeout."""
    timeout: float = settings.COMPANY_SEARCH_TIMEOUT
    directory = HttpCompanyDirectory(settings.COMPANY_DIRECTORY_URL, timeout)
    if not _places.acquire(blocking=False):
        raise DirectoryDown("busy")
    try:
        call = _threads.submit(directory.search, query)
    except BaseException:
        _places.release()
        raise
    call.add_done_callback(lambda _: _places.release())
    try:
        return call.result(timeout)
    except TooLate:
        raise DirectoryDown("timeout") from None
