"""The review queue: what an agent may see of the requests, most urgent first."""

from copy import copy
from functools import partial
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from accounts.habilitations.reference.querysets import list_unrouted_choices
from accounts.habilitations.staff.permissions import (
    Staff,
    filter_by_scope,
    get_staff,
    may_decide,
    may_read,
)
from accounts.people.models import User
from mgestion.web.links import read_carried_query
from registrations.desk.decision import page as decision_page
from registrations.desk.decision.list_place import ListedRequestAdmin, build_place_query
from registrations.desk.decision.panels import received_documents
from registrations.desk.decision.receipt_download import show_receipt
from registrations.desk.opinions.opinion_access import filter_by_opinion
from registrations.desk.queue import export, filters
from registrations.desk.queue.access_file import AccessFileView
from registrations.desk.queue.bulk import bulk_acts
from registrations.desk.queue.changelist import BoundedPaginator, ListedRequests, QueueList
from registrations.desk.queue.changes import list_changes_view
from registrations.desk.queue.counters import build_counters
from registrations.desk.queue.models import SavedView
from registrations.desk.queue.reference_tables import get_reference_tables
from registrations.desk.queue.saved_view_flows import clean_view_query, list_shown_views
from registrations.desk.queue.saved_view_pages import change_view_page, list_views_page
from registrations.requests.models import Request
from registrations.requests.review.review_clock import get_page_time
from registrations.search import lookups

_DOCUMENT: Final = "document/<uuid:upload_id>/"
_PICTURE: Final = f"{_DOCUMENT}pages/<int:number>.jpg"


