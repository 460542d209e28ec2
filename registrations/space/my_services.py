"""« Mes services en ligne »: every platform, with the person's accesses and requests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, Subquery
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import annotate_last_activity
from accounts.habilitations.enums import EstablishmentKind, Role, WayIn
from accounts.habilitations.platforms.admission import ASKED_ONLINE
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from accounts.people.to_do import ToDoLine
from mgestion.text.dates import french_date, paris_date
from registrations.enrolment.awaited_answers import (
    build_answer_line,
    build_answer_url,
    build_mend_line,
    build_suspended_line,
    may_be_mended,
)
from registrations.requests.contacts import get_national_contact
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestStatus
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
    latest: Request | None = None
    asked: Request | None = None  # the newest open request
    awaited: Request | None = None  # the one with the open asking of the earliest deadline
    sent_again: set[UUID] = field(default_factory=set)  # keys of requests, on any platform
    last: datetime | None = None
    to_do: list[ToDoLine] = field(default_factory=list)


def load_my_services(user: User) -> list[MyService]:
    """Every enabled platform, in order, with the types that it takes. Three queries."""
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
    accesses = (
        annotate_last_activity(Access.objects.open_or_suspended())
        .filter(user=user, platform__in=services)
        .select_related("establishment__department__delegation")
    )
    for access in accesses.order_by("-suspended_at", "-granted_at", "-pk"):
        service = services[access.platform_id]
        service.last = getattr(access, "last_at")  # noqa: B009 - an annotation
        if access.suspended_at is None:
            service.held.append(access)
        else:
            service.suspended = service.suspended or access


def _get_awaited_until(request: Request) -> datetime | None:
    until: datetime | None = getattr(request, "awaited_until")  # noqa: B009 - an annotation
    return until


def _add_requests(services: dict[int, MyService], user: User) -> None:
    """Add the latest and the open request, what is awaited, and the request behind a suspended
    access.
    """
    asking = Asking.objects.open().filter(request=OuterRef("pk"))
    rows = Request.objects.filter(user=user).order_by("-submitted_at", "-reference")
    requests = list(rows.annotate(awaited_until=Subquery(asking.values("deadline_at")[:1])))
    sent_again = {request.resubmission_of_id for request in requests if request.resubmission_of_id}
    for request in requests:
        service = services.get(request.platform_id)
        if service is None:
            continue
        service.sent_again = sent_again
        service.latest = service.latest or request
        if request.is_open:
            service.asked = service.asked or request
        until = _get_awaited_until(request)
        if until is not None:
            first = _get_awaited_until(service.awaited) if service.awaited else None
            if first is None or until < first:
                service.awaited = request
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


def list_awaited_lines(services: Sequence[MyService], now: datetime) -> list[ToDoLine]:
    """What the person's own requests wait for, from the rows of the page."""
    made = []
    for service in services:
        suspended, awaited, code = service.suspended, service.awaited, service.platform.code
        build = build_answer_line
        if suspended and service.behind:
            if awaited and awaited.reference == service.behind:
                build = build_suspended_line
            else:
                facts = (service.behind, suspended.establishment.name, code)
                made.append(build_suspended_line(*facts, until=None, now=now))
        if awaited:
            facts = (awaited.reference, awaited.company_name, code)
            made.append(build(*facts, until=_get_awaited_until(awaited), now=now))
        latest = service.latest
        if latest and may_be_mended(latest, now) and latest.pk not in service.sent_again:
            made.append(build_mend_line(latest, service.platform))
    return made


def build_tiles(services: Sequence[MyService], to_do: Iterable[ToDoLine] = ()) -> list[ServiceTile]:
    """Open services first, then suspended, requested, available and unsuited ones; each group in
    the order of the platforms. A tile says what waits for the person there.
    """
    for service in services:
        places = {access.establishment_id for access in service.held if _administers(access)}
        service.to_do = [
            line
            for line in to_do
            if line.platform == service.platform.code or line.establishment in places
        ]
    kinds = frozenset(kind for service in services for kind in _list_kinds(service))
    made = []
    for service in services:
        if service.held:
            made.append((0, _build_open_tile(service)))
        elif service.suspended:
            made.append((1, _build_suspended_tile(service, service.suspended)))
        elif not service.platform.listed and not service.to_do:
            continue
        elif service.asked:
            made.append((2, _build_waiting_tile(service, service.asked)))
        elif service.to_do:
            made.append((2, _build_awaited_tile(service, service.to_do[0])))
        elif not _is_suited(service, kinds):
            made.append((4, _build_unsuited_tile(service)))
        else:
            made.append((3, _build_closed_tile(service, kinds)))
    return [tile for _, tile in sorted(made, key=lambda pair: pair[0])]


def _administers(access: Access) -> bool:
    return Role(access.role).is_administrator


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
    for line in service.to_do:
        if not line.is_blocked or not service.suspended:
            meta = f"{meta} · {line.tile}"
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
        url, action = build_answer_url(service.behind), "Envoyer un document"
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
        request, badge = service.awaited, ("warn", "Document attendu")
        url, action = build_answer_url(request.reference), "Envoyer le document"
    return ServiceTile(
        _get_title(service.platform),
        service.platform.description,
        url,
        action or "Suivre ma demande",
        request.company_name,
        *badge,
    )


def _build_awaited_tile(service: MyService, line: ToDoLine) -> ServiceTile:
    """No access yet, and something to do about it: an invitation, a refusal to mend."""
    platform = service.platform
    return ServiceTile(
        _get_title(platform),
        platform.description,
        line.url,
        line.button,
        line.title,
        "warn",
        line.tile,
    )


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
