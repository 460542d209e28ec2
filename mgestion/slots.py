"""The registry of what higher applications provide to lower ones, filled in `AppConfig.ready()`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast
from uuid import UUID

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db.models import Exists, Q, QuerySet
    from django.http import HttpRequest, HttpResponse

    from accounts.people.to_do import ToDoSource
    from mgestion.admin.home_notices import HomeLine
    from mgestion.admin.related_rows import RelatedRows
    from mgestion.admin.row_kinds import RowKind
    from mgestion.jobs.scheduled import ScheduledJob
    from mgestion.journal.words import JournalWords
    from mgestion.key_uses import KeyUse
    from mgestion.outbox.catalogue.kinds import MailKind
    from mgestion.outbox.models import Mail
    from mgestion.personal_data import PersonalData
    from mgestion.web.programs import Refusal

T = TypeVar("T")


class Slot(Generic[T]):
    """Named entries of one kind; each name is registered once.

    An entry may be a dotted path: it is imported at its first use, so that a worker does not load
    what only the admin or the demo needs.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, T | str] = {}

    def register(self, key: str, entry: T | str) -> None:
        if key in self._entries and self._entries[key] is not entry:
            raise ValueError(f"{self.name}: {key!r} is registered already")
        self._entries[key] = entry

    def register_all(self, entries: Mapping[str, T]) -> None:
        for key, entry in entries.items():
            self.register(key, entry)

    def __getitem__(self, key: str) -> T:
        entry = self._entries[key]
        return cast("T", import_string(entry) if isinstance(entry, str) else entry)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def items(self) -> list[tuple[str, T]]:
        return [(key, self[key]) for key in self]

    def values(self) -> list[T]:
        return [self[key] for key in self]


class RateLimit(Protocol):
    """Counts one event; returns the seconds to wait, 0 when allowed."""

    def __call__(self, key: str, rate: tuple[int, timedelta], *, now: datetime) -> int: ...


class AccountStateChange(Protocol):
    """Called in the transaction of the change, when accounts become usable or unusable."""

    def __call__(self, user_ids: Collection[int], active: bool, *, now: datetime) -> None: ...


class IdentityChange(Protocol):
    """Called in the transaction of the change; `fields`: names of the changed fields."""

    def __call__(self, user_id: int, fields: Collection[str], *, now: datetime) -> None: ...


# Mails: kinds by code; guards raise Refused when a failed mail must not be sent again as it is
mail_kinds: Slot["MailKind"] = Slot("mail_kinds")
resend_guards: Slot["Callable[[Mail], None]"] = Slot("resend_guards")

# Operations
jobs: Slot["ScheduledJob"] = Slot("jobs")  # by the name of its rows in JobRun
# Whether this process can serve (/readyz); what is wrong and no reason to stop serving (/metrics)
readiness: Slot[Callable[[datetime], tuple[bool, str]]] = Slot("readiness")
alarms: Slot[Callable[[datetime], tuple[bool, str]]] = Slot("alarms")
metrics: Slot[Callable[[datetime], Mapping[str, float]]] = Slot("metrics")
metric_words: Slot[Mapping[str, str]] = Slot("metric_words")  # metric → what it says, in English
journal_listeners: Slot[Callable[[str], None]] = Slot("journal_listeners")  # told of each act
key_uses: Slot["KeyUse"] = Slot("key_uses")  # rows that lean on a key of the environment
# Loaded in the order of the keys; `reference` takes whether to overwrite edited rows, and returns
# the lines to print
demo: Slot[Callable[[datetime], object]] = Slot("demo")
reference: Slot[Callable[[datetime, bool], list[str]]] = Slot("reference")
limits: Slot[RateLimit] = Slot("limits")  # « hit »: the counters of accounts.entry

# Requests, by application: the answer to a program whose call is refused early (None: not its
# program); URL parameters masked in logs; URLs open before the terms are accepted; URLs closed to
# search engines.
program_answers: Slot["Callable[[HttpRequest, Refusal], HttpResponse | None]"] = Slot(
    "program_answers"
)
secret_parameters: Slot[tuple[str, ...]] = Slot("secret_parameters")
open_before_terms: Slot[tuple[str, ...]] = Slot("open_before_terms")
private_addresses: Slot[tuple[str, ...]] = Slot("private_addresses")

# Personal data and journal labels
personal_data: Slot["PersonalData"] = Slot("personal_data")
journal_words: Slot["JournalWords"] = Slot("journal_words")  # by label of the app
# By family of acts, for reasons stored in tables that staff edit: codes → labels
reason_words: Slot[Callable[[Collection[str]], Mapping[str, str]]] = Slot("reason_words")
# Public id → name, for staff pages; erased accounts are left out
people: Slot[Callable[[Collection[UUID]], Mapping[UUID, str]]] = Slot("people")
# Public id → the address of the account today; None for an account that does not exist
addresses: Slot[Callable[[UUID], str | None]] = Slot("addresses")

# Staff pages: panels of an account's page and of an access's page, lines of the national
# administrators' home, effects of a change shown before it is saved ({field: (before, after)}),
# more account searches
user_panels: Slot["Callable[[HttpRequest, Any, datetime], Any]"] = Slot("user_panels")
access_panels: Slot["Callable[[HttpRequest, Any], str]"] = Slot("access_panels")
home_lines: Slot["Callable[[datetime], list[HomeLine]]"] = Slot("home_lines")
table_effects: Slot[Callable[[Any, Mapping[str, tuple[Any, Any]]], Iterable[Any]]] = Slot(
    "table_effects"
)
account_search: Slot["Callable[[str], QuerySet[Any, Any] | None]"] = Slot("account_search")

# Staff pages, in the order of the keys: kinds of rows by the journal's word for them
# (`object_type`); which rows belong together
row_kinds: Slot["Mapping[str, RowKind]"] = Slot("row_kinds")
related_rows: Slot["tuple[RelatedRows, ...]"] = Slot("related_rows")

# Accounts: the condition for national administrators other than superusers (on the column that
# holds an account's key), and listeners to changes
administrators: Slot["Callable[[str], Q | Exists]"] = Slot("administrators")
account_state_changes: Slot[AccountStateChange] = Slot("account_state_changes")
identity_changes: Slot[IdentityChange] = Slot("identity_changes")
# (old folded address, new folded address, public id): moves rows that are found by an address
address_changes: Slot[Callable[[str, str, UUID], None]] = Slot("address_changes")

# « À vous de répondre »: what may wait for a person, by the room that knows it
to_do: Slot["ToDoSource"] = Slot("to_do")

# Logins: a sentence for the next page, from the account as before the login; (old id, new id) of a
# session replaced in the same browser, in the transaction of the login; whether platforms opened
# by a session (key) may still be open
login_remarks: Slot[Callable[[Any, datetime], str]] = Slot("login_remarks")
session_successions: Slot[Callable[[UUID, UUID], None]] = Slot("session_successions")
session_holdings: Slot[Callable[[str], bool]] = Slot("session_holdings")
