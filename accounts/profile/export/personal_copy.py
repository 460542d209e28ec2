"""Everything that is held about a person, for that person (R121, S34; GDPR 15 and 20).

Read from the inventory that erasure reads: what one would delete, the other shows.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.leaving.account_erasure import build_data_subjects
from accounts.people.models import User
from mgestion.personal_data import ErasurePolicy, Row, list_entries
from mgestion.text.dates import french_moment

_END = {
    ErasurePolicy.DELETE: "supprimé avec le compte",
    ErasurePolicy.ANONYMISE: "gardé sans lien avec vous",
    ErasurePolicy.KEEP_PSEUDONYMOUS: "gardé sous un identifiant qui ne mène plus à vous",
}


@dataclass(frozen=True, slots=True)
class CopySection:
    """What one entry of the inventory holds. `name` is its key, for programs and tests."""

    name: str
    title: str
    period: str
    why: str
    at_deletion: str
    rows: list[Row]


def list_sections(user: User) -> list[CopySection]:
    """The sections that hold something, in the order of the privacy page."""
    people = build_data_subjects([user])
    found = []
    for name, entry in sorted(
        list_entries(), key=lambda item: (item[1].kept.position, item[1].title)
    ):
        rows = entry.export(people)
        if rows:
            kept = entry.kept
            end = _END[entry.policy]
            found.append(CopySection(name, entry.title, kept.period(), kept.why, end, rows))
    return found


def collect_personal_copy(user: User, now: datetime) -> dict[str, Any]:
    """The same for a program; labels in French, since a person reads it too."""
    return {
        "document": "Vos données – Espace de connexion OPCO Mobilités",
        "établi le": french_moment(now),
        "rubriques": [
            {
                "rubrique": section.title,
                "conservation": section.period,
                "raison": section.why,
                "à la suppression du compte": section.at_deletion,
                "lignes": section.rows,
            }
            for section in list_sections(user)
        ],
    }
