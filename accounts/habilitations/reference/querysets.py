"""Queries on the tables that route a request."""

from accounts.habilitations.reference import routing
from accounts.habilitations.reference.models import Branch, Department, Dga


def fallback_dga() -> Dga | None:
    """The DGA that receives what has no branch (D6)."""
    return Dga.objects.filter(fallback=True).first()


def unrouted() -> list[str]:
    """What `routing.gaps` finds in the tables as they stand."""
    return routing.gaps(
        branches=Branch.objects.filter(selectable=True, dga__isnull=True),
        departments=Department.objects.filter(selectable=True, delegation__isnull=True),
        fallback_dga=fallback_dga(),
    )
