"""The queue's filters. Each keeps its choice in the address, as a word or a code, never a row's id.

The one exception is a colleague: he has no code, so his opaque public id stands for him.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.enums import Status
from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.models import Delegation, Dga, short_name
from accounts.habilitations.permissions import Staff, staff_of
from accounts.models import User
from registrations.desk.decision.blocked_people import blocked_people
from registrations.desk.queue.facets import Cell
from registrations.desk.reminders.undelivered_list import with_notices
from registrations.requests.desk_clock import OPEN, in_state, now_of
from registrations.requests.enums import OPEN_STATUSES, DueState, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review_hints import Signal
from registrations.search.lookups import is_uuid

ALL = "toutes"
TO_DO = "a-traiter"
NONE = "aucune"
OURS = "miennes"
ME = "moi"
NOBODY = "personne"
UNDELIVERED = "non-remis"

Rows = QuerySet[Request]
Choices = list[tuple[str, str]]


class Option(NamedTuple):
    """`figure`: how many rows it would show, in words; empty when that is not counted."""

    value: str
    label: str
    figure: str


def raising(code: str, blocked: Iterable[int]) -> Q:
    """The open requests that raise this signal: on a closed one it says nothing any more.

    `blocked`: ids of the blocked people among those of the scope.
    """
    if code == Signal.ACCOUNT:
        return OPEN & ~Q(user__status=Status.ACTIVE)
    if code == Signal.BLOCKED:
        return OPEN & Q(user_id__in=blocked)
    if code == Signal.TERRITORY:
        return OPEN & Q(department__in_territory=False)
    if code == Signal.UNROUTED:
        return OPEN & Q(delegation__isnull=True)
    return OPEN & Q(signals__contains=f",{code},")


class QueueFilter(admin.SimpleListFilter):
    """One choice in the bar above the table; an unknown value finds nothing instead of failing."""

    all_label: ClassVar[str] = "Toutes"
    parameter_name: str  # Django allows none; each of ours has one

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Request],
        model_admin: "ModelAdmin[Request]",
    ) -> None:
        self.staff: Staff | None = staff_of(request.user)
        self.figures: Counter[str] | None = None
        self.beyond: dict[str, str] = {}  # figures in words for what is not counted to the end
        super().__init__(request, params, model, model_admin)
        self.request = request

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Request]") -> Choices:
        return self.options()

    def options(self) -> Choices:
        raise NotImplementedError

    def keys(self, cell: Cell) -> Iterable[str]:
        """The choices under which the rows of `cell` are shown."""
        raise NotImplementedError

    def narrow(self, rows: Rows, value: str) -> Rows:
        raise NotImplementedError

    @property
    def chosen(self) -> str:
        """The value in the address; empty means every row."""
        return self.value() or ""

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if not self.chosen:
            return queryset
        if not self.knows(self.chosen):
            return queryset.none()
        return self.narrow(queryset, self.chosen)

    def knows(self, value: str) -> bool:
        return value in {known for known, _ in self.select_options}

    @property
    def _choices(self) -> Choices:
        return [(str(value), str(label)) for value, label in self.lookup_choices]

    @property
    def select_options(self) -> Choices:
        return [("", self.all_label), *self._choices]

    @property
    def shown_options(self) -> list[Option]:
        return [Option(value, label, self.figure(value)) for value, label in self.select_options]

    def figure(self, value: str) -> str:
        if value in self.beyond:
            return self.beyond[value]
        return str(self.figures[value]) if self.figures is not None else ""


class StatusFilter(QueueFilter):
    title = "statut"
    parameter_name = "statut"

    def options(self) -> Choices:
        return [
            (TO_DO, "À traiter"),
            (ALL, "Toutes"),
            *RequestStatus.choices,
            (UNDELIVERED, "e-mail non remis"),
        ]

    @property
    def chosen(self) -> str:
        """The work to do, unless one looks for something: a search looks everywhere."""
        return self.value() or (ALL if self.request.GET.get(SEARCH_VAR) else TO_DO)

    @property
    def select_options(self) -> Choices:
        return self._choices

    def keys(self, cell: Cell) -> Iterable[str]:
        return (ALL, cell.status, *((TO_DO,) if cell.status in OPEN_STATUSES else ()))

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == ALL:
            return rows
        if value == UNDELIVERED:
            return rows.filter(pk__in=with_notices())
        return rows.filter(OPEN) if value == TO_DO else rows.filter(status=value)


class DueFilter(QueueFilter):
    title = "échéance"
    parameter_name = "echeance"

    def options(self) -> Choices:
        return list(DueState.choices)

    def keys(self, cell: Cell) -> Iterable[str]:
        return (cell.due,) if cell.due else ()

    def narrow(self, rows: Rows, value: str) -> Rows:
        return rows.filter(in_state(value, now_of(self.request)))


class DelegationFilter(QueueFilter):
    title = "délégation"
    parameter_name = "delegation"

    def options(self) -> Choices:
        found = Delegation.objects.order_by("name")
        staff = self.staff
        if staff is not None and not staff.sees_everything and not staff.dga_ids:
            found = found.filter(pk__in=staff.delegation_ids)
        rows = list(found.values_list("code", "name", "pk"))
        self._ids = {code: pk for code, _, pk in rows}
        self._codes = {pk: code for code, _, pk in rows}
        ours = (
            [(OURS, "Les miennes" if len(staff.delegation_ids) > 1 else "La mienne")]
            if staff is not None and staff.delegation_ids
            else []
        )
        return [*ours, *((code, short_name(name)) for code, name, _ in rows), (NONE, "Non routées")]

    def keys(self, cell: Cell) -> Iterable[str]:
        if cell.delegation is None:
            return (NONE,)
        ours = self.staff is not None and cell.delegation in self.staff.delegation_ids
        return (self._codes.get(cell.delegation, ""), *((OURS,) if ours else ()))

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == NONE:
            return rows.filter(delegation__isnull=True)
        if value == OURS:
            return rows.filter(delegation__in=self.staff.delegation_ids if self.staff else ())
        return rows.filter(delegation_id=self._ids[value])


class DgaFilter(QueueFilter):
    title = "DGA"
    parameter_name = "dga"

    def options(self) -> Choices:
        found = Dga.objects.order_by("name")
        if (
            self.staff is not None
            and not self.staff.sees_everything
            and not self.staff.delegation_ids
        ):
            found = found.filter(pk__in=self.staff.dga_ids)
        rows = list(found.values_list("code", "name", "pk"))
        self._ids = {code: pk for code, _, pk in rows}
        self._codes = {pk: code for code, _, pk in rows}
        return [*((code, name) for code, name, _ in rows), (NONE, "Sans DGA")]

    def keys(self, cell: Cell) -> Iterable[str]:
        return (NONE if cell.dga is None else self._codes.get(cell.dga, ""),)

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == NONE:
            return rows.filter(dga__isnull=True)
        return rows.filter(dga_id=self._ids[value])


class KindFilter(QueueFilter):
    title = "type"
    parameter_name = "type"
    all_label = "Tous"

    def options(self) -> Choices:
        # The accounting firm never becomes a request (R41).
        return [
            (EstablishmentKind.ENTREPRISE, "Entreprise"),
            (EstablishmentKind.CFA, "CFA"),
            (EstablishmentKind.OF, "Organisme de formation"),
        ]

    def keys(self, cell: Cell) -> Iterable[str]:
        return (cell.kind,)

    def narrow(self, rows: Rows, value: str) -> Rows:
        return rows.filter(kind=value)


class AssigneeFilter(QueueFilter):
    """Colleagues are offered once they are known to hold something in the agent's scope."""

    title = "instructeur"
    parameter_name = "instructeur"
    all_label = "Tous"

    def options(self) -> Choices:
        self._colleagues: dict[int, tuple[str, str]] = {}
        return [(ME, "Moi"), (NOBODY, "Personne")]

    def meet(self, held: Iterable[Cell]) -> None:
        """Learn who holds the requests of these cells."""
        ids = {cell.assignee for cell in held if cell.assignee is not None}
        people = User.objects.filter(pk__in=ids - {self.request.user.pk})
        self._colleagues = {
            person.pk: (str(person.public_id), str(person))
            for person in people.order_by("last_name", "first_name", "pk")
        }

    @property
    def select_options(self) -> Choices:
        return [*super().select_options, *self._colleagues.values()]

    def keys(self, cell: Cell) -> Iterable[str]:
        if cell.assignee is None:
            return (NOBODY,)
        if cell.assignee == self.request.user.pk:
            return (ME,)
        return (self._colleagues.get(cell.assignee, ("", ""))[0],)

    def knows(self, value: str) -> bool:
        return value in (ME, NOBODY) or is_uuid(value)

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == NOBODY:
            return rows.filter(assignee__isnull=True)
        if value == ME:
            return rows.filter(assignee_id=self.request.user.pk)
        return rows.filter(assignee__public_id=UUID(value))


class SignalFilter(QueueFilter):
    title = "signal"
    parameter_name = "signal"
    all_label = "Tous"

    def options(self) -> Choices:
        return [(code.value, str(code.label)) for code in Signal]

    def keys(self, cell: Cell) -> Iterable[str]:
        return cell.signals if cell.status in OPEN_STATUSES else ()

    def narrow(self, rows: Rows, value: str) -> Rows:
        return rows.filter(raising(value, blocked_people(self.request)))
