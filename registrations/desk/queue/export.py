"""The queue as a file for a French spreadsheet: what the filters show of the agent's scope."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from django.conf import settings
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.staff.permissions import get_staff, may_read
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.templatetags.portal import phone_fr
from mgestion.text.spreadsheet import write_csv_lines
from mgestion.web.links import read_carried_query
from registrations.desk.decision.panels.blocked_people import get_blocked_user_ids
from registrations.desk.opinions.models import Opinion
from registrations.desk.queue.changelist import QueueList
from registrations.desk.queue.rows import list_signals
from registrations.invitations.evidence import EVIDENCE_RELATED, describe_invitation
from registrations.requests.enums import RegistrationAct
from registrations.requests.models import Request
from registrations.requests.review.review_clock import describe_due_time, get_page_time
from registrations.search.lookups import classify_search, is_uuid

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

CHUNK: Final = 1000
_RELATED: Final = (
    "user",
    "platform",
    "department",
    "delegation",
    "branch",
    "dga",
    "profile",
    "assignee",
    "refusal_reason",
    *EVIDENCE_RELATED,
)


def _format_moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}" if moment else ""


def _format_siret(siret: str) -> str:
    """In groups, or a spreadsheet rounds the number and drops its zeros."""
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What a column reads beside the row: the moment, the blocked people of the scope, the names of
    those who decided, and what became of the opinions that were asked.
    """

    now: datetime
    blocked: frozenset[int]
    deciders: Mapping[UUID | None, str]
    opinions: Mapping[UUID, Sequence[str]]


def _describe_due_state(item: Request, seen: ExportContext) -> str:
    due = describe_due_time(item, seen.now)
    return due.words if due else ""


def _count_decision_hours(item: Request, seen: ExportContext) -> str:
    """The running clock that the decision took: a pause moved the due time by what it lasted."""
    if item.decided_at is None:
        return ""
    paused = item.due_at - item.submitted_at - settings.REVIEW_DUE
    hours = (item.decided_at - item.submitted_at - paused).total_seconds() / 3600
    return f"{max(hours, 0):.1f}".replace(".", ",")


def _list_signal_labels(item: Request, seen: ExportContext) -> str:
    return ", ".join(str(signal.label) for signal in list_signals(item, seen.blocked))


def _count_opinions(item: Request, seen: ExportContext) -> str:
    """« avis favorable, avis attendu (2) », in the order of the questions."""
    counts = Counter(seen.opinions.get(item.pk, ()))
    return ", ".join(f"{state} ({n})" if n > 1 else state for state, n in counts.items())


COLUMNS: Final[tuple[tuple[str, Callable[[Request, ExportContext], object]], ...]] = (
    ("Référence", lambda item, _: item.reference),
    ("Statut", lambda item, _: item.get_status_display()),
    ("Reçue le", lambda item, _: _format_moment(item.submitted_at)),
    ("Échéance (heure de Paris)", lambda item, _: _format_moment(item.due_at)),
    ("État du délai", _describe_due_state),
    ("Réponse reçue le, à lire", lambda item, _: _format_moment(item.desk_unread_since)),
    ("Décidée le", lambda item, _: _format_moment(item.decided_at)),
    ("Décidée par", lambda item, seen: seen.deciders.get(item.decided_by, "")),
    ("Délai de décision, en heures (pauses exclues)", _count_decision_hours),
    ("Plateforme", lambda item, _: item.platform),
    ("Origine", lambda item, _: item.get_origin_display()),
    ("Invitation", lambda item, _: item.invitation and describe_invitation(item.invitation)),
    ("Type d’établissement", lambda item, _: item.get_kind_display()),
    ("Raison sociale", lambda item, _: item.company_name),
    ("SIRET", lambda item, _: _format_siret(item.siret)),
    ("Département", lambda item, _: item.department),
    ("Délégation", lambda item, _: item.delegation),
    ("Branche", lambda item, _: item.branch),
    ("DGA", lambda item, _: item.dga),
    ("Profil souhaité", lambda item, _: item.profile),
    ("Rôle demandé", lambda item, _: item.get_asked_role_display()),
    ("Nom", lambda item, _: item.last_name),
    ("Prénom", lambda item, _: item.first_name),
    ("E-mail", lambda item, _: item.user.email),
    ("Téléphone", lambda item, _: phone_fr(item.phone)),
    ("Instructeur", lambda item, _: item.assignee),
    ("Signaux", _list_signal_labels),
    ("Avis", _count_opinions),
    ("Rôle accordé", lambda item, _: item.get_granted_role_display()),
    ("Motif de refus", lambda item, _: item.refusal_reason),
)


