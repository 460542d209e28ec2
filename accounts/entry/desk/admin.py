"""The staff pages for acts on an account's sessions, password and second factor."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from accounts.entry.desk.panel import ACTS
from accounts.entry.models import SessionRecord
from accounts.habilitations.reference.base_admin import AccountActView, ReadOnlyAdmin


@admin.register(SessionRecord)
class SessionRecordAdmin(ReadOnlyAdmin):
    """No list: sessions are shown on the page of their person. Here are the pages of the acts."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "compte/<uuid:public_id>/<slug:word>/",
            self.admin_site.admin_view(EntryActView.as_view()),
            name="entry_account_act",
        )
        return [act, *super().get_urls()]


class EntryActView(AccountActView):
    acts = ACTS

    def impossible_words(self) -> str:
        return "Cette action n’a pas d’objet pour ce compte."
