"""The people behind opaque references, for the pages of staff."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.people.models import User


def find_names(references: Iterable[UUID | None]) -> dict[UUID, str]:
    """The agents and people behind opaque references, those whose accounts exist: one statement."""
    known = {reference for reference in references if reference is not None}
    if not known:
        return {}
    return {user.public_id: str(user) for user in User.objects.filter(public_id__in=known)}


def find_address(reference: UUID) -> str | None:
    """The address of the account behind an opaque reference, as it is now."""
    return User.objects.filter(public_id=reference).values_list("email", flat=True).first()


def get_display_name(reference: UUID | None, names: Mapping[UUID, str] | None = None) -> str:
    """The agent or the person behind an opaque reference, while the account exists. `names`: what
    `find_names` found for a whole page.
    """
    if reference is None:
        return "Le portail"
    found = (find_names([reference]) if names is None else names).get(reference)
    return found or f"Un compte supprimé ({str(reference)[:8]})"
