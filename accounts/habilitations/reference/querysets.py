"""Queries on the tables that route a request."""

from accounts.habilitations.reference import routing
from accounts.habilitations.reference.models import Branch, Department, Dga


def find_fallback_dga() -> Dga | None:
    """The DGA that receives what has no branch."""
    return Dga.objects.filter(fallback=True).first()


def list_unrouted_choices() -> list[str]:
    """What `routing.list_routing_gaps` finds in the tables as they stand."""
    return routing.list_routing_gaps(
        branches=Branch.objects.filter(selectable=True, dga__isnull=True),
        departments=Department.objects.filter(selectable=True, delegation__isnull=True),
        fallback_dga=find_fallback_dga(),
    )
