"""The queue's filters. Each keeps its choice in the address, as a word or a code, never an id."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.models import Delegation, Dga
from accounts.habilitations.permissions import Staff, staff_of
from registrations.admin.clock import OPEN, in_state, now_of
from registrations.enums import DueState, RequestStatus
from registrations.models import Request

ALL = "toutes"
TO_DO = "a-traiter"
NONE = "aucune"
ME = "moi"
NOBODY = "personne"

Rows = QuerySet[Request]
Choices = list[tuple[str, str]]


class QueueFilter(admin.SimpleListFilter):
    """One choice in the bar above the table; an unknown value finds nothing instead of failing."""

    all_label: ClassVar[str] = "Toutes"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Request],
        model_admin: "ModelAdmin[Request]",
    ) -> None:
        self.staff: Staff | None = staff_of(request.user)
        super().__init__(request, params, model, model_admin)
        self.request = request

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Request]") -> Choices:
        return self.options()

    def options(self) -> Choices:
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
        if self.chosen not in {value for value, _ in self.select_options}:
            return queryset.none()
        return self.narrow(queryset, self.chosen)

    @property
    def _choices(self) -> Choices:
        return [(str(value), str(label)) for value, label in self.lookup_choices]

    @property
    def select_options(self) -> Choices:
        return [("", self.all_label), *self._choices]


class StatusFilter(QueueFilter):
    title = "statut"
    parameter_name = "statut"

    def options(self) -> Choices:
        return [(TO_DO, "À traiter"), (ALL, "Toutes"), *RequestStatus.choices]

    @property
    def chosen(self) -> str:
        """The work to do, unless one looks for something: a search looks everywhere."""
        return self.value() or (ALL if self.request.GET.get(SEARCH_VAR) else TO_DO)

    @property
    def select_options(self) -> Choices:
        return self._choices

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == ALL:
            return rows
        return rows.filter(OPEN) if value == TO_DO else rows.filter(status=value)


class DueFilter(QueueFilter):
    title = "échéance"
    parameter_name = "echeance"

    def options(self) -> Choices:
        return list(DueState.choices)

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
        return [*((code, name) for code, name, _ in rows), (NONE, "Non routées")]

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == NONE:
            return rows.filter(delegation__isnull=True)
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
        return [*((code, name) for code, name, _ in rows), (NONE, "Sans DGA")]

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

    def narrow(self, rows: Rows, value: str) -> Rows:
        return rows.filter(kind=value)


class AssigneeFilter(QueueFilter):
    title = "instructeur"
    parameter_name = "instructeur"
    all_label = "Tous"

    def options(self) -> Choices:
        return [(ME, "Moi"), (NOBODY, "Personne")]

    def narrow(self, rows: Rows, value: str) -> Rows:
        if value == NOBODY:
            return rows.filter(assignee__isnull=True)
        return rows.filter(assignee_id=self.request.user.pk)
