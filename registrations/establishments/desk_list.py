"""The establishments of an agent's scope that somebody should look at, for the desk's home."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.habilitations.accesses.querysets import establishments_in_scope, without_administrator
from accounts.habilitations.staff.permissions import Staff
from registrations.establishments import access_reviews


@dataclass(frozen=True, slots=True)
class Watched:
    label: str
    value: int
    url: str
    tone: str


def watched(staff: Staff, now: datetime) -> list[Watched]:
    orphans = without_administrator().filter(establishments_in_scope(staff)).order_by()
    silent = access_reviews.unanswered(now).filter(
        establishments_in_scope(staff, "establishment__")
    )
    return [
        _watched(
            "Établissements sans administrateur",
            orphans.count(),
            f"{reverse('admin:habilitations_establishment_changelist')}?administrateur=aucun",
        ),
        _watched(
            "Vérifications d’accès sans réponse",
            silent.count(),
            f"{reverse('admin:registrations_accessreview_changelist')}?etat=sans-reponse",
        ),
    ]


def _watched(label: str, value: int, url: str) -> Watched:
    return Watched(label, value, url, "is-amber" if value else "")
