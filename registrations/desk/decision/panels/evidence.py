"""What helps to decide a request, read in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import has_administrator, in_staff_scope
from accounts.habilitations.staff.permissions import Staff, filter_by_scope
from accounts.leaving.block_list import is_blocked
from accounts.people.models import User
from accounts.people.naming import find_names
from mgestion.outbox.models import Mail
from mgestion.text.siret import InvalidSiret, parse_siret
from registrations.desk.decision.panels import company
from registrations.desk.decision.panels.hint_labels import HintFlag, list_request_flags
from registrations.evidence.hint_figures import FavourHint, describe_hint_figures
from registrations.evidence.known_addresses import KnownAddress, find_known_addresses
from registrations.invitations.evidence import InvitationEvidence, describe_evidence
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_clock import OPEN
from registrations.requests.review.review_hints import is_webmail_domain
from registrations.search.lookups import build_siren_range

RELATED_LIMIT: Final = 20
ACCESS_LIMIT: Final = 50
SISTER_LIMIT: Final = 10
_LA_POSTE: Final = "356000000"
_MAIL_TITLES: Final = {
    "registrations.acknowledgment": "Accusé de réception",
    "registrations.approved": "Acceptation",
    "registrations.refused": "Refus",
    "registrations.document_asked": "Demande de document",
    "registrations.document_reminder": "Rappel",
    "registrations.document_prolonged": "Délai de réponse prolongé",
    "registrations.document_withdrawn": "Document plus attendu",
    "registrations.message_to_person": "Message annoncé",
    "registrations.reopened": "Réouverture",
    "registrations.access_suspended": "Accès suspendu",
    "registrations.access_restored": "Accès rétabli",
}


@dataclass(frozen=True, slots=True)
class RelatedRequest:
    """Another request, and what it has in common with this one."""

    request: Request
    common: list[str]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the history, with names in the place of identifiers."""

    event: RequestEvent
    by: str
    new: bool  # written since the reviewer opened the page


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail to the person about this request: what it is, and whether it left."""

    title: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class Evidence:
    siret_ok: bool
    siret_note: str
    company: company.CompanyAnswer
    flags: list[HintFlag]
    establishments: list[Establishment]
    accesses: list[Access]  # on these establishments, still open, in the agent's scope
    own_accesses: list[Access]  # of this person, elsewhere, in the agent's scope
    sister_accesses: list[Access]  # on other establishments of the company, in the agent's scope
    hidden_accesses: bool  # there are others, which are another délégation's to know
    has_administrator: bool  # an active person holds « Administrateur » there, whoever may see it
    related: list[RelatedRequest]
    more_related: bool
    previous: RelatedRequest | None  # the refused request that this one follows
    history: list[HistoryLine]
    letters: list[SentMail]
    decided_by: str
    invitation: InvitationEvidence | None
    known: list[KnownAddress]  # what the address of the person proves
    invitation_worth: str  # how often an invited request ended in a refusal

    def same_kind(self, kind: str) -> Establishment | None:
        """The one that an acceptance would attach the person to."""
        return next((place for place in self.establishments if place.kind == kind), None)

    @property
    def changes(self) -> list[HistoryLine]:
        return [line for line in self.history if line.new]

    @property
    def last_event(self) -> int:
        return max((line.event.pk for line in self.history), default=0)


def gather_evidence(item: Request, staff: Staff, *, seen: int | None = None) -> Evidence:
    """`seen`: the last line of history that the reviewer had read; None at first."""
    siret_ok, siret_note = check_siret(item.siret)
    establishments = list(
        Establishment.objects.filter(siret=item.siret).select_related("department").order_by("kind")
    )
    here = {establishment.pk for establishment in establishments}
    held, hidden = _find_accesses(item, staff)
    check = company.find_company_check(item)
    related = _find_related_requests(item, staff)
    events = list(item.events.order_by("-at", "-pk"))
    worth = describe_hint_figures()
    names = find_names({item.decided_by, *(event.actor for event in events)})
    return Evidence(
        siret_ok=siret_ok,
        siret_note=siret_note,
        company=company.describe_company_check(check),
        flags=[
            replace(flag, worth=worth.get(flag.code, ""))
            for flag in (
                *company.list_company_flags(item, check),
                *list_request_flags(item, blocked=is_blocked(item.user.email)),
            )
        ],
        establishments=establishments,
        accesses=[access for access in held if access.establishment_id in here],
        own_accesses=[access for access in held if access.establishment_id not in here],
        sister_accesses=_find_sister_accesses(item, staff),
        hidden_accesses=hidden,
        has_administrator=has_administrator(here),
        related=related[:RELATED_LIMIT],
        more_related=len(related) > RELATED_LIMIT,
        previous=_find_previous_request(item, staff),
        history=[
            HistoryLine(
                event, _describe_author(event, item, names), seen is not None and event.pk > seen
            )
            for event in events
        ],
        letters=[SentMail(_MAIL_TITLES[mail.kind], mail) for mail in _select_mails(item)],
        decided_by=names.get(item.decided_by, "") if item.decided_by else "",
        invitation=describe_evidence(item),
        known=[
            replace(known, worth=worth.get(known.code, ""))
            for known in find_known_addresses([item])[item.pk]
        ],
        invitation_worth=worth.get(FavourHint.INVITATION, ""),
    )


def _select_mails(item: Request) -> QuerySet[Mail]:
    return Mail.objects.filter(
        person=item.user.public_id, subject_id=item.pk, kind__in=_MAIL_TITLES
    ).order_by("-created_at", "key")


def check_siret(siret: str) -> tuple[bool, str]:
    try:
        parse_siret(siret)
    except InvalidSiret as fault:
        return False, fault.message
    if siret.startswith(_LA_POSTE):
        return True, "Clé correcte (règle propre à La Poste)"
    return True, "14 chiffres, clé de contrôle correcte"


def _find_accesses(item: Request, staff: Staff) -> tuple[list[Access], bool]:
    """Open accesses of the person or at the SIRET, newest first, as far as the agent's scope goes,
    and whether there are others: a SIRET is public, typing one must tell nobody who works there.
    """
    open_ = Access.objects.open().filter(
        Q(establishment__siret=item.siret) | Q(user_id=item.user_id)
    )
    seen = open_.filter(in_staff_scope(staff, "establishment__"))
    hidden = not staff.sees_everything and open_.exclude(pk__in=seen.values("pk")).exists()
    return list(_select_newest(seen)[:ACCESS_LIMIT]), hidden


def _find_sister_accesses(item: Request, staff: Staff) -> list[Access]:
    """The newest open accesses on the company's other establishments: the same SIREN."""
    places = Establishment.objects.filter(build_siren_range(item.siret[:9])).exclude(
        siret=item.siret
    )
    rows = Access.objects.open().filter(in_staff_scope(staff, "establishment__"))
    rows = rows.filter(establishment__in=places).exclude(user_id=item.user_id)
    return list(_select_newest(rows)[:SISTER_LIMIT])


