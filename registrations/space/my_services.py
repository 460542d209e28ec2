"""« Mes services en ligne »: every platform, with the person's accesses and requests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from accounts.habilitations.accesses.models import Access, PlatformActivity
from accounts.habilitations.enums import EstablishmentKind, WayIn
from accounts.habilitations.platforms.admission import ASKED_ONLINE
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.text.dates import french_date, paris_date
from registrations.enrolment.request_presentation import ToDoItem
from registrations.requests.contacts import get_national_contact
from registrations.requests.document_models import Asking
from registrations.requests.enums import OPEN_STATUSES, RequestStatus
from registrations.requests.models import Request
from registrations.requests.platform_links import build_entry_url, build_form_url


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """A service as `components/tile.html` shows it; without a link when `url` is empty."""

    title: str
    text: str
    url: str
    action: str
    meta: str
    badge_kind: str
    badge_text: str


@dataclass(slots=True)
class MyService:
    """A platform, with the person's accesses, requests and last activity."""

    platform: Platform
    asked_online_by: set[str] = field(default_factory=set)  # types of establishment
    invited: set[str] = field(default_factory=set)  # the types that come by invitation only
    held: list[Access] = field(default_factory=list)  # open, the newest first
    suspended: Access | None = None  # the newest
    behind: str = ""  # the reference of the request that opened the suspended access
    asked: Request | None = None  # the newest open request
    awaited: Asking | None = None  # the open asking with the earliest deadline
    last: datetime | None = None


def load_my_services(user: User) -> list[MyService]:
    """Every enabled platform, in order, with the types that it takes. Four queries."""
    rows = (
        Platform.objects.filter(enabled=True)
        .annotate(rule_kind=F("admission_rules__kind"), rule_way_in=F("admission_rules__way_in"))
        .order_by("position", "name", "pk")
    )
    found: dict[int, MyService] = {}
    for row in rows:
        service = found.setdefault(row.pk, MyService(row))
        if row.rule_way_in in ASKED_ONLINE:
            service.asked_online_by.add(row.rule_kind)
        elif row.rule_way_in == WayIn.INVITATION:
            service.invited.add(row.rule_kind)
    services = list(found.values())
    for service in services:
        service.invited -= service.asked_online_by
    _add_accesses({service.platform.pk: service for service in services}, user)
    _add_requests({service.platform.pk: service for service in services}, user)
    return services


def _add_accesses(services: dict[int, MyService], user: User) -> None:
    for activity in PlatformActivity.objects.filter(user=user, platform__in=services):
        services[activity.platform_id].last = activity.last_at
    accesses = (
        Access.objects.open_or_suspended()
        .filter(user=user, platform__in=services)
        .select_related("establishment__department__delegation")
    )
    for access in accesses.order_by("-suspended_at", "-granted_at", "-pk"):
        service = services[access.platform_id]
        if access.suspended_at is None:
            service.held.append(access)
        else:
            service.suspended = service.suspended or access


def _add_requests(services: dict[int, MyService], user: User) -> None:
    """Add the open request, the open asking, and the request behind a suspended access."""
    requests = list(Request.objects.filter(user=user).order_by("-submitted_at", "-reference"))
    for request in requests:
        service = services.get(request.platform_id)
        if service and request.status in OPEN_STATUSES:
            service.asked = service.asked or request
    askings = Asking.objects.open().filter(request__user=user)
    for asking in askings.select_related("request").order_by("deadline_at", "pk"):
        service = services.get(asking.request.platform_id)
        if service:
            service.awaited = service.awaited or asking
    approved = [request for request in requests if request.status == RequestStatus.APPROVED]
    for service in services.values():
        if service.suspended:
            place = service.suspended.establishment_id
            behind = [
                request
                for request in approved
                if (request.establishment_id, request.platform_id) == (place, service.platform.pk)
            ]
            latest = max(behind, key=_get_decision_order, default=None)
            service.behind = latest.reference if latest else ""


def _get_decision_order(request: Request) -> tuple[datetime, str]:
    """Sort key of approved requests: their decision."""
    return request.decided_at or request.submitted_at, request.reference


def list_awaited_items(services: Sequence[MyService], now: datetime) -> list[ToDoItem]:
    """What the person must or may answer, for the banner above the tiles."""
    made = []
    for service in services:
        suspended, awaited, is_suspended = service.suspended, service.awaited, False
        if suspended and service.behind:
            is_suspended = True
            if not awaited or awaited.request.reference != service.behind:
                place = suspended.establishment.name
                made.append(ToDoItem(service.behind, place, None, True, late=False))
                is_suspended = False
        if awaited:
            request, until = awaited.request, awaited.deadline_at
            late = now >= until
            made.append(
                ToDoItem(request.reference, request.company_name, until, is_suspended, late)
            )
    return made


def build_tiles(services: Sequence[MyService]) -> list[ServiceTile]:
    """Open services first, then suspended, requested, available and unsuited ones; each group in
    the order of the platforms.
    """
    kinds = frozenset(kind for service in services for kind in _list_kinds(service))
    made = []
    for service in services:
        if service.held:
            made.append((0, _build_open_tile(service)))
        elif service.suspended:
            made.append((1, _build_suspended_tile(service, service.suspended)))
        elif not service.platform.listed:
            continue
        elif service.asked:
            made.append((2, _build_waiting_tile(service, service.asked)))
        elif not _is_suited(service, kinds):
            made.append((4, _build_unsuited_tile(service)))
        else:
            made.append((3, _build_closed_tile(service, kinds)))
    return [tile for _, tile in sorted(made, key=lambda pair: pair[0])]


