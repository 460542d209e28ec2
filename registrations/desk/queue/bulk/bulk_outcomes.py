"""The page that says what became of each request of a bulk act."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.people.models import User
from mgestion.staff_acts import BulkOutcome
from registrations.desk.decision.list_place import ListedRequestAdmin, build_place_query
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request

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


def find_bulk_obstacle(item: Request, user: User) -> str:
    """Why this request is decided alone or not at all, or empty. A decision marks what its author
    wrote as read: nobody does that without having seen it.
    """
    if not item.is_open:
        return f"La demande est déjà {item.get_status_display()}."
    if item.user_id == user.pk:
        return "Vous ne pouvez pas agir sur votre propre demande."
    if item.desk_unread_since is not None:
        return (
            "La personne a écrit, et personne ne l’a encore lue\u00a0: décidez-la depuis sa page."
        )
    return ""


def render_outcomes(
    admin: ListedRequestAdmin,
    http: HttpRequest,
    title: str,
    outcomes: Sequence[BulkOutcome[Request]],
    back: str,
) -> HttpResponse:
    """Those to take up again first; then the way back to the list, and the next one to do in it."""
    done = sum(outcome.done for outcome in outcomes)
    query = back.partition("?")[2]
    context = {
        **admin.admin_site.each_context(http),
        "opts": admin.opts,
        "title": title,
        "outcomes": sorted(outcomes, key=lambda outcome: outcome.done),
        "done": done,
        "left": len(outcomes) - done,
        "back": back,
        "following": _find_next(admin, http, query, outcomes),
        "place_query": build_place_query(query),
    }
    return TemplateResponse(http, _TEMPLATE, context)


def _find_next(
    admin: ListedRequestAdmin,
    http: HttpRequest,
    query: str,
    outcomes: Sequence[BulkOutcome[Request]],
) -> Request | None:
    """The first one of the agent's list that waits for a decision: not one that was just dealt
    with, unless the act gave it to them.
    """
    done = [outcome.item.pk for outcome in outcomes if outcome.done and outcome.item]
    waiting = admin.select_listed(http, query).filter(status=RequestStatus.SUBMITTED)
    return waiting.exclude(Q(pk__in=done) & ~Q(assignee=http.user.pk)).first()
