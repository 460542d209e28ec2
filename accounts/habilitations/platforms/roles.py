"""What each role may do on each platform, for who asks for one or grants one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform, RoleText

# (platform key, or None for the general text; role) → lines
Texts = Mapping[tuple[int | None, str], list[str]]


@dataclass(frozen=True, slots=True)
class RoleShown:
    """One role on one platform. `lines`: its text there, else the general one."""

    role: Role
    lines: list[str]
    specific: bool


@dataclass(frozen=True, slots=True)
class RolesPage:
    """A platform and the roles that it knows; none: it publishes none, and any of the seven may
    be granted there.
    """

    platform: Platform
    roles: list[RoleShown]


def list_role_texts(platforms: Iterable[Platform] = ()) -> Texts:
    """The general texts, and those of `platforms`. One statement."""
    rows = RoleText.objects.filter(Q(platform__isnull=True) | Q(platform__in=list(platforms)))
    return {(row.platform_id, row.role): row.lines for row in rows}


def build_roles_page(platform: Platform, known: Texts | None = None) -> RolesPage:
    said = list_role_texts([platform]) if known is None else known
    shown = [
        RoleShown(
            role,
            said.get((platform.pk, role)) or said.get((None, role), []),
            (platform.pk, role) in said,
        )
        for role in Role
        if role in platform.roles
    ]
    return RolesPage(platform, shown)


def list_roles_pages(platforms: Iterable[Platform]) -> list[RolesPage]:
    rows = list(platforms)
    known = list_role_texts(rows)
    return [build_roles_page(platform, known) for platform in rows]
