"""The page that says what became of each request of a bulk act."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from mgestion.staff_acts import BulkOutcome
from registrations.requests.models import Request

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

UNKNOWN: Final = "Demande inconnue, ou hors de votre périmètre."
FAILED: Final = "La base de données a refusé l’opération\u00a0: réessayez cette demande seule."
_TEMPLATE: Final = "admin/registrations/request/bulk.html"


def read_versions(http: HttpRequest) -> dict[str, int]:
    """What the agent read, by request: one that has changed since is refused as stale."""
    pairs = (entry.partition(":") for entry in http.POST.getlist("versions"))
    return {
        key: int(version)
        for key, _, version in pairs
        if version.isascii() and version.isdigit() and len(version) < 9
    }


def render_outcomes(
    admin: "ModelAdmin[Request]",
    http: HttpRequest,
    title: str,
    outcomes: Sequence[BulkOutcome[Request]],
    back: str,
) -> HttpResponse:
    """Those to take up again first."""
    done = sum(outcome.done for outcome in outcomes)
    context = {
        **admin.admin_site.each_context(http),
        "opts": admin.opts,
        "title": title,
        "outcomes": sorted(outcomes, key=lambda outcome: outcome.done),
        "done": done,
        "left": len(outcomes) - done,
        "back": back,
    }
    return TemplateResponse(http, _TEMPLATE, context)