def _list_kinds(service: MyService) -> Iterable[str]:
    """The types of the establishments of the person's accesses and request."""
    yield from (access.establishment.kind for access in service.held)
    if service.asked:
        yield service.asked.kind
    if service.suspended:
        yield service.suspended.establishment.kind


def _get_title(platform: Platform) -> str:
    return platform.tile_title or platform.name


def _build_open_tile(service: MyService) -> ServiceTile:
    """The tile that opens the platform, through the CAS login when it accepts tickets."""
    platform = service.platform
    names = [access.establishment.name for access in service.held]
    meta = names[0] if len(names) == 1 else f"{names[0]} et {len(names) - 1} de plus"
    if service.suspended:
        meta = f"{meta} · Accès suspendu pour {service.suspended.establishment.name}"
    if service.awaited:
        meta = f"{meta} · Un document est attendu de vous"
    if service.last is not None:
        meta = f"{meta} · Dernière utilisation\u00a0: {french_date(paris_date(service.last))}"
    title = _get_title(platform)
    if platform.maintenance_message:
        return ServiceTile(
            title, platform.maintenance_message, "", "", meta, "warn", "En maintenance"
        )
    return ServiceTile(
        title,
        platform.description,
        build_entry_url(platform),
        f"Ouvrir {title}",
        meta,
        "ok",
        "Accès ouvert",
    )


def _build_suspended_tile(service: MyService, access: Access) -> ServiceTile:
    """The tile of a suspended access: the reason, and a link to send the document on the request
    that opened it, or else to write to the délégation.
    """
    place = access.establishment
    delegation = place.department.delegation
    if service.behind:
        url, action = _build_answer_url(service.behind), "Envoyer un document"
    elif delegation and delegation.email:
        url, action = f"mailto:{delegation.email}", "Écrire à ma délégation"
    else:
        url, action = f"mailto:{get_national_contact().email}", "Écrire à OPCO Mobilités"
    return ServiceTile(
        _get_title(service.platform),
        f"Motif\u00a0: {access.suspension_reason}",
        url,
        action,
        f"{place.name} · {delegation.name}" if delegation and delegation.email else place.name,
        "stop",
        "Accès suspendu",
    )


def _build_waiting_tile(service: MyService, request: Request) -> ServiceTile:
    badge = ("wait", "Demande en cours")
    url, action = reverse("registrations:request_status", args=[request.reference]), ""
    if service.awaited:
        request, badge = service.awaited.request, ("warn", "Document attendu")
        url, action = _build_answer_url(request.reference), "Envoyer le document"
    return ServiceTile(
        _get_title(service.platform),
        service.platform.description,
        url,
        action or "Suivre ma demande",
        request.company_name,
        *badge,
    )


def _build_answer_url(reference: str) -> str:
    """The URL of the answer form on a request's page."""
    return f"{reverse('registrations:request_status', args=[reference])}#repondre"


def _build_closed_tile(service: MyService, kinds: frozenset[str]) -> ServiceTile:
    """What the person can do to come in: ask, sign up on the platform's own site, or write."""
    platform, title = service.platform, _get_title(service.platform)
    badge = ("neutral", "Sans accès")
    if service.asked_online_by and (not kinds or kinds & service.asked_online_by):
        action = f"Demander un accès à {title}"
        url = build_form_url(platform)
        return ServiceTile(title, platform.description, url, action, "", *badge)
    if platform.signup_url:
        meta, url = "L’inscription se fait sur son site.", platform.signup_url
        return ServiceTile(
            title, platform.description, url, f"S’inscrire sur {title}", meta, *badge
        )
    meta = (
        "L’Administrateur de votre établissement vous y invite, ou OPCO Mobilités ouvre l’accès."
        if service.invited
        else "L’accès est ouvert par votre délégation régionale, à votre demande."
    )
    url, action = settings.CONTACT_URL, "Écrire à OPCO Mobilités"
    return ServiceTile(title, platform.description, url, action, meta, *badge)


def _build_unsuited_tile(service: MyService) -> ServiceTile:
    platform = service.platform
    taken = [kind.plural for kind in EstablishmentKind if kind in _list_taken_kinds(service)]
    whom = f"{', '.join(taken[:-1])} et {taken[-1]}" if len(taken) > 1 else "".join(taken)
    meta = "Elle ne correspond pas au type de votre établissement."
    return ServiceTile(
        _get_title(platform), platform.description, "", "", meta, "neutral", f"Pour les {whom}"
    )


def _list_taken_kinds(service: MyService) -> set[str]:
    return service.asked_online_by | service.invited


def _is_suited(service: MyService, kinds: frozenset[str]) -> bool:
    """Whether the platform takes one of these types; one without rules is for everybody."""
    taken = _list_taken_kinds(service)
    return not kinds or not taken or bool(kinds & taken)
