"""« Mes services en ligne »: every platform and where the person stands with it (D47)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.habilitations.enums import Dashboard
from accounts.habilitations.models import Access, Platform
from accounts.habilitations.querysets import (
    MGESTION,
    MGESTION_TRAINING,
    mgestion_platform,
)
from registrations.models import Request


@dataclass(frozen=True, slots=True)
class Tile:
    """A service as `components/tile.html` shows it; without `url` it leads nowhere yet."""

    title: str
    text: str
    url: str
    action: str
    meta: str
    badge_kind: str
    badge_text: str


def tiles(
    platforms: Sequence[Platform], accesses: Sequence[Access], requests: Sequence[Request]
) -> list[Tile]:
    """Open ones first, then those asked for, then the others, each in the platforms' order."""
    held: dict[str, list[Access]] = {}
    for access in accesses:
        held.setdefault(access.platform.code, []).append(access)
    asked = {mgestion_platform(request.kind): request for request in reversed(requests)}
    made = [
        (_rank(platform, held, asked), _tile(platform, held.get(platform.code, []), asked))
        for platform in platforms
    ]
    return [tile for _, tile in sorted(made, key=lambda pair: pair[0])]


def _rank(platform: Platform, held: dict[str, list[Access]], asked: dict[str, Request]) -> int:
    if platform.code in held:
        return 0
    return 1 if platform.code in asked else 2


def _tile(platform: Platform, accesses: list[Access], asked: dict[str, Request]) -> Tile:
    title, text = platform.name, platform.description
    if accesses:
        names = [access.establishment.name for access in accesses]
        meta = names[0] if len(names) == 1 else f"{names[0]} et {len(names) - 1} de plus"
        url = reverse("registrations:landing") if platform.code in MGESTION else platform.home_url
        return Tile(title, text, url, f"Ouvrir {title}", meta, "ok", "Accès ouvert")
    request = asked.get(platform.code)
    if request is not None:
        url = reverse("registrations:request_status", args=[request.reference])
        return Tile(
            title, text, url, "Suivre ma demande", request.company_name, "wait", "Demande en cours"
        )
    if platform.code in MGESTION:
        url = reverse("registrations:request_new")
        if platform.code == MGESTION_TRAINING:
            url = f"{url}?branche={Dashboard.OF}"
        return Tile(title, text, url, f"Demander un accès à {title}", "", "neutral", "Sans accès")
    return Tile(
        title, text, "", "", "L’accès est ouvert par votre délégation.", "neutral", "Sans accès"
    )
