"""The queue's filters. Each keeps its choice in the address, as a word or a code, never a row's id.

The one exception is a colleague, who has no code: their opaque public id stands for them.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR, ModelAdmin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.reference.models import shorten_delegation_name
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.admin.related_rows import RelatedFilter
from registrations.desk.decision.list_place import COUNT_LIMIT
from registrations.desk.decision.panels.blocked_people import get_blocked_user_ids
from registrations.desk.queue.reference_tables import get_reference_tables
from registrations.desk.reminders.undelivered_list import select_undelivered_request_ids
from registrations.requests.enums import DueState, RequestOrigin, RequestStatus
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.review.review_clock import OPEN, filter_by_due_state, get_page_time
from registrations.requests.review.review_hints import ReviewHint
from registrations.search.lookups import is_uuid

ALL = "toutes"
TO_DO = "a-traiter"
NONE = "aucune"
OURS = "miennes"
ME = "moi"
NOBODY = "personne"
UNDELIVERED = "non-remis"
OPENED_BY_AGENT = "agent"
ANSWERED = "reponse-recue"
MGESTION_CHOICE = "m-gestion"

_NAMED: Final = ("public_id", "email", "last_name", "first_name")  # what an agent's name takes
RequestRows = QuerySet[Request]
# Value in the address, label, and the rows that it shows.
FilterOption = tuple[str, str, Q]


def build_signal_condition(code: str, blocked: Iterable[int]) -> Q:
    """The open requests that raise this signal: on a closed one it says nothing any more.

    `blocked`: ids of the blocked people among those of the scope.
    """
    if code == ReviewHint.ACCOUNT:
        return OPEN & ~Q(user__status=Status.ACTIVE)
    if code == ReviewHint.BLOCKED:
        return OPEN & Q(user_id__in=blocked)
    if code == ReviewHint.TERRITORY:
        return OPEN & Q(department__in_territory=False)
    if code == ReviewHint.UNROUTED:
        return OPEN & Q(delegation__isnull=True)
    return OPEN & Q(signals__contains=f",{code},")


class QueueFilter(admin.SimpleListFilter):
    """One choice in the bar above the table; an unknown value finds nothing instead of failing."""

    all_label: ClassVar[str] = "Toutes"
    parameter_name: str  # Django allows none; each of ours has one

    def has_output(self) -> bool:
        return True

    def options(self, request: HttpRequest) -> list[FilterOption]:
        raise NotImplementedError

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Request]"
    ) -> list[tuple[str, str]]:
        self.request, self.model_admin = request, model_admin
        options = self.options(request)
        self.conditions = {value: condition for value, _, condition in options}
        return [(value, label) for value, label, _ in options]

    @property
    def chosen(self) -> str:
        """The value in the address; empty means every row."""
        return self.value() or ""

    @property
    def chosen_label(self) -> str:
        """The choice in words; empty when every row is shown."""
        return next(
            (str(label) for value, label in self.lookup_choices if value == self.chosen), ""
        )

    def condition(self, value: str) -> Q | None:
        return self.conditions.get(value)

    def queryset(self, request: HttpRequest, queryset: RequestRows) -> RequestRows:
        if not self.chosen:
            return queryset
        condition = self.condition(self.chosen)
        if condition is None:
            return queryset.none()
        return queryset.filter(condition)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """For a `<select>`: a value instead of Django's address of each choice."""
        counts = self.get_facet_queryset(changelist) if changelist.add_facets else {}
        yield {"value": "", "display": self.all_label}
        for index, (value, label) in enumerate(self.lookup_choices):
            count = counts.get(f"{index}__c", "-")
            display = f"{label} ({count})" if changelist.add_facets else label
            yield {"value": value, "display": display}

    def get_facet_counts(self, pk_attname: str, filtered_qs: QuerySet[Any]) -> dict[str, Count]:
        conditions = enumerate(self.conditions.values())
        return {f"{index}__c": Count("pk", filter=rule) for index, rule in conditions}

    def get_facet_queryset(self, changelist: ChangeList) -> dict[str, int]:
        """No figures beyond the bound: the page costs the same at any number of rows."""
        rows = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        keys = rows.order_by().values("pk")[: COUNT_LIMIT + 1]
        counts = self.get_facet_counts("pk", rows)
        found = Request.objects.filter(pk__in=keys).aggregate(total=Count("pk"), **counts)
        return found if found["total"] <= COUNT_LIMIT else {}


class RelatedRequestsFilter(RelatedFilter):
    """Behind « Tout voir » of another page; drawn like the filters beside it."""

    @property
    def chosen(self) -> str:
        return self.value() or ""

    @property
    def chosen_label(self) -> str:
        return str(dict(self.lookup_choices).get(self.chosen, ""))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, choice in zip(("", self.chosen), super().choices(changelist), strict=True):
            yield {**choice, "value": value}


