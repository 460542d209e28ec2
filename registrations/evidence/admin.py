"""The list of known contacts, and the page where a national administrator replaces it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.habilitations.staff.permissions import get_staff, may_configure
from mgestion.errors import Refused
from mgestion.personal_data import format_retention
from mgestion.templatetags.portal import siret
from registrations.evidence.contact_files import (
    COLUMNS,
    MAX_BYTES,
    MAX_LINES,
    ContactLine,
    LineFault,
    read_contact_file,
)
from registrations.evidence.contact_flows import replace_known_contacts
from registrations.evidence.models import KnownContact

SHOWN_FAULTS = 100
LIST_URL_NAME = "admin:registrations_knowncontact_changelist"
IMPORT_TEMPLATE = "admin/registrations/knowncontact/import.html"


class ContactFileForm(forms.Form):
    contacts = forms.FileField(
        label="Fichier CSV",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        allow_empty_file=True,
        error_messages={
            "required": "Choisissez un fichier.",
            "invalid": "Choisissez un fichier.",
        },
    )


class EmptyListForm(forms.Form):
    sure = forms.BooleanField(
        label="Oui, effacer toute la liste",
        error_messages={"required": "Cochez la case pour vider la liste."},
    )


@admin.register(KnownContact)
class KnownContactAdmin(ReadOnlyAdmin):
    """Read-only: the list is replaced as a whole."""

    change_list_template = "admin/registrations/knowncontact/change_list.html"
    list_display = ("address", "place", "name", "imported_at")
    fields = ("address", "place", "name", "imported_at")
    search_fields = ("address_key__startswith", "siret__startswith", "name__istartswith")
    search_help_text = "Début de l’adresse, du SIRET ou du nom."
    show_full_result_count = False

    @admin.display(description="SIRET", ordering="siret")
    def place(self, row: KnownContact) -> str:
        return siret(row.siret) if row.siret else "Tous"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"may_import": may_configure(get_staff(request.user))}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "importer/",
            self.admin_site.admin_view(self.import_view),
            name="registrations_knowncontact_import",
        )
        return [page, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not may_configure(get_staff(request.user)):
            raise PermissionDenied
        emptying = request.POST.get("act") == "vider"
        replacing = request.method == "POST" and not emptying
        form = ContactFileForm(
            request.POST if replacing else None,
            request.FILES if replacing else None,
            label_suffix="",
        )
        empty_form = EmptyListForm(request.POST if emptying else None, label_suffix="")
        faults: list[LineFault] = []
        if empty_form.is_valid():
            return self._replace(request, [])
        if form.is_valid():
            file: UploadedFile[bytes] = form.cleaned_data["contacts"]
            lines, faults = read_contact_file(file.read(MAX_BYTES + 1))
            if not faults:
                return self._replace(request, lines)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Importer une liste de contacts connus",
            "form": form,
            "empty_form": empty_form,
            "faults": faults[:SHOWN_FAULTS],
            "more_faults": max(len(faults) - SHOWN_FAULTS, 0),
            "columns": COLUMNS,
            "max_lines": f"{MAX_LINES:,}".replace(",", "\u00a0"),
            "known": KnownContact.objects.count(),
            "kept": format_retention("known_contacts"),
        }
        return TemplateResponse(request, IMPORT_TEMPLATE, context)

    def _replace(self, request: HttpRequest, lines: list[ContactLine]) -> HttpResponse:
        try:
            now_known, before = replace_known_contacts(
                lines,
                actor_user=request.user,  # type: ignore[arg-type]  # an agent is a User
                now=timezone.now(),
            )
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            words = (
                f"{now_known}\u00a0contact{'s' if now_known > 1 else ''} enregistré"
                f"{'s' if now_known > 1 else ''}"
                if now_known
                else "La liste est vidée"
            )
            messages.success(request, f"{words}\u202f; la liste précédente en comptait {before}.")
        return HttpResponseRedirect(reverse(LIST_URL_NAME))
