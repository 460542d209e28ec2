"""« Mes services en ligne »: every platform and where the person stands with it (D47)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.habilitations.enums import Dashboard, EstablishmentKind
from accounts.habilitations.models import Access, Platform, PlatformActivity
from accounts.habilitations.querysets import MGESTION, MGESTION_TRAINING
from accounts.models import User
from mgestion.dates import french_date, paris_date
from registrations.enrolment.request_presentation import ToDo
from registrations.requests.contacts import national_contact
from registrations.requests.querysets import awaited_on_platform, behind_access, open_on_platform

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


@dataclass(slots=True)
class Standing:
    """A platform and what the person has there. `asked`: the newest open request; `suspended`: the
    newest access that is; `awaited`: the request for which a document is awaited, until `until`;
    all as `standings` reads them.
    """

    platform: Platform
    asked: dict[str, str] | None
    suspended: dict[str, str] | None
    awaited: dict[str, str] | None
    until: datetime | None
    last: datetime | None
    held: list[tuple[str, str]] = field(default_factory=list)  # name, type of establishment


def standings(user: User) -> list[Standing]:
    """Every open platform, in their order. One statement: a row for each access that is open, and
    one for each platform without.
    """
    mine = Q(accesses__user=user, accesses__ended_at__isnull=True)
    suspended = Access.objects.filter(
        user=user, platform=OuterRef("pk"), suspended_at__isnull=False
    ).order_by("-suspended_at")
    awaited = awaited_on_platform(user, OuterRef("code"))
    last = PlatformActivity.objects.filter(user=user, platform=OuterRef("pk"))
    rows: Iterable[Any] = (
        Platform.objects.filter(enabled=True)
        .annotate(
            mine=FilteredRelation("accesses", condition=mine),
            place=F("mine__establishment__name"),
            kind=F("mine__establishment__kind"),
            last_at=Subquery(last.values("last_at")[:1]),
            asked=Subquery(
                open_on_platform(user, OuterRef("code")).values(
                    said=JSONObject(reference="reference", company="company_name", kind="kind")
                )[:1]
            ),
            suspended=Subquery(
                suspended.values(
                    said=JSONObject(
                        reason="suspension_reason",
                        place="establishment__name",
                        kind="establishment__kind",
                        contact="establishment__department__delegation__name",
                        email="establishment__department__delegation__email",
                        reference=Subquery(
                            behind_access(user, OuterRef("establishment")).values("reference")[:1]
                        ),
                    )
                )[:1]
            ),
            awaited=Subquery(
                awaited.values(
                    said=JSONObject(reference="request__reference", company="request__company_name")
                )[:1]
            ),
            until=Subquery(awaited.values("deadline_at")[:1]),
        )
        .order_by("position", "name", "-mine__granted_at", "-mine__pk")
    )
    found: dict[int, Standing] = {}
    for row in rows:
        standing = found.setdefault(
            row.pk,
            Standing(row, row.asked, row.suspended, row.awaited, row.until, row.last_at),
        )
        if row.place is not None:
            standing.held.append((row.place, row.kind))
    return list(found.values())


def to_do(found: Sequence[Standing], now: datetime) -> list[ToDo]:
    """What the person is awaited for or may mend, for the banner above the tiles."""
    made = []
    for standing in found:
        said, suspended = standing.suspended, False
        if said and said["reference"] and standing.platform.code in MGESTION:
            suspended = True
            if not standing.awaited or standing.awaited["reference"] != said["reference"]:
                made.append(ToDo(said["reference"], said["place"], None, True, late=False))
                suspended = False
        if standing.awaited and standing.until is not None:
            reference, company = standing.awaited["reference"], standing.awaited["company"]
            late = now >= standing.until
            made.append(ToDo(reference, company, standing.until, suspended, late))
    return made


def tiles(found: Sequence[Standing]) -> list[Tile]:
    """Open ones first, then those suspended, those asked for, those he may ask for, the others;
    each in the platforms' order.
    """
    kinds = frozenset(kind for standing in found for kind in _kinds(standing))
    made = []
    for standing in found:
        if standing.held:
            made.append((0, _open(standing)))
        elif standing.suspended:
            made.append((1, _suspended(standing)))
        elif not standing.platform.listed:
            continue
        elif standing.asked:
            made.append((2, _waiting(standing)))
        elif not _fits(standing.platform, kinds):
            made.append((4, _not_for_him(standing.platform)))
        else:
            made.append((3, _closed(standing.platform)))
    return [tile for _, tile in sorted(made, key=lambda pair: pair[0])]


def _kinds(standing: Standing) -> Iterable[str]:
    """The types of establishment that he has, or has asked for."""
    yield from (kind for _, kind in standing.held)
    yield from (said["kind"] for said in (standing.asked, standing.suspended) if said)


def _title(platform: Platform) -> str:
    return platform.tile_title or platform.name


def _open(standing: Standing) -> Tile:
    """One click to enter, by the single login where the platform takes tickets."""
    platform = standing.platform
    names = [name for name, _ in standing.held]
    meta = names[0] if len(names) == 1 else f"{names[0]} et {len(names) - 1} de plus"
    if standing.suspended:
        meta = f"{meta} · Accès suspendu pour {standing.suspended['place']}"
    if standing.awaited:
        meta = f"{meta} · Un document est attendu de vous"
    if standing.last is not None:
        meta = f"{meta} · Dernière utilisation\u00a0: {french_date(paris_date(standing.last))}"
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


def _suspended(standing: Standing) -> Tile:
    """Why, and the way back: the request that opened the access takes the document; where there is
    none, whom to write to.
    """
    said = standing.suspended or {}
    regional = bool(said["email"])
    if said["reference"] and standing.platform.code in MGESTION:
        url, action = _answer_url(said["reference"]), "Envoyer un document"
    elif regional:
        url, action = f"mailto:{said['email']}", "Écrire à ma délégation"
    else:
        url, action = f"mailto:{national_contact().email}", "Écrire à OPCO Mobilités"
    return Tile(
        _title(standing.platform),
        f"Motif\u00a0: {said['reason']}",
        url,
        action,
        f"{said['place']} · {said['contact']}" if regional else said["place"],
        "stop",
        "Accès suspendu",
    )


def _waiting(standing: Standing) -> Tile:
    said = standing.asked or {}
    badge = ("wait", "Demande en cours")
    url, action = reverse("registrations:request_status", args=[said["reference"]]), ""
    if standing.awaited:
        said, badge = standing.awaited, ("warn", "Document attendu")
        url, action = _answer_url(said["reference"]), "Envoyer le document"
    return Tile(
        _title(standing.platform),
        standing.platform.description,
        url,
        action or "Suivre ma demande",
        said["company"],
        *badge,
    )


def _answer_url(reference: str) -> str:
    """The part of a request's page that takes what the desk awaits."""
    return f"{reverse('registrations:request_status', args=[reference])}#repondre"


