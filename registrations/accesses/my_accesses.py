"""« Mes accès »: what a person holds, by establishment, and what leaving it would mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.people.enums import Status
from accounts.people.models import User
from registrations.requests.models import Request


@dataclass(frozen=True, slots=True)
class HeldEstablishment:
    """An establishment, and the person's open and suspended accesses for it."""

    place: Establishment
    accesses: tuple[Access, ...]


def select_held_accesses(user: User) -> QuerySet[Access]:
    """The open and the suspended accesses of `user`, by establishment, then in the platforms'
    order; those to a closed platform too, for it may open again.
    """
    return (
        Access.objects.open_or_suspended()
        .filter(user=user)
        .select_related("platform", "establishment__department__delegation")
        .order_by(
            "establishment__name",
            "establishment__siret",
            "establishment__kind",
            "platform__position",
            "platform__name",
            "pk",
        )
    )


def group_by_establishment(accesses: Iterable[Access]) -> list[HeldEstablishment]:
    """Pure; the order is that of `accesses`."""
    found: dict[int, list[Access]] = {}
    for access in accesses:
        found.setdefault(access.establishment_id, []).append(access)
    return [HeldEstablishment(rows[0].establishment, tuple(rows)) for rows in found.values()]


def list_held_establishments(user: User) -> list[HeldEstablishment]:
    return group_by_establishment(select_held_accesses(user))


def find_held_access_row(user: User, public_id: UUID) -> Access | None:
    return select_held_accesses(user).filter(public_id=public_id).first()


def find_held_establishment(user: User, key: str) -> HeldEstablishment | None:
    """By the key of the establishment in addresses; one where `user` holds nothing is not found."""
    return next((held for held in list_held_establishments(user) if held.place.key == key), None)


def select_withdrawn_requests(
    user: User, accesses: Sequence[Access], *, everywhere: bool
) -> QuerySet[Request]:
    """The open requests that the end of `accesses`, all of one establishment, withdraws: who is not
    entitled to act there any more asks for nothing there. `everywhere`: on every platform, when the
    whole establishment is left.
    """
    place = accesses[0].establishment
    rows = Request.objects.open().filter(user=user, siret=place.siret, kind=place.kind)
    if not everywhere:
        rows = rows.filter(platform__in=[access.platform_id for access in accesses])
    return rows.select_related("platform").order_by("submitted_at", "pk")


def leaves_no_administrator(accesses: Sequence[Access]) -> bool:
    """Whether the end of `accesses`, all of one establishment, leaves people there without any
    Administrateur: nobody is promoted, the délégation decides (`establishments.orphans`).
    """
    open_ones = [access for access in accesses if access.ended_at is None]
    if not any(access.role in ADMINISTRATOR_ROLES for access in open_ones):
        return False
    left = (
        Access.objects.open()
        .filter(
            establishment=accesses[0].establishment,
            platform__enabled=True,
            user__status=Status.ACTIVE,
        )
        .exclude(pk__in=[access.pk for access in accesses])
    )
    roles = set(left.values_list("role", flat=True))
    return bool(roles) and roles.isdisjoint(ADMINISTRATOR_ROLES)
