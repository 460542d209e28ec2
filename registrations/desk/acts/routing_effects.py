"""How many open requests a change of the routing tables would move, for whoever is to save it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga
from accounts.habilitations.reference.querysets import find_fallback_dga
from accounts.habilitations.reference.routing_effects import Changes, MoveResult, TableEffect
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.desk.acts import assign
from registrations.desk.acts import reroute as tables
from registrations.requests.models import Request

RoutingVerb = Callable[[UUID, User, datetime], object]


def preview_routing_effects(row: Any, changes: Changes) -> Iterator[TableEffect]:
    if isinstance(row, Department) and "delegation" in changes:
        yield from _preview_department_change(row, *changes["delegation"])
    if isinstance(row, Branch) and "dga" in changes:
        yield from _preview_branch_change(row, *changes["dga"])


def _preview_department_change(
    row: Department, before: Delegation | None, after: Delegation | None
) -> Iterator[TableEffect]:
    """A request that was re-routed elsewhere by hand is not the table's any more."""
    rows = _select_open_requests().filter(department=row, delegation=before)
    if after is None:
        yield from _build_effect(rows, "de délégation", str(before), "aucune délégation", None)
        return
    yield from _build_effect(
        rows,
        "de délégation",
        before.name if before else "aucune délégation",
        after.name,
        lambda key, user, now: assign.reroute_request(
            key, delegation=after, actor_user=user, now=now
        ),
        told=" La nouvelle délégation en est prévenue.",
    )


def _preview_branch_change(
    row: Branch, before: Dga | None, after: Dga | None
) -> Iterator[TableEffect]:
    """A branch without a DGA goes to the fallback one."""
    fallback = find_fallback_dga()
    source, target = before or fallback, after or fallback
    if source == target:
        return
    rows = _select_open_requests().filter(branch=row, dga=source)
    if target is None:
        yield from _build_effect(rows, "de DGA", str(source), "aucune DGA", None)
        return
    yield from _build_effect(
        rows,
        "de DGA",
        str(source) if source else "aucune DGA",
        str(target),
        lambda key, user, now: tables.change_supervising_dga(
            key, dga=target, actor_user=user, now=now
        ),
    )


def _select_open_requests() -> QuerySet[Request]:
    return Request.objects.open()


def _build_effect(
    rows: QuerySet[Request],
    what: str,
    source: str,
    target: str,
    verb: RoutingVerb | None,
    told: str = "",
) -> Iterator[TableEffect]:
    count = rows.count()
    if not count:
        return
    many = count > 1
    who = f"{count} demande{'s' if many else ''} ouverte{'s' if many else ''}"
    if verb is None:
        words = (
            f"{who} rest{'ent' if many else 'e'} à {source}\u202f; "
            f"les suivantes n’auront {target} et seront dans la file «\u00a0Non routées\u00a0»."
        )
        yield TableEffect(words, "", lambda user, now: MoveResult(0, []))
        return
    words = f"{who} changerai{'en' if many else ''}t {what}\u00a0: de {source} à {target}."
    offer = f"{'Les' if many else 'La'} déplacer aussi.{told}"
    yield TableEffect(words, offer, lambda user, now: _move_requests(rows, verb, user, now))


def _move_requests(
    rows: QuerySet[Request], verb: RoutingVerb, user: User, now: datetime
) -> MoveResult:
    """Each through its verb: what one refuses is said, and takes no other with it."""
    done, left = 0, []
    for key in list(rows.order_by("due_at", "pk").values_list("pk", flat=True)):
        try:
            verb(key, user, now)
        except Refused as no:
            left.append(no.message)
        else:
            done += 1
    return MoveResult(done, left)
