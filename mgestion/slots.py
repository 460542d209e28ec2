"""The only registry: what higher rooms hand to lower ones, filled in `AppConfig.ready()`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from mgestion.journal.words import JournalWords

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

    def __getitem__(self, key: str) -> T:
        entry = self._entries[key]
        return cast("T", import_string(entry) if isinstance(entry, str) else entry)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def items(self) -> list[tuple[str, T]]:
        return [(key, self[key]) for key in self]


mail_kinds: Slot[Callable[..., Any]] = Slot("mail_kinds")  # (Mail, now) -> Message | None
# Kinds whose reader waits for the mail before the screen (a link or a code to go on with): they
# leave before letters that nobody waits for
awaited_mails: set[str] = set()
# (Mail) -> None, or raises Refused: why a dead mail is not to be sent again as it is
resend_guards: Slot[Callable[..., None]] = Slot("resend_guards")
personal_data: Slot[Any] = Slot("personal_data")
user_panels: Slot[Callable[..., Any]] = Slot("user_panels")
readiness: Slot[Callable[..., Any]] = Slot("readiness")  # (now) -> (ok, text)
metrics: Slot[Callable[..., Any]] = Slot("metrics")  # (now) -> dict[name, value]
demo: Slot[Callable[..., Any]] = Slot("demo")  # (now) -> None, in the order of the keys
# (now, force) -> lines saying what it did; in the order of the keys
reference: Slot[Callable[..., list[str]]] = Slot("reference")
# (key, (how many, period), now=) -> seconds to wait, 0 = go on: the counters of the room `entry`
limits: Slot[Callable[..., int]] = Slot("limits")
# (references) -> {reference: name}, for the pages of staff; who is erased is left out
people: Slot[Callable[[Any], dict[Any, str]]] = Slot("people")
# By label of the app: the acts that it writes in the journal, and their French words
journal_words: Slot["JournalWords"] = Slot("journal_words")
# By family of acts: (codes) -> {code: words}, for reasons that are rows which staff edit
reason_words: Slot[Callable[[Any], dict[str, str]]] = Slot("reason_words")
# (row, {field: (before, after)}) -> effects of a table's change, before it is saved
table_effects: Slot[Callable[..., Any]] = Slot("table_effects")
# (account as it stood before a login, now) -> a sentence for the page that follows it, or ""
login_remarks: Slot[Callable[[Any, Any], str]] = Slot("login_remarks")
# In the transaction of the change: (user ids, active, *, now), when accounts may be used again or
# may not for now
standing_changes: Slot[Callable[..., None]] = Slot("standing_changes")
# (user id, names of the fields that changed, *, now)
identity_changes: Slot[Callable[..., None]] = Slot("identity_changes")
# (old folded address, new one, public id): rows found by an address follow the person who had it
address_changes: Slot[Callable[..., None]] = Slot("address_changes")
# (column that holds an account's key) -> condition: who may administer the portal, superusers apart
administrators: Slot[Callable[[str], Any]] = Slot("administrators")
# (what was typed) -> a query of accounts' keys, or None: other ways to find an account
account_search: Slot[Callable[[str], Any]] = Slot("account_search")
# In the transaction of a login of the same person in the same browser: (id of the session's record
# that it stands for, id of the new one)
session_successions: Slot[Callable[..., None]] = Slot("session_successions")
# (session key) -> whether platforms that the session opened may still be open
session_holdings: Slot[Callable[[str], bool]] = Slot("session_holdings")
# (now) -> lines of the national administrators' home: what waits for somebody (`mgestion.watch`)
home_lines: Slot[Callable[..., Any]] = Slot("home_lines")
