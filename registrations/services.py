"""« Mes services en ligne »: every platform and where the person stands with it (D47)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from accounts.habilitations.enums import Dashboard, EstablishmentKind
from accounts.habilitations.models import Access, Platform
from accounts.habilitations.querysets import (
    MGESTION,
    MGESTION_TRAINING,
    mgestion_platform,
)
from mgestion.dates import french_date, paris_date
from registrations.models import Request

_FOR_TRAINING: Final = "-of"
_FOR_COMPANIES: Final = "-entreprise"


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


@dataclass(frozen=True, slots=True)
class Person:
    """What the tiles read of a person. `last`: platform key → last activity there."""

    accesses: Sequence[Access]
    open_requests: Sequence[Request]
    kinds: frozenset[str]  # the types of establishment that he has, or has asked for
    last: Mapping[int, datetime]


def tiles(platforms: Sequence[Platform], person: Person) -> list[Tile]:
    """Open ones first, then those asked for, then those he may ask for, then the others; each in
    the platforms' order.
    """
    held: dict[str, list[Access]] = {}
    for access in person.accesses:
        held.setdefault(access.platform.code, []).append(access)
    asked = {mgestion_platform(request.kind): request for request in reversed(person.open_requests)}
    made = []
    for platform in platforms:
        if not platform.listed and platform.code not in held:
            continue
        mine, request = held.get(platform.code, []), asked.get(platform.code)
        if mine:
            made.append((0, _open(platform, mine, person.last.get(platform.pk))))
        elif request is not None:
            made.append((1, _waiting(platform, request)))
        elif not _fits(platform, person.kinds):
            made.append((3, _not_for_him(platform)))
        else:
            made.append((2, _closed(platform)))
    return [tile for _, tile in sorted(made, key=lambda pair: pair[0])]


def _title(platform: Platform) -> str:
    return platform.tile_title or platform.name


def _open(platform: Platform, accesses: Sequence[Access], last: datetime | None) -> Tile:
    """One click to enter, by the single login where the platform takes tickets."""
    names = [access.establishment.name for access in accesses]
    meta = names[0] if len(names) == 1 else f"{names[0]} et {len(names) - 1} de plus"
    if last is not None:
        meta = f"{meta} · Dernière utilisation\u00a0: {french_date(paris_date(last))}"
    title = _title(platform)
    if platform.maintenance_message:
        return Tile(title, platform.maintenance_message, "", "", meta, "warn", "En maintenance")
    if platform.code in MGESTION:
        url = reverse("registrations:landing")
    elif platform.entry_url:
        url = f"{reverse('cas:login')}?{urlencode({'service': platform.entry_url})}"
    else:
        url = platform.home_url
    return Tile(title, platform.description, url, f"Ouvrir {title}", meta, "ok", "Accès ouvert")


def _waiting(platform: Platform, request: Request) -> Tile:
    url = reverse("registrations:request_status", args=[request.reference])
    return Tile(
        _title(platform),
        platform.description,
        url,
        "Suivre ma demande",
        request.company_name,
        "wait",
        "Demande en cours",
    )


def _closed(platform: Platform) -> Tile:
    title = _title(platform)
    if platform.code not in MGESTION:
        meta = "L’accès est ouvert par votre délégation."
        return Tile(title, platform.description, "", "", meta, "neutral", "Sans accès")
    url = reverse("registrations:request_new")
    if platform.code == MGESTION_TRAINING:
        url = f"{url}?branche={Dashboard.OF}"
    action = f"Demander un accès à {title}"
    return Tile(title, platform.description, url, action, "", "neutral", "Sans accès")


def _not_for_him(platform: Platform) -> Tile:
    meta = (
        "Réservée aux CFA et aux organismes de formation."
        if platform.code.endswith(_FOR_TRAINING)
        else "Réservée aux entreprises."
    )
    return Tile(
        _title(platform), platform.description, "", "", meta, "neutral", "Pas pour votre profil"
    )


def _fits(platform: Platform, kinds: frozenset[str]) -> bool:
    """The registry has twins for companies and for training (D38): each is for its own."""
    if not kinds:
        return True
    if platform.code.endswith(_FOR_TRAINING):
        return bool(kinds - {EstablishmentKind.ENTREPRISE})
    return EstablishmentKind.ENTREPRISE in kinds or not platform.code.endswith(_FOR_COMPANIES)
