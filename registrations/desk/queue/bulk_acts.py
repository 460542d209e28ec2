"""One act on several requests: each through its guarded verb, each with its own answer."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Q
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.enums import Status
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.models import Delegation, StaffMember, short_name
from accounts.habilitations.permissions import Staff, may_decide, sees, staff_of
from accounts.models import User
from mgestion.errors import Refused
from registrations.desk.acts import assign as desk
from registrations.desk.reminders import clock_flows
from registrations.requests.desk_clock import OPEN, now_of
from registrations.requests.models import Request
from registrations.search.lookups import is_uuid

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

LIMIT: Final = 200
CONFIRM: Final = "admin/registrations/request/bulk_confirm.html"
TEMPLATE: Final = "admin/registrations/request/bulk.html"
_UNKNOWN: Final = "Demande inconnue, ou hors de votre périmètre."
_FAILED: Final = "La base de données a refusé l’opération\u00a0: réessayez cette demande seule."
_log = logging.getLogger(__name__)

Verb = Callable[[UUID], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request; `item` is None for one that the agent may not know of."""

    item: Request | None
    done: bool
    words: str


@dataclass(frozen=True, slots=True)
class Task:
    """`confirm`: the délégation that takes the requests over: the act is explained first."""

    title: str
    done: str
    verb: Verb
    confirm: Delegation | None = None


class Incomplete(Exception):
    """Something is missing before anything can be done; said to the agent."""


def fellows(staff: Staff, user: User) -> list[User]:
    """The agents whom one may think of to hold requests of this scope, by name, oneself left out.

    The verb decides for each request; this list only names nobody of another délégation.
    """
    members = StaffMember.objects.filter(
        role__in=(StaffRole.NATIONAL, StaffRole.REVIEWER),
        user__status=Status.ACTIVE,
        user__is_staff=True,
    )
    if not staff.sees_everything:
        members = members.filter(
            Q(role=StaffRole.NATIONAL)
            | Q(delegations__in=staff.delegation_ids)
            | Q(dgas__in=staff.dga_ids)
        )
    people = User.objects.filter(pk__in=members.values("user_id")).exclude(pk=user.pk)
    return list(people.order_by("last_name", "first_name", "pk"))


def view(admin: "ModelAdmin[Request]", http: HttpRequest) -> HttpResponse:
    staff = staff_of(http.user)
    if staff is None or not may_decide(staff) or not isinstance(http.user, User):
        raise PermissionDenied
    if http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    back = _back(http)
    keys = list(dict.fromkeys(http.POST.getlist("items")))
    try:
        if not keys:
            raise Incomplete("Cochez au moins une demande.")
        if len(keys) > LIMIT:
            raise Incomplete(f"{LIMIT} demandes au plus à la fois\u00a0: rien n’a été fait.")
        task = _task(http, http.user, staff, now_of(http))
    except Incomplete as missing:
        messages.warning(http, str(missing))
        return HttpResponseRedirect(back)
    if task.confirm and http.POST.get("confirmed") != "oui":
        return _confirm(admin, http, keys, task, staff, back)
    outcomes = _each(admin, http, keys, task)
    done = sum(outcome.done for outcome in outcomes)
    context = {
        **admin.admin_site.each_context(http),
        "opts": admin.opts,
        "title": task.title,
        "outcomes": sorted(outcomes, key=lambda outcome: outcome.done),
        "done": done,
        "left": len(outcomes) - done,
        "back": back,
    }
    return TemplateResponse(http, TEMPLATE, context)


def _confirm(
    admin: "ModelAdmin[Request]",
    http: HttpRequest,
    keys: list[str],
    task: Task,
    staff: Staff,
    back: str,
) -> HttpResponse:
    """What the act would do, before it: nothing is written."""
    to = task.confirm
    if to is None:
        raise TypeError("only an act that moves requests is confirmed")
    rows = admin.get_queryset(http).filter(pk__in=[key for key in keys if is_uuid(key)])
    items = list(rows.filter(OPEN).select_related("delegation").order_by("due_at", "pk"))
    moved = [item for item in items if item.delegation_id != to.pk]
    context = {
        **admin.admin_site.each_context(http),
        "opts": admin.opts,
        "title": task.title,
        "to": to,
        "moved": moved,
        "left": len(keys) - len(moved),
        "lost": sum(not sees(staff, delegation_id=to.pk, dga_id=item.dga_id) for item in moved),
        "held": sum(item.assignee_id is not None for item in moved),
        "keys": keys,
        "filters": http.POST.get("filters", "")[:2000],
        "back": back,
    }
    return TemplateResponse(http, CONFIRM, context)


def _each(
    admin: "ModelAdmin[Request]", http: HttpRequest, keys: list[str], task: Task
) -> list[Outcome]:
    """In the order of the list; each in a transaction of its own, so that none takes another with
    it. Scope is read before the act: afterwards a request may have left it."""
    known = {
        str(item.pk): item
        for item in admin.get_queryset(http).filter(pk__in=[key for key in keys if is_uuid(key)])
    }
    outcomes = []
    for key in keys:
        item = known.get(key)
        if item is None:
            outcomes.append(Outcome(None, False, _UNKNOWN))
            continue
        try:
            task.verb(item.pk)
        except Refused as no:
            outcomes.append(Outcome(item, False, no.message))
        except DatabaseError:
            _log.exception("bulk act on request %s", item.pk)
            outcomes.append(Outcome(item, False, _FAILED))
        else:
            outcomes.append(Outcome(item, True, task.done))
    return outcomes


def _task(http: HttpRequest, user: User, staff: Staff, now: datetime) -> Task:
    act = http.POST.get("act", "")
    if act == "attribuer":
        person = _person(http.POST.get("to", ""), user, staff)
        return Task(
            f"Attribuer à {person}",
            f"Attribuée à {person}.",
            lambda key: desk.assign(key, to=person, actor_user=user, now=now),
        )
    if act == "reorienter":
        code = http.POST.get("delegation", "")[:20]
        delegation = Delegation.objects.filter(code=code).first()
        if delegation is None:
            raise Incomplete("Choisissez la délégation qui traitera ces demandes.")
        return Task(
            f"Réorienter vers la délégation {short_name(delegation.name)}",
            f"Transmise à {delegation.name}.",
            lambda key: desk.reroute(key, delegation=delegation, actor_user=user, now=now),
            confirm=delegation,
        )
    if act == "relancer":
        return Task(
            "Relancer les délégations",
            "Rappel envoyé à la boîte de la délégation.",
            lambda key: clock_flows.remind(key, actor_user=user, now=now),
        )
    raise Incomplete("Choisissez ce qu’il faut faire des demandes cochées.")


def _person(key: str, user: User, staff: Staff) -> User:
    """A name of the list, or oneself: anybody else is as unknown as nobody."""
    for person in (user, *fellows(staff, user)):
        if str(person.public_id) == key:
            return person
    raise Incomplete("Choisissez à qui attribuer ces demandes.")


def _back(http: HttpRequest) -> str:
    """The queue as the agent had filtered it."""
    query = QueryDict(http.POST.get("filters", "")[:2000]).urlencode()
    queue = reverse("admin:registrations_request_changelist")
    return f"{queue}?{query}" if query else queue
