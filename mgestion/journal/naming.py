"""Who is behind the opaque ids of some lines of the journal, and what their reasons are called:
asked of the rooms that know, once for a page.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from mgestion import slots
from mgestion.journal.models import Entry
from mgestion.journal.words import author_label, family_of, reason_label

AUTHORS = {
    "person": "personne",
    "staff": "agent",
    "system": "portail",
    "platform": "plateforme",
    "anonymous": "visiteur",
}


@dataclass(frozen=True, slots=True)
class Naming:
    people: dict[UUID, str] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def person(self, reference: UUID | None) -> str:
        """Empty for nobody."""
        if reference is None:
            return ""
        return self.people.get(reference) or f"un compte supprimé ({str(reference)[:8]})"

    def author(self, entry: Entry) -> str:
        """« Nadia Fictive (agent) », « portail (cycle de vie) », « visiteur »."""
        kind = AUTHORS.get(entry.actor_kind, entry.actor_kind)
        reference = _uuid(entry.actor)
        if reference is not None:
            return f"{self.person(reference)} ({kind})"
        name = author_label(entry.actor)
        return f"{kind} ({name})" if name else kind

    def reason(self, entry: Entry) -> str:
        found = self.reasons.get((family_of(entry.act), entry.reason))
        return found or reason_label(entry.act, entry.reason)


def of(entries: Iterable[Entry]) -> Naming:
    """As many statements for one line as for fifty."""
    lines = list(entries)
    references = {line.person for line in lines} | {_uuid(line.actor) for line in lines}
    known = {reference for reference in references if reference is not None}
    people: dict[UUID, str] = {}
    for find in slots.people.values() if known else ():
        people |= find(known)
    reasons: dict[tuple[str, str], str] = {}
    for name, words in slots.reason_words.items():
        codes = {line.reason for line in lines if line.reason and family_of(line.act) == name}
        if codes:
            reasons |= {(name, code): said for code, said in words(codes).items()}
    return Naming(people, reasons)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