class StatusFilter(QueueFilter):
    title = "statut"
    parameter_name = "statut"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        states = [(code, str(label), Q(status=code)) for code, label in RequestStatus.choices]
        return [
            (TO_DO, "À traiter", OPEN),
            (ALL, "Toutes", Q()),
            *states,
            (ANSWERED, "réponse reçue", OPEN & Q(desk_unread_since__isnull=False)),
            (UNDELIVERED, "e-mail non remis", Q(pk__in=select_undelivered_request_ids())),
        ]

    @property
    def chosen(self) -> str:
        """The work to do, unless one looks for something: a search looks everywhere, and the file
        of an access that an agent opened is decided from its birth.
        """
        value = self.value() or (ALL if self.request.GET.get(SEARCH_VAR) else TO_DO)
        decided = self.request.GET.get(OriginFilter.parameter_name) == OPENED_BY_AGENT
        return ALL if decided and value == TO_DO else value

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """« Toutes » is one of the choices, and not what an empty address shows."""
        return itertools.islice(super().choices(changelist), 1, None)


class DueFilter(QueueFilter):
    title = "échéance"
    parameter_name = "echeance"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        now = get_page_time(request)
        return [
            (code, str(label), filter_by_due_state(code, now)) for code, label in DueState.choices
        ]


class DelegationFilter(QueueFilter):
    title = "délégation"
    parameter_name = "delegation"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        staff = get_staff(request.user)
        found = list(get_reference_tables(request).delegations.values())
        ours: list[FilterOption] = []
        if staff is not None and not staff.sees_everything and not staff.dga_ids:
            found = [row for row in found if row.pk in staff.delegation_ids]
        if staff is not None and staff.delegation_ids:
            label = "Les miennes" if len(staff.delegation_ids) > 1 else "La mienne"
            ours = [(OURS, label, Q(delegation__in=staff.delegation_ids))]
        return [
            *ours,
            *(
                (row.code, shorten_delegation_name(row.name), Q(delegation_id=row.pk))
                for row in found
            ),
            (NONE, "Non routées", Q(delegation__isnull=True)),
        ]


class DgaFilter(QueueFilter):
    title = "DGA"
    parameter_name = "dga"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        staff = get_staff(request.user)
        found = list(get_reference_tables(request).dgas.values())
        if staff is not None and not staff.sees_everything and not staff.delegation_ids:
            found = [row for row in found if row.pk in staff.dga_ids]
        return [
            *((row.code, row.name, Q(dga_id=row.pk)) for row in found),
            (NONE, "Sans DGA", Q(dga__isnull=True)),
        ]


class PlatformFilter(QueueFilter):
    """Each platform, and both of M-Gestion as one: they share a form and a name."""

    title = "plateforme"
    parameter_name = "plateforme"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        rows = list(get_reference_tables(request).platforms.values())
        own = [row for row in rows if row.code in MGESTION]
        both = [
            (MGESTION_CHOICE, get_request_label(row), Q(platform_id__in=[one.pk for one in own]))
            for row in own[:1]
        ]
        return [*both, *((row.code, row.name, Q(platform_id=row.pk)) for row in rows)]


class KindFilter(QueueFilter):
    title = "type"
    parameter_name = "type"
    all_label = "Tous"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        kinds = (
            (EstablishmentKind.ENTREPRISE, "Entreprise"),
            (EstablishmentKind.CFA, "CFA"),
            (EstablishmentKind.OF, "Organisme de formation"),
            (EstablishmentKind.CABINET_COMPTABLE, "Cabinet comptable"),
            (EstablishmentKind.CABINET_RH, "Cabinet RH"),
        )
        return [(kind.value, label, Q(kind=kind)) for kind, label in kinds]


class OriginFilter(QueueFilter):
    title = "origine"
    parameter_name = "origine"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        return [
            ("invitation", "Sur invitation", Q(invitation__isnull=False)),
            ("formulaire", "Formulaire seul", Q(invitation=None, origin=RequestOrigin.FORM)),
            (OPENED_BY_AGENT, "Accès ouvert par un agent", Q(origin=RequestOrigin.STAFF)),
        ]


class AssigneeFilter(QueueFilter):
    """Colleagues are offered when they hold an open request in the agent's scope."""

    title = "instructeur"
    parameter_name = "instructeur"
    all_label = "Tous"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        held = self.model_admin.get_queryset(request).filter(OPEN).order_by().values("assignee_id")
        people = User.objects.filter(pk__in=held).exclude(pk=request.user.pk)  # type: ignore[misc]  # never anonymous
        colleagues = people.only(*_NAMED).order_by("last_name", "first_name", "pk")
        return [
            (ME, "Moi", Q(assignee_id=request.user.pk)),
            (NOBODY, "Personne", Q(assignee__isnull=True)),
            *((str(row.public_id), str(row), Q(assignee_id=row.pk)) for row in colleagues),
        ]

    def condition(self, value: str) -> Q | None:
        """Of an agent who holds nothing any more, the closed requests are found."""
        known = super().condition(value)
        if known is None and is_uuid(value):
            return Q(assignee__public_id=UUID(value))
        return known


class SignalFilter(QueueFilter):
    title = "signal"
    parameter_name = "signal"
    all_label = "Tous"

    def options(self, request: HttpRequest) -> list[FilterOption]:
        # The whole scope is hashed only where somebody asks for its blocked people.
        asked = self.value() == ReviewHint.BLOCKED or IS_FACETS_VAR in request.GET
        blocked = get_blocked_user_ids(request) if asked else frozenset[int]()
        return [
            (code.value, str(code.label), build_signal_condition(code, blocked))
            for code in ReviewHint
        ]
