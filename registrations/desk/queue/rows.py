"""The rows of the queue's table, and the columns that fold because every row says the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from accounts.habilitations.reference.models import shorten_delegation_name
from accounts.people.enums import Status
from accounts.people.models import User
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.review.review_clock import DueLabel, describe_due_time
from registrations.requests.review.review_hints import ReviewHint, split_hint_codes

# What a row reads, and no more: half of the time of fifty rows is in their columns. Platforms,
# délégations and DGAs come from `ReferenceTables`: with eight tables in one statement, PostgreSQL
# takes fifty times longer to plan it than to run it.
ROW_RELATIONS: Final = ("user", "department", "branch", "assignee")
ROW_COLUMNS: Final = (
    "reference",
    "last_name",
    "first_name",
    "company_name",
    "siret",
    "kind",
    "status",
    "submitted_at",
    "decided_at",
    "due_at",
    "paused_at",
    "desk_unread_since",
    "signals",
    "invitation",
    "user__email",
    "user__status",
    "platform",
    "department__code",
    "department__name",
    "department__in_territory",
    "branch__label",
    "delegation",
    "dga",
    "assignee__email",
    "assignee__last_name",
    "assignee__first_name",
)
UNROUTED: Final = "Non routée"
NOBODY: Final = "Personne"


@dataclass(frozen=True, slots=True)
class QueueRow:
    request: Request
    address: str
    platform: str
    delegation: str
    due: DueLabel | None
    assignee: str
    mine: bool
    signals: list[ReviewHint]


def build_rows(
    items: Sequence[Request], *, user: User, blocked: Collection[int], place: str, now: datetime
) -> list[QueueRow]:
    """`place`: what the address of each request needs to walk this list."""
    platforms = {item.platform_id: get_request_label(item.platform) for item in items}
    return [
        QueueRow(
            item,
            reverse("admin:registrations_request_change", args=[item.pk]) + place,
            platforms[item.platform_id],
            shorten_delegation_name(item.delegation.name) if item.delegation else UNROUTED,
            describe_due_time(item, now),
            str(item.assignee or NOBODY),
            item.assignee_id == user.pk,
            list_signals(item, blocked),
        )
        for item in items
    ]


def list_signals(item: Request, blocked: Collection[int]) -> list[ReviewHint]:
    """What the signals column says of an open request; a closed one has none to heed."""
    if not item.is_open:
        return []
    raised: set[str] = set(split_hint_codes(item.signals))
    if item.user.status != Status.ACTIVE:
        raised.add(ReviewHint.ACCOUNT)
    if item.user_id in blocked:
        raised.add(ReviewHint.BLOCKED)
    if not item.department.in_territory:
        raised.add(ReviewHint.TERRITORY)
    if item.delegation_id is None:
        raised.add(ReviewHint.UNROUTED)
    return [signal for signal in ReviewHint if signal.value in raised]


@dataclass(frozen=True, slots=True)
class FoldedColumns:
    """The columns that are shown; each of the others is said once, by `words`."""

    platform: bool
    delegation: bool
    assignee: bool
    signals: bool
    words: tuple[str, ...]


def fold_columns(rows: Sequence[QueueRow]) -> FoldedColumns:
    platforms = {row.platform for row in rows}
    delegations = {row.delegation for row in rows}
    assignees = {row.assignee for row in rows}
    signals = any(row.signals for row in rows)
    words = []
    if len(platforms) == 1:
        words.append(f"toutes pour {next(iter(platforms))}")
    if len(delegations) == 1 and UNROUTED not in delegations:
        words.append(f"délégation {next(iter(delegations))}")
    if len(assignees) == 1:
        mine = rows[0].mine
        name = "vous" if mine else rows[0].assignee
        words.append("sans instructeur" if name == NOBODY else f"instructeur\u00a0: {name}")
    if rows and not signals:
        words.append("aucun signal")
    return FoldedColumns(
        platform=len(platforms) > 1,
        delegation=len(delegations) > 1 or UNROUTED in delegations,
        assignee=len(assignees) > 1,
        signals=signals,
        words=tuple(words),
    )
