"""Versions and acceptances, to read. Publishing goes through `flows.publish`."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.legal.models import TermsAcceptance, TermsVersion
from mgestion.admin_titles import Titled


class ReadOnlyAdmin(Titled):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TermsVersion)
class TermsVersionAdmin(ReadOnlyAdmin):
    list_display = ("label", "effective_at", "published_at", "requires_acceptance", "demonstration")
    list_filter = ("demonstration",)
    search_fields = ("label", "slug")


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(ReadOnlyAdmin):
    list_display = ("user", "version", "where", "accepted_at")
    list_filter = ("version", "where")
    list_select_related = ("user", "version")
    search_fields = ("user__email_key",)
    date_hierarchy = "accepted_at"