def _select_newest(rows: QuerySet[Access]) -> QuerySet[Access]:
    return rows.select_related("user", "platform", "establishment").order_by("-granted_at", "pk")


def _find_previous_request(item: Request, staff: Staff) -> RelatedRequest | None:
    if item.resubmission_of_id is None:
        return None
    rows = Request.objects.filter(filter_by_scope(staff), pk=item.resubmission_of_id)
    row = rows.select_related("refusal_reason").first()
    return RelatedRequest(row, list(_list_common_points(row, item, ""))) if row else None


def _find_related_requests(item: Request, staff: Staff) -> list[RelatedRequest]:
    """Requests of the agent's scope that share something with `item`, newest first.

    Each part of the condition has its index. A personal webmail says nothing of an organisation.
    """
    domain = "" if is_webmail_domain(item.email_domain) else item.email_domain
    shared = (
        Q(user_id=item.user_id)
        | build_siren_range(item.siret[:9])
        | Q(phone=item.phone)
        | Q(name_key=item.name_key)
    )
    if domain:
        shared |= Q(email_domain=domain)
    rows = (
        Request.objects.filter(filter_by_scope(staff))
        .filter(shared)
        .exclude(pk=item.pk)
        .select_related("refusal_reason", "platform")
        .order_by("-submitted_at", "-pk")[: RELATED_LIMIT + 1]
    )
    return [RelatedRequest(row, list(_list_common_points(row, item, domain))) for row in rows]


def _list_common_points(row: Request, item: Request, domain: str) -> Iterable[str]:
    if row.user_id == item.user_id:
        yield "même personne"
    if row.siret == item.siret:
        yield "même SIRET"
    elif row.siret[:9] == item.siret[:9]:
        yield "même SIREN"
    if row.user_id == item.user_id:
        return
    if row.name_key == item.name_key:
        yield "même nom"
    if row.phone == item.phone:
        yield "même téléphone"
    if domain and row.email_domain == domain:
        yield "même domaine d’adresse"


def _describe_author(event: RequestEvent, item: Request, names: dict[UUID, str]) -> str:
    if event.actor is None:
        return "le portail"
    if not event.by_staff and event.actor == item.user.public_id:
        return f"{item.full_name} (demandeur)"
    who = "un agent" if event.by_staff else "une personne"
    return names.get(event.actor, f"{who} dont le compte n’existe plus")


def find_next_request(item: Request | None, staff: Staff, user: User) -> Request | None:
    """The most urgent open request of the scope that no colleague holds, after `item` if given;
    none that waits for its author."""
    # Written so that the indexes of the queue begin with it.
    rows = Request.objects.filter(filter_by_scope(staff), OPEN, status=RequestStatus.SUBMITTED)
    rows = rows.exclude(user=user).filter(Q(assignee__isnull=True) | Q(assignee=user))
    if item is not None:
        rows = rows.exclude(pk=item.pk)
    return rows.order_by("due_at", "pk").first()