def _closed(platform: Platform) -> Tile:
    title = _title(platform)
    if not platform.roles and platform.home_url:  # it takes its own sign-ups (R77)
        meta = "L’inscription se fait sur son site."
        url = platform.home_url
        return Tile(
            title, platform.description, url, f"Aller sur {title}", meta, "neutral", "Sans accès"
        )
    if platform.code not in MGESTION:
        meta = "L’accès est ouvert par votre délégation régionale, à votre demande."
        url, action = settings.CONTACT_URL, "Écrire à OPCO Mobilités"
        return Tile(title, platform.description, url, action, meta, "neutral", "Sans accès")
    url = reverse("registrations:request_new")
    if platform.code == MGESTION_TRAINING:
        url = f"{url}?branche={Dashboard.OF}"
    action = f"Demander un accès à {title}"
    return Tile(title, platform.description, url, action, "", "neutral", "Sans accès")


def _not_for_him(platform: Platform) -> Tile:
    badge = (
        "Pour les CFA et organismes de formation"
        if platform.code.endswith(_FOR_TRAINING)
        else "Pour les entreprises"
    )
    meta = "Elle ne correspond pas au type de votre établissement."
    return Tile(_title(platform), platform.description, "", "", meta, "neutral", badge)


def _fits(platform: Platform, kinds: frozenset[str]) -> bool:
    """The registry has twins for companies and for training (D38): each is for its own."""
    if not kinds:
        return True
    if platform.code.endswith(_FOR_TRAINING):
        return bool(kinds - {EstablishmentKind.ENTREPRISE})
    return EstablishmentKind.ENTREPRISE in kinds or not platform.code.endswith(_FOR_COMPANIES)