@admin.register(Request)
class RequestAdmin(ListedRequestAdmin):
    """No add, change nor delete form: a request moves by the verbs of the flows only."""

    change_list_template = "admin/registrations/request/change_list.html"
    list_display = ("reference", "last_name", "company_name", "department", "due_at", "status")
    list_filter = (
        filters.StatusFilter,
        filters.DueFilter,
        filters.DelegationFilter,
        filters.DgaFilter,
        filters.PlatformFilter,
        filters.KindFilter,
        filters.OriginFilter,
        filters.AssigneeFilter,
        filters.SignalFilter,
        filters.RelatedRequestsFilter,
    )
    list_select_related = (
        "user",
        "platform",
        "department",
        "branch",
        "delegation",
        "dga",
        "assignee",
    )
    ordering = ("-submitted_at", "pk")  # where the queue's own sort does not reach: autocompletion
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ("reference",)  # shows the box; what it looks for is `search.lookup`
    search_help_text = lookups.SEARCH_HELP
    show_full_result_count = False
    paginator = BoundedPaginator
    actions = None

    # --- who sees what: the scope holds for the list, the search and a typed address ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Request]:
        return super().get_queryset(request).filter(filter_by_scope(get_staff(request.user)))

    def select_readable(self, http: HttpRequest) -> QuerySet[Request]:
        staff = get_staff(http.user)
        if staff is not None and staff.sees_everything:
            return self.get_queryset(http)
        asked = filter_by_opinion(http.user, staff)  # type: ignore[arg-type]  # an agent is a User
        return super().get_queryset(http).filter(filter_by_scope(staff) | asked)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Request], search_term: str
    ) -> tuple[QuerySet[Request], bool]:
        found = lookups.build_search_condition(search_term)
        return (queryset.none() if found is None else queryset.filter(found)), False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_read(get_staff(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return may_read(get_staff(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    # --- pages ---

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QueueList

    def select_listed(self, http: HttpRequest, query: str) -> QuerySet[Request]:
        """Only the filters that the list uses are built. What no list has is the whole list."""
        listed = self._open_list(http, query) or self._open_list(http, "")
        found: QuerySet[Request] = listed.queryset if listed else Request.objects.none()
        return found

    def describe_list(self, http: HttpRequest, query: str) -> list[tuple[str, str]]:
        """The filters of a list in words, with its sort."""
        listed = self._open_list(http, query)
        if listed is None:
            return []
        return [*listed.active_filters, ("ordre", listed.order_words)]

    def _open_list(self, http: HttpRequest, query: str) -> ListedRequests | None:
        asked = copy(http)
        asked.GET = read_carried_query(query)
        used = [rule for rule in self.list_filter if rule.parameter_name in asked.GET]
        try:
            return ListedRequests(
                asked,
                Request,
                self.list_display,
                None,
                list(dict.fromkeys([filters.StatusFilter, *used])),
                None,
                self.search_fields,
                self.list_select_related,
                self.list_per_page,
                self.list_max_show_all,
                (),
                self,
                (),
                None,
            )
        except (IncorrectLookupParameters, SuspiciousOperation):
            return None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        staff = get_staff(request.user)
        if staff is None:
            raise PermissionDenied
        shown: dict[str, Any] = {
            "unrouted": list_unrouted_choices() if staff.sees_everything else [],
            "may_decide": may_decide(staff),
            "here": request.GET.urlencode() or urlencode({"statut": filters.TO_DO}),
            "place_query": build_place_query(request.GET.urlencode()),
            "page_time": int(get_page_time(request).timestamp()),
        }
        shown["saved_views"], shown["open_view"] = self._list_saved_views(request, staff)
        if may_decide(staff):
            # A request may have to go to any délégation.
            shown["delegations"] = list(get_reference_tables(request).delegations.values())
            shown["fellows"] = bulk_acts.list_possible_assignees(staff, request.user)  # type: ignore[arg-type]  # an agent is a User
        shown["counters"] = build_counters(request.user, staff, get_page_time(request))  # type: ignore[arg-type]  # an agent is a User
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def _list_saved_views(
        self, request: HttpRequest, staff: Staff
    ) -> tuple[list[tuple[SavedView, bool]], str]:
        """Each with whether it is the agent's own; and the name of the one that is shown."""
        views = list(list_shown_views(cast(User, request.user), staff))
        here = clean_view_query(request.GET.urlencode())
        shown = next((view.name for view in views if here and view.query == here), "")
        return [(view, view.owner_id == request.user.pk) for view in views], shown

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return decision_page.show_decision_page(self, request, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The request's own history stands on its page; the admin's log knows nothing of it."""
        address = reverse("admin:registrations_request_change", args=[object_id])
        return HttpResponseRedirect(f"{address}#historique")

    def get_urls(self) -> list[URLPattern]:
        acts = [
            path(
                f"<path:object_id>/{word}/",
                self.admin_site.admin_view(decision_page.make_act_view(self, word)),
                name=f"registrations_request_{name}",
            )
            for word, name in decision_page.ACT_NAMES.items()
        ]
        papers = [
            path(
                f"<path:object_id>/{rest}",
                self.admin_site.admin_view(require_safe(partial(view, self))),
                name=f"registrations_request_{name}",
            )
            for rest, name, view in (
                ("recepisse.pdf", "receipt", show_receipt),
                (_DOCUMENT, "paper", received_documents.show_original),
                (f"{_DOCUMENT}pages/", "pages", received_documents.show_pages),
                (
                    f"{_DOCUMENT}pages/<int:number>.jpg",
                    "page",
                    received_documents.show_page_picture,
                ),
            )
        ]
        # Before the acts: `<path:…>` would take these words for a request's id.
        several = [
            path(
                f"{word}/",
                self.admin_site.admin_view(partial(view, self)),
                name=f"registrations_request_{name}",
            )
            for word, name, view in (
                ("lot", "bulk", bulk_acts.bulk_act_view),
                ("exporter", "export", export.export_view),
                ("etat", "changes", list_changes_view),
                ("vues", "views", list_views_page),
            )
        ]
        file = path(
            "acces/<uuid:public_id>/justificatif/",
            self.admin_site.admin_view(AccessFileView.as_view()),
            name="registrations_access_file",
        )
        view = path(
            "vues/<int:view_id>/",
            self.admin_site.admin_view(partial(change_view_page, self)),
            name="registrations_request_view",
        )
        return [file, view, *several, *acts, *papers, *super().get_urls()]
