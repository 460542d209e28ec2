"""One act on several requests: each has its own transaction and its own answer."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation, shorten_delegation_name
from accounts.habilitations.staff.models import StaffMember
from accounts.habilitations.staff.permissions import Staff, get_staff, may_decide, may_see_request
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.staff_acts import StaffAct
from mgestion.web.links import read_carried_query
from registrations.desk.acts import assign as desk
from registrations.desk.decision.list_place import ListedRequestAdmin, build_queue_url
from registrations.desk.queue.bulk.bulk_acceptance import ACCEPT, accept_view
from registrations.desk.queue.bulk.bulk_outcomes import (
    TickedRequest,
    decide_each,
    render_outcomes,
    select_ticked,
)
from registrations.desk.queue.bulk.bulk_refusal import REFUSE, refuse_view
from registrations.desk.reminders import clock_flows
from registrations.requests.models import Request
from registrations.requests.review.review_clock import OPEN

LIMIT: Final = 200


@dataclass(frozen=True, kw_only=True)
class BulkAct(StaffAct[Request]):
    """`confirm`: the délégation that takes the requests over: the act is explained first."""

    confirm: Delegation | None = None


class IncompleteBulkAct(Exception):
    """Something is missing before anything can be done; said to the agent."""


def list_possible_assignees(staff: Staff, user: User) -> list[User]:
    """The agents who may hold requests of this scope, by name, the agent themselves left out.

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


def bulk_act_view(admin: ListedRequestAdmin, http: HttpRequest) -> HttpResponse:
    staff = get_staff(http.user)
    if staff is None or not may_decide(staff) or not isinstance(http.user, User):
        raise PermissionDenied
    if http.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    back = _get_queue_url(http)
    keys = list(dict.fromkeys(http.POST.getlist("items")))
    try:
        if not keys:
            raise IncompleteBulkAct("Cochez au moins une demande.")
        if len(keys) > LIMIT:
            raise IncompleteBulkAct(f"{LIMIT} demandes au plus à la fois\u00a0: rien n’a été fait.")
        if http.POST.get("act") == ACCEPT:
            return accept_view(admin, http, http.user, keys, back)
        if http.POST.get("act") == REFUSE:
            return refuse_view(admin, http, http.user, keys, back)
        act = _read_act(http, http.user, staff)
    except IncompleteBulkAct as missing:
        messages.warning(http, str(missing))
        return HttpResponseRedirect(back)
    if act.confirm and http.POST.get("confirmed") != "oui":
        return _show_confirmation(admin, http, keys, act, act.confirm, staff, back)
    known = {str(item.pk): item for item in select_ticked(admin, http, keys)}
    rows = [TickedRequest(known[key], "") for key in keys if key in known]  # as in the list
    outcomes = decide_each(act, http, http.user, rows, len(keys))
    return render_outcomes(admin, http, act.title, outcomes, back)


def _show_confirmation(
    admin: ListedRequestAdmin,
    http: HttpRequest,
    keys: list[str],
    act: BulkAct,
    to: Delegation,
    staff: Staff,
    back: str,
) -> HttpResponse:
    """What the act would do, before it: nothing is written."""
    items = select_ticked(admin, http, keys).filter(OPEN).select_related("delegation")
    moved = [item for item in items if item.delegation_id != to.pk]
    context = {
        "title": act.title,
        "to": to,
        "moved": moved,
        "left": len(keys) - len(moved),
        "lost": sum(
            not may_see_request(staff, delegation_id=to.pk, dga_id=item.dga_id) for item in moved
        ),
        "held": sum(item.assignee_id is not None for item in moved),
        "keys": keys,
        "filters": http.POST.get("filters", "")[:2000],
        "back": back,
    }
    return admin.render_page(http, "bulk_confirm", context)


def _read_act(http: HttpRequest, user: User, staff: Staff) -> BulkAct:
    match http.POST.get("act", ""):
        case "attribuer":
            person = _find_assignee(http.POST.get("to", ""), user, staff)
            return BulkAct(
                title=f"Attribuer à {person}",
                done=f"Attribuée à {person}.",
                verb=lambda item, actor, said, now: desk.assign_request(
                    item.pk, to=person, actor_user=user, now=now
                ),
            )
        case "reorienter":
            code = http.POST.get("delegation", "")[:20]
            delegation = Delegation.objects.filter(code=code).first()
            if delegation is None:
                raise IncompleteBulkAct("Choisissez la délégation qui traitera ces demandes.")
            return BulkAct(
                title=f"Réorienter vers la délégation {shorten_delegation_name(delegation.name)}",
                done=f"Transmise à {delegation.name}.",
                verb=lambda item, actor, said, now: desk.reroute_request(
                    item.pk, delegation=delegation, actor_user=user, now=now
                ),
                confirm=delegation,
            )
        case "relancer":
            return BulkAct(
                title="Relancer les délégations",
                done="Rappel envoyé à la boîte de la délégation.",
                verb=lambda item, actor, said, now: clock_flows.remind_delegation(
                    item.pk, actor_user=user, now=now
                ),
            )
        case _:
            raise IncompleteBulkAct("Choisissez ce qu’il faut faire des demandes cochées.")


def _find_assignee(key: str, user: User, staff: Staff) -> User:
    """A name of the list, or oneself: anybody else is as unknown as nobody."""
    for person in (user, *list_possible_assignees(staff, user)):
        if str(person.public_id) == key:
            return person
    raise IncompleteBulkAct("Choisissez à qui attribuer ces demandes.")


def _get_queue_url(http: HttpRequest) -> str:
    """The queue as the agent had filtered it."""
    return build_queue_url(read_carried_query(http.POST.get("filters", "")).urlencode())
