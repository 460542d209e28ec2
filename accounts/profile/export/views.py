"""« Mes données »: a copy to read or take away, and the exercise of each right.

A copy is made by a worker and waits a day. Asking for it and reading it both want a password shown
a few minutes before (`proven`): a borrowed screen is not enough.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.entry.login.adapter import SeeOther
from accounts.entry.second_factor.views import require_confirmation
from accounts.entry.sessions import session_flows
from accounts.people.signed_in import get_signed_in_user
from accounts.profile.account.forms import RightsForm
from accounts.profile.export import flows as export_flows
from accounts.profile.models import DataExport, RightsRequest
from accounts.profile.rights import flows as rights_flows
from mgestion.errors import Refused
from mgestion.text.dates import paris_date


@require_http_methods(["GET", "HEAD"])
def my_data_view(request: HttpRequest) -> HttpResponse:
    """Where the copy stands, the requests and their answers. Two statements."""
    user, now = get_signed_in_user(request), timezone.now()
    copy = export_flows.find_latest_export(user)
    mine = RightsRequest.objects.filter(person=user.public_id).order_by("-created_at")
    today = paris_date(now)
    context = {
        "person": user,
        "copy": copy,
        "copy_state": _build_state(copy, now),
        "requests": [(row, row.is_late(today)) for row in mine],
        "dpo_email": settings.DPO_EMAIL,
    }
    return render(request, "profile/export/my_data.html", context)


def _build_state(copy: DataExport | None, now: Any) -> str:
    """`none`, `making`, `ready` or `expired`."""
    if copy is None:
        return "none"
    if copy.expires_at is None:
        return "making"
    return "ready" if copy.expires_at > now else "expired"


# --- the copy -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def ask_export_view(request: HttpRequest) -> HttpResponse:
    """A page with one button; too long after the proof, the proof again and then the page."""
    if request.method == "POST" and not session_flows.is_recently_proven(request, timezone.now()):
        return SeeOther(reverse("profile:ask_export"))
    return _ask_export(request)


@require_confirmation(login_counts=True)
def _ask_export(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            export_flows.ask_for_export(get_signed_in_user(request), now=timezone.now())
        except Refused as refusal:
            messages.warning(request, refusal.message)
        else:
            messages.success(
                request, "Votre copie est en préparation. Un e-mail vous dira qu’elle est prête."
            )
        return SeeOther(reverse("profile:my_data"))
    return render(request, "profile/export/ask_export.html", {"person": request.user})


@require_http_methods(["GET", "HEAD", "POST"])
def show_export_view(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """GET: the readable page. POST: the file, which is journaled. Somebody else's, expired or
    never made: the same answer.
    """
    if request.method == "POST" and not session_flows.is_recently_proven(request, timezone.now()):
        return SeeOther(reverse("profile:export", args=[export_id]))

    @require_confirmation(login_counts=True)
    def shown(request: HttpRequest) -> HttpResponse:
        user, now = get_signed_in_user(request), timezone.now()
        found = export_flows.select_readable_exports(user, export_id, now)
        if found is None:
            return render(request, "profile/export/export_gone.html", status=410)
        copy, document = found
        if request.method == "POST":
            export_flows.download_export(user, copy, now=now)
            return _build_file(copy, document)
        context = {
            "copy": copy,
            "made": document["établi le"],
            "sections": _decrypt_sections(document),
        }
        return render(request, "profile/export/export.html", context)

    return shown(request)


def _decrypt_sections(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The same by names that a template can say."""
    return [
        {
            "title": section["rubrique"],
            "period": section["conservation"],
            "why": section["raison"],
            "at_deletion": section["à la suppression du compte"],
            "rows": section["lignes"],
        }
        for section in document["rubriques"]
    ]


def _build_file(copy: DataExport, document: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 2})
    day = paris_date(copy.ready_at or copy.asked_at)
    response["Content-Disposition"] = f'attachment; filename="mes-donnees-{day:%Y-%m-%d}.json"'
    return response


# --- the rights -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def ask_right_view(request: HttpRequest) -> HttpResponse:
    """Which right, and in the person's own words."""
    user = get_signed_in_user(request)
    wanted = {"right": request.GET.get("droit", "")}
    form = RightsForm(request.POST if request.method == "POST" else None, initial=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            made = rights_flows.ask_for_right(user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                f"Votre demande {made.reference} est enregistrée. Un e-mail vous en accuse "
                "réception.",
            )
            return SeeOther(reverse("profile:my_data"))
    context = {"form": form, "dpo_email": settings.DPO_EMAIL}
    return render(request, "profile/rights/ask_right.html", context)
