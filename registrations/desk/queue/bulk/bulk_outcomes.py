"""What bulk acts share: the ticked requests, and the page that says what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.habilitations.enums import Role
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.staff_acts import BulkOutcome, StaffAct, perform_on_each
from registrations.desk.decision.list_place import ListedRequestAdmin, build_place_query
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_clock import get_page_time
from registrations.search.lookups import is_uuid

UNKNOWN: Final = "Demande inconnue, ou hors de votre périmètre."
FAILED: Final = "La base de données a refusé l’opération\u00a0: réessayez cette demande seule."


@dataclass(frozen=True, slots=True)
class TickedRequest:
    """A request that was ticked. `refusal`: why the act does not apply to it, or empty. `version`:
    as the agent read it. `proof`: the invitation or the known address, in a sentence.
    """

    item: Request
    refusal: str
    version: int = 0
    proof: str = ""

    @property
    def administrator(self) -> bool:
        return Role(self.item.asked_role).is_administrator


def select_ticked(
    admin: ListedRequestAdmin, http: HttpRequest, keys: Sequence[str]
) -> QuerySet[Request]:
    """Those of the agent's scope, the most urgent first."""
    found = admin.get_queryset(http).filter(pk__in=[key for key in keys if is_uuid(key)])
    return found.order_by("due_at", "pk")


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


def decide_each(
    act: StaffAct[Request], http: HttpRequest, user: User, rows: Sequence[TickedRequest], keys: int
) -> list[BulkOutcome[Request]]:
    """Those that the act does not apply to are left. `keys`: how many were ticked."""
    decided = [row.item for row in rows if not row.refusal]
    actor, now = Actor.staff(user), get_page_time(http)
    return [
        *(BulkOutcome[Request](None, False, UNKNOWN) for _ in range(keys - len(rows))),
        *(BulkOutcome(row.item, False, row.refusal) for row in rows if row.refusal),
        *perform_on_each(act, decided, actor, now, failed_words=FAILED),
    ]


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
        "title": title,
        "outcomes": sorted(outcomes, key=lambda outcome: outcome.done),
        "done": done,
        "left": len(outcomes) - done,
        "back": back,
        "following": _find_next(admin, http, query, outcomes),
        "place_query": build_place_query(query),
    }
    return admin.render_page(http, "bulk", context)


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
