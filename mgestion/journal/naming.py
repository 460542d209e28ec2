"""Names of the people and reasons of journal entries, looked up once for a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from mgestion import slots
from mgestion.journal.models import Entry
from mgestion.journal.words import get_author_label, get_family, get_reason_label

AUTHOR_KINDS = {
    "person": "personne",
    "staff": "agent",
    "system": "portail",
    "platform": "plateforme",
    "anonymous": "visiteur",
}


@dataclass(frozen=True, slots=True)
class EntryNames:
    people: dict[UUID, str] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def person(self, reference: UUID | None) -> str:
        """The name of a person; "" for None."""
        if reference is None:
            return ""
        return self.people.get(reference) or f"un compte supprimé ({str(reference)[:8]})"

    def author(self, entry: Entry) -> str:
        """« Nadia Fictive (agent) », « portail (cycle de vie) », « visiteur »."""
        kind = AUTHOR_KINDS.get(entry.actor_kind, entry.actor_kind)
        reference = _parse_uuid(entry.actor)
        if reference is not None:
            return f"{self.person(reference)} ({kind})"
        name = get_author_label(entry.actor)
        return f"{kind} ({name})" if name else kind

    def reason(self, entry: Entry) -> str:
        found = self.reasons.get((get_family(entry.act), entry.reason))
        return found or get_reason_label(entry.act, entry.reason)


def find_entry_names(entries: Iterable[Entry]) -> EntryNames:
    """The names for these entries, by a constant number of queries."""
    lines = list(entries)
    references = {line.person for line in lines} | {_parse_uuid(line.actor) for line in lines}
    known = {reference for reference in references if reference is not None}
    people: dict[UUID, str] = {}
    for find in slots.people.values() if known else ():
        people |= find(known)
    reasons: dict[tuple[str, str], str] = {}
    for name, words in slots.reason_words.items():
        codes = {line.reason for line in lines if line.reason and get_family(line.act) == name}
        if codes:
            reasons |= {(name, code): said for code, said in words(codes).items()}
    return EntryNames(people, reasons)


def _parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
