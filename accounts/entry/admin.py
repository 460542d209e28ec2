"""One agent acts on one person's ways in: what will happen, the reason, one button."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.entry.models import SessionRecord
from accounts.entry.panel import offered
from accounts.habilitations.permissions import may_configure, staff_of
from accounts.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.web.kept_typing import posted_or_kept


class NoteForm(forms.Form):
    """Why: kept in the journal, erased with the account."""

    note = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Gardé au journal, effacé avec le compte.",
        widget=forms.Textarea(attrs={"rows": 3, "aria-describedby": "id_note_helptext"}),
        error_messages={"required": "Indiquez le motif."},
    )


@admin.register(SessionRecord)
class SessionRecordAdmin(admin.ModelAdmin[SessionRecord]):
    """No list: sessions are shown on the page of their person. Here are the pages of the acts."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "compte/<uuid:public_id>/<slug:word>/",
            self.admin_site.admin_view(page),
            name="entry_account_act",
        )
        return [act, *super().get_urls()]


def page(request: HttpRequest, public_id: UUID, word: str) -> HttpResponse:
    """Says what will happen; a POST does it. National administrators only."""
    agent = request.user
    if not isinstance(agent, User) or not may_configure(staff_of(agent)):
        raise PermissionDenied
    user = get_object_or_404(User, public_id=public_id)
    back = reverse("admin:accounts_user_change", args=[user.pk])
    act = offered(user).get(word)
    if act is None:
        messages.error(request, "Cette action n’a pas d’objet pour ce compte.")
        return HttpResponseRedirect(back)
    form = NoteForm(posted_or_kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            act.do(
                user,
                actor=Actor.staff(agent),
                note=form.cleaned_data["note"],
                now=timezone.now(),
            )
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, act.done)
        return HttpResponseRedirect(back)
    context = {
        **admin.site.each_context(request),
        "title": f"{act.label}\u202f?",
        "form": form,
        "act": act,
        "account": user,
        "back": back,
    }
    return TemplateResponse(request, "admin/accounts/user/entry_act.html", context)
