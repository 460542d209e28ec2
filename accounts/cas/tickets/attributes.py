"""What a platform is told of a person: what its row says, and nothing else."""

from collections.abc import Iterable

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Attribute, Principal
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User

_OF_ACCESSES = frozenset({Attribute.ROLE, Attribute.SIRET, Attribute.HABILITATION})


def get_principal(user: User, platform: Platform) -> str:
    """`cas:user`: the permanent opaque identifier, or the address for a platform set so."""
    return user.email if platform.principal == Principal.EMAIL else str(user.public_id)


def list_released_attributes(user: User, platform: Platform) -> list[tuple[str, str]]:
    """Names and values in the registry's order; a name comes once per value, never empty."""
    wanted = [attribute for attribute in Attribute if attribute in platform.attributes]
    accesses = _list_open_accesses(user, platform) if _OF_ACCESSES & set(wanted) else []
    pairs: list[tuple[str, str]] = []
    for attribute in wanted:
        values = _list_values(attribute, user, accesses)
        pairs.extend((str(attribute), value) for value in dict.fromkeys(values) if value)
    return pairs


def _list_open_accesses(user: User, platform: Platform) -> list[Access]:
    return list(
        Access.objects.open()
        .filter(user=user, platform=platform)
        .select_related("establishment")
        .order_by("granted_at", "pk")
    )


def _list_values(attribute: Attribute, user: User, accesses: Iterable[Access]) -> list[str]:
    match attribute:
        case Attribute.MAIL:
            return [user.email]
        case Attribute.GIVEN_NAME:
            return [user.first_name]
        case Attribute.SURNAME:
            return [user.last_name]
        case Attribute.DISPLAY_NAME:
            return [user.full_name]
        case Attribute.PHONE:
            return [user.phone]
        case Attribute.ROLE:
            return [access.role for access in accesses]
        case Attribute.SIRET:
            return [access.establishment.siret for access in accesses]
        case Attribute.HABILITATION:
            return [
                f"{access.establishment.siret}:{access.establishment.kind}:{access.role}"
                for access in accesses
            ]
