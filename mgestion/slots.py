"""The only registry: what higher rooms hand to lower ones, filled in `AppConfig.ready()`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast
from uuid import UUID

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db.models import Exists, Q, QuerySet
    from django.http import HttpRequest, HttpResponse

    from mgestion.admin.home_notices import HomeLine
    from mgestion.jobs.scheduled import ScheduledJob
    from mgestion.journal.words import JournalWords
    from mgestion.outbox.kinds import MailKind
    from mgestion.outbox.models import Mail
    from mgestion.personal_data import PersonalData
    from mgestion.web.programs import Refusal

T = TypeVar("T")


class Slot(Generic[T]):
    """Named entries of one kind; a name is taken once.

    An entry may be given as « module.name » of a room: it is imported when it is first asked for,
    so that a worker does not carry what only the administration or a demo shows.
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


class Limit(Protocol):
    """Counts one event; seconds to wait, 0 = go on."""

    def __call__(self, key: str, rate: tuple[int, timedelta], *, now: datetime) -> int: ...


class StandingChange(Protocol):
    """In the transaction of the change: accounts may be used again, or may not for now."""

    def __call__(self, user_ids: Collection[int], active: bool, *, now: datetime) -> None: ...


class IdentityChange(Protocol):
    """In the transaction of the change; `fields`: the names of those that changed."""

    def __call__(self, user_id: int, fields: Collection[str], *, now: datetime) -> None: ...


# Mails: each kind by its code, and why a dead one is not to be sent again as it is (raises Refused)
mail_kinds: Slot["MailKind"] = Slot("mail_kinds")
resend_guards: Slot["Callable[[Mail], None]"] = Slot("resend_guards")

# The portal's own upkeep
jobs: Slot["ScheduledJob"] = Slot("jobs")  # by the name of its rows in JobRun
readiness: Slot[Callable[[datetime], tuple[bool, str]]] = Slot("readiness")
metrics: Slot[Callable[[datetime], Mapping[str, float]]] = Slot("metrics")
# Loaded in the order of the keys; `reference` with whether edited rows are put back, and returns
# lines saying what it did
demo: Slot[Callable[[datetime], object]] = Slot("demo")
reference: Slot[Callable[[datetime, bool], list[str]]] = Slot("reference")
limits: Slot[Limit] = Slot("limits")  # « hit »: the counters of the room `entry`

# Requests: the answer to a program of the room whose call is refused early (None: not its program);
# parameters whose values no log holds; addresses that the terms do not close; addresses of no
# interest to a search engine. By room.
program_answers: Slot["Callable[[HttpRequest, Refusal], HttpResponse | None]"] = Slot(
    "program_answers"
)
secret_parameters: Slot[tuple[str, ...]] = Slot("secret_parameters")
open_before_terms: Slot[tuple[str, ...]] = Slot("open_before_terms")
private_addresses: Slot[tuple[str, ...]] = Slot("private_addresses")

# What is kept, and its French words
personal_data: Slot["PersonalData"] = Slot("personal_data")
journal_words: Slot["JournalWords"] = Slot("journal_words")  # by label of the app
# By family of acts, for reasons that are rows which staff edit: code → words
reason_words: Slot[Callable[[Collection[str]], Mapping[str, str]]] = Slot("reason_words")
# Public id → name, for the pages of staff; who is erased is left out
people: Slot[Callable[[Collection[UUID]], Mapping[UUID, str]]] = Slot("people")

# Pages of staff: panels of an account's page, lines of the national administrators' home, effects
# of a table's change before it is saved ({field: (before, after)}), other ways to find accounts
user_panels: Slot["Callable[[HttpRequest, Any, datetime], Any]"] = Slot("user_panels")
home_lines: Slot["Callable[[datetime], list[HomeLine]]"] = Slot("home_lines")
table_effects: Slot[Callable[[Any, Mapping[str, tuple[Any, Any]]], Iterable[Any]]] = Slot(
    "table_effects"
)
account_search: Slot["Callable[[str], QuerySet[Any, Any] | None]"] = Slot("account_search")

# Accounts: who may administer the portal, superusers apart (condition on the column that holds an
# account's key), and what follows a change
administrators: Slot["Callable[[str], Q | Exists]"] = Slot("administrators")
standing_changes: Slot[StandingChange] = Slot("standing_changes")
identity_changes: Slot[IdentityChange] = Slot("identity_changes")
# (old folded address, new one, public id): rows found by an address follow the person who had it
address_changes: Slot[Callable[[str, str, UUID], None]] = Slot("address_changes")

# Logins: a sentence for the page that follows one, of the account as it stood before; the record
# of a session that the same browser replaces (id, new id), in the transaction of the login; whether
# platforms that a session (key) opened may still be open
login_remarks: Slot[Callable[[Any, datetime], str]] = Slot("login_remarks")
session_successions: Slot[Callable[[UUID, UUID], None]] = Slot("session_successions")
session_holdings: Slot[Callable[[str], bool]] = Slot("session_holdings")
