"""« Mon établissement »: the accounts that an Administrateur sees, and what they may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import select_open_accesses
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.people.presenting import format_last_day
from mgestion.text.dates import french_month
from registrations.enrolment.request_presentation import StatusBadge

PER_PAGE: Final = 50
_BADGES: Final = {
    Status.PENDING: StatusBadge("neutral", "En attente du mot de passe"),
    Status.ACTIVE: StatusBadge("ok", "Actif"),
    Status.DEACTIVATED_INACTIVE: StatusBadge("warn", "Désactivé pour inactivité"),
    Status.DEACTIVATED_BY_ADMIN: StatusBadge("stop", "Désactivé"),
    Status.CLOSING: StatusBadge("warn", "Fermeture demandée"),
    Status.SUSPENDED: StatusBadge("stop", "Suspendu"),
}


@dataclass(frozen=True, slots=True)
class Colleague:
    """A line of the page. `whole`: deactivating ends the account, not only the accesses here.

    `refusal` says why nothing may be done to this account, or is empty.
    """

    person: User
    accesses: tuple[Access, ...]
    badge: StatusBadge
    last_seen: str
    last_day: str
    whole: bool
    refusal: str
    may_deactivate: bool
    may_reactivate: bool

    @property
    def dialog_id(self) -> str:
        return f"desactiver-{self.person.public_id}"

    @property
    def field_id(self) -> str:
        return f"motif-{self.person.public_id}"

    @property
    def dialog_title(self) -> str:
        act = "Désactiver le compte" if self.whole else "Terminer les accès"
        return f"{act} de {self.person}\u202f?"

    @property
    def roles(self) -> list[tuple[str, str]]:
        """(platform, role)."""
        return [(access.platform.name, access.get_role_display()) for access in self.accesses]


def list_administered_establishments(user: User) -> list[Establishment]:
    """The establishments where `user` is Administrateur, by name; empty for an inactive account."""
    if not user.is_active:
        return []
    held = select_open_accesses(user).filter(role__in=ADMINISTRATOR_ROLES)
    found = {access.establishment_id: access.establishment for access in held}
    return sorted(found.values(), key=lambda place: (place.name, place.siret, place.kind))


def select_establishment_people(establishment: Establishment) -> QuerySet[User]:
    """The holders of an open access there, except accounts that wait for their password."""
    held = Access.objects.open().filter(establishment=establishment)
    return (
        User.objects.filter(pk__in=held.values("user_id"))
        .exclude(status=Status.PENDING)
        .order_by("last_name", "first_name", "pk")
    )


def find_people_active_elsewhere(
    user_ids: Sequence[int], mine: Sequence[Establishment]
) -> set[int]:
    """The ids among `user_ids` with an access, open or suspended, outside the establishments
    `mine`. A suspended access counts, because OPCO may restore it.
    """
    others = Access.objects.open_or_suspended().filter(user_id__in=user_ids)
    return set(others.exclude(establishment__in=mine).order_by().values_list("user_id", flat=True))


def build_colleagues(
    viewer: User, establishment: Establishment, mine: Sequence[Establishment], people: list[User]
) -> list[Colleague]:
    """The lines of `people`, in two queries."""
    ids = [person.pk for person in people]
    held: dict[int, list[Access]] = {}
    rows = Access.objects.open().filter(establishment=establishment, user_id__in=ids)
    for access in rows.select_related("platform").order_by("platform__position", "pk"):
        held.setdefault(access.user_id, []).append(access)
    away = find_people_active_elsewhere(ids, mine)
    return [
        build_colleague(viewer, person, tuple(held.get(person.pk, ())), whole=person.pk not in away)
        for person in people
    ]


def build_colleague(
    viewer: User, person: User, accesses: tuple[Access, ...], *, whole: bool
) -> Colleague:
    """The line of one account. Pure."""
    refusal = _explain_refusal(viewer, person)
    status = Status(person.status)
    return Colleague(
        person=person,
        accesses=accesses,
        badge=_BADGES[status],
        last_seen=french_month(person.last_activity_at) if person.last_activity_at else "jamais",
        last_day=format_last_day(person),
        whole=whole,
        refusal=refusal,
        may_deactivate=not refusal and status == Status.ACTIVE,
        may_reactivate=not refusal and status == Status.DEACTIVATED_BY_ADMIN,
    )


def find_colleague(
    viewer: User, establishment_key: str, public_id: UUID
) -> tuple[Establishment, list[Establishment], User] | None:
    """The establishment and the account of a URL, with the viewer's establishments; None if the
    viewer may not see them.
    """
    mine = list_administered_establishments(viewer)
    place = next((place for place in mine if place.key == establishment_key), None)
    if place is None:
        return None
    person = select_establishment_people(place).filter(public_id=public_id).first()
    return None if person is None else (place, mine, person)


def _explain_refusal(viewer: User, person: User) -> str:
    if person.pk == viewer.pk:
        return "C’est votre propre compte."
    if person.is_staff or person.is_superuser:
        return "Le compte d’un agent se gère chez OPCO Mobilités."
    return ""
