"""Counts of the establishments in an agent's scope that need attention, for the admin's home."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.habilitations.accesses.querysets import (
    in_staff_scope,
    select_establishments_without_administrator,
)
from accounts.habilitations.staff.permissions import Staff
from registrations.establishments import access_reviews


@dataclass(frozen=True, slots=True)
class EstablishmentFigure:
    label: str
    value: int
    url: str
    tone: str


def count_establishments_to_watch(staff: Staff, now: datetime) -> list[EstablishmentFigure]:
    orphans = select_establishments_without_administrator().filter(in_staff_scope(staff)).order_by()
    silent = access_reviews.select_overdue_reviews(now).filter(
        in_staff_scope(staff, "establishment__")
    )
    return [
        _build_figure(
            "Établissements sans administrateur",
            orphans.count(),
            f"{reverse('admin:habilitations_establishment_changelist')}?administrateur=aucun",
        ),
        _build_figure(
            "Vérifications d’accès sans réponse",
            silent.count(),
            f"{reverse('admin:registrations_accessreview_changelist')}?etat=sans-reponse",
        ),
    ]


def _build_figure(label: str, value: int, url: str) -> EstablishmentFigure:
    return EstablishmentFigure(label, value, url, "is-amber" if value else "")