def export_view(admin: "ModelAdmin[Request]", http: HttpRequest) -> HttpResponseBase:
    """POST only: it is journaled, and a link must not do it. `filters` is the queue's address;
    `items`, the ticked requests of it, for these alone.
    """
    user = http.user
    if not may_read(get_staff(user)) or not isinstance(user, User):
        raise PermissionDenied
    if http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = get_page_time(http)
    chosen = read_carried_query(http.POST.get("filters", ""))
    try:
        rows = select_filtered_requests(admin, http, chosen)
    except IncorrectLookupParameters:
        return HttpResponseRedirect(reverse("admin:registrations_request_changelist"))
    ticked = http.POST.getlist("items")
    if ticked:
        rows = rows.filter(pk__in=[key for key in ticked if is_uuid(key)])
    write_journal_entry(
        RegistrationAct.REQUESTS_EXPORTED,
        actor=Actor.staff(user),
        object_type="request",
        reason="csv",
        detail={"filters": _describe_filters(chosen), "count": rows.order_by().count()},
        now=now,
    )
    found = rows.select_related(*_RELATED).iterator(chunk_size=CHUNK)
    seen = ExportContext(
        now, get_blocked_user_ids(http), _get_decider_names(rows), _get_opinion_states(rows)
    )
    return StreamingHttpResponse(
        write_csv_lines(
            [name for name, _ in COLUMNS],
            ([read(item, seen) for _, read in COLUMNS] for item in found),
        ),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": "attachment; "
            f'filename="demandes-{timezone.localtime(now):%Y-%m-%d-%Hh%M}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _get_decider_names(rows: QuerySet[Request]) -> dict[UUID | None, str]:
    """Agents are few: one statement for their names, however many rows."""
    keys = rows.order_by().values("decided_by").distinct()
    people = User.objects.filter(public_id__in=keys)
    return {person.public_id: str(person) for person in people.order_by("pk")}


def _get_opinion_states(rows: QuerySet[Request]) -> dict[UUID, list[str]]:
    """Opinions are few: one statement, however many rows."""
    found: dict[UUID, list[str]] = defaultdict(list)
    asked = Opinion.objects.filter(request__in=rows.order_by().values("pk"))
    for opinion in asked.select_related("request").order_by("asked_at", "pk"):
        found[opinion.request_id].append(opinion.state)
    return found


def select_filtered_requests(
    admin: "ModelAdmin[Request]", http: HttpRequest, chosen: QueryDict
) -> QuerySet[Request]:
    """The rows that the queue shows at this address, all of them: one reading of the filters."""
    http.GET = chosen  # type: ignore[assignment]  # immutable as well, by its class
    listed = admin.get_changelist_instance(http)
    if not isinstance(listed, QueueList):
        raise TypeError("the queue has its own list")
    return cast("QuerySet[Request]", listed.queryset)


def _describe_filters(chosen: QueryDict) -> dict[str, str]:
    """For the journal: the filters as they are, but of a search only what kind of thing was looked
    for, since it may well be somebody's name."""
    told = {name: str(value) for name, value in chosen.items() if name != SEARCH_VAR}
    looked_for = chosen.get(SEARCH_VAR) or ""
    if looked_for:
        told[SEARCH_VAR] = classify_search(str(looked_for))
    return told
