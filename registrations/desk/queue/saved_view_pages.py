"""The pages of the saved views: all of them, and one to be renamed, shared or deleted."""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.permissions import Staff, get_staff, may_read
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.web.kept_typing import posted_or_kept
from registrations.desk.decision.forms import ActForm
from registrations.desk.decision.list_place import build_queue_url, read_list_query
from registrations.desk.queue import saved_view_flows
from registrations.desk.queue.models import SavedView
from registrations.requests.review.review_clock import get_page_time

if TYPE_CHECKING:
    from registrations.desk.queue.admin import RequestAdmin

VIEWS_URL_NAME: Final = "admin:registrations_request_views"


class SavedViewForm(ActForm):
    prefix_id = "view"
    name = forms.CharField(label="Nom de la vue", max_length=60)
    delegation = forms.ModelChoiceField(
        label="Partager avec",
        queryset=Delegation.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Personne\u00a0: elle n’est que pour moi",
        help_text="Les agents de la délégation la voient\u202f; vous la changez, et "
        "l’administration nationale.",
    )

    def __init__(self, staff: Staff, data: Any = None, **settings: Any) -> None:
        super().__init__(data, **settings)
        field = cast("forms.ModelChoiceField[Delegation]", self.fields["delegation"])
        field.queryset = saved_view_flows.list_sharable_delegations(staff)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name:
            raise forms.ValidationError("Donnez un nom à la vue.")
        return name


def list_views_page(model_admin: "RequestAdmin", http: HttpRequest) -> HttpResponse:
    """All that the agent may open, and the form that keeps the list they come from."""
    user, staff = _open(http)
    query = saved_view_flows.clean_view_query(read_list_query(http))
    form = SavedViewForm(staff, posted_or_kept(http))
    if http.method == "POST" and form.is_valid():
        try:
            view = saved_view_flows.save_view(
                user, staff, query=query, now=get_page_time(http), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(http, f"La vue «\u00a0{view.name}\u00a0» est enregistrée.")
            return HttpResponseRedirect(build_queue_url(view.query))
    views = list(
        saved_view_flows.list_shown_views(user, staff).select_related("owner", "delegation")
    )
    context = {
        "title": "Vues de la file",
        "form": form,
        "button": "Enregistrer la vue",
        "filters": model_admin.describe_list(http, query),
        "views": [
            (view, build_queue_url(view.query), saved_view_flows.may_change_view(view, user, staff))
            for view in views
        ],
        "back": build_queue_url(read_list_query(http)),
    }
    return model_admin.render_page(http, "views", context)


def change_view_page(model_admin: "RequestAdmin", http: HttpRequest, view_id: int) -> HttpResponse:
    user, staff = _open(http)
    view = saved_view_flows.list_shown_views(user, staff).filter(pk=view_id).first()
    if view is None or not saved_view_flows.may_change_view(view, user, staff):
        raise Http404
    initial = {"name": view.name, "delegation": view.delegation}
    deletes = http.method == "POST" and "delete" in http.POST
    form = SavedViewForm(staff, None if deletes else posted_or_kept(http), initial=initial)
    if http.method == "POST" and (deletes or form.is_valid()):
        try:
            done = _change(view, user, staff, http, form)
        except Refused as refusal:
            if deletes:
                messages.warning(http, refusal.message)
                return HttpResponseRedirect(reverse(VIEWS_URL_NAME))
            form.add_error(None, refusal.message)
        else:
            messages.success(http, done)
            return HttpResponseRedirect(reverse(VIEWS_URL_NAME))
    context = {
        "title": f"Vue «\u00a0{view.name}\u00a0»",
        "form": form,
        "button": "Enregistrer",
        "filters": model_admin.describe_list(http, view.query),
        "view": view,
        "back": reverse(VIEWS_URL_NAME),
    }
    return model_admin.render_page(http, "views", context)


def _change(
    view: SavedView, user: User, staff: Staff, http: HttpRequest, form: SavedViewForm
) -> str:
    now = get_page_time(http)
    if not form.is_bound:
        saved_view_flows.delete_view(view.pk, user, staff, now)
        return f"La vue «\u00a0{view.name}\u00a0» est supprimée."
    saved_view_flows.change_view(view.pk, user, staff, now=now, **form.cleaned_data)
    return f"La vue «\u00a0{form.cleaned_data['name']}\u00a0» est enregistrée."


def _open(http: HttpRequest) -> tuple[User, Staff]:
    staff = get_staff(http.user)
    if staff is None or not may_read(staff) or not isinstance(http.user, User):
        raise PermissionDenied
    return http.user, staff
