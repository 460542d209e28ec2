"""Who handles a request, and which délégation: assignment, re-routing, internal notes."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Branch, Delegation
from accounts.habilitations.reference.querysets import find_fallback_dga
from accounts.habilitations.reference.routing import find_route
from accounts.habilitations.staff.models import StaffMember
from accounts.habilitations.staff.permissions import (
    Staff,
    get_staff,
    may_configure,
    may_decide,
    may_see_request,
)
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from registrations.enrolment.submit_flows import notify_delegation
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_for_agent
from registrations.requests.request_history import write_request_event


@transaction.atomic
def take_request(
    request_id: UUID, *, actor_user: User, now: datetime, over: bool = False
) -> Request:
    """Assigns the request to the agent. Refused when a colleague holds it, unless `over` is set.

    The version stays: a decision page open elsewhere still shows what is decided.
    """
    request = lock_for_agent(request_id, RequestAct.TAKEN, actor_user)
    if request.assignee_id == actor_user.pk:
        return request
    if request.assignee is not None and not over:
        raise WrongState(
            "taken",
            f"La demande {request.reference} est déjà prise en charge par {request.assignee}.",
        )
    request.assignee = actor_user
    request.save(update_fields=["assignee"])
    write_request_event(request, RequestAct.TAKEN, agent=actor_user, now=now)
    return request


@transaction.atomic
def release_request(request_id: UUID, *, actor_user: User, now: datetime) -> Request:
    """Puts the request back in the queue; for its assignee or a national administrator."""
    request = lock_for_agent(request_id, RequestAct.RELEASED, actor_user)
    if request.assignee is None:
        return request
    if request.assignee_id != actor_user.pk and not may_configure(get_staff(actor_user)):
        raise WrongState(
            "not_yours",
            f"La demande {request.reference} est prise en charge par {request.assignee}\u00a0: "
            "cette personne seule la remet en file.",
        )
    request.assignee = None
    request.save(update_fields=["assignee"])
    write_request_event(request, RequestAct.RELEASED, agent=actor_user, now=now)
    return request


@transaction.atomic
def assign_request(request_id: UUID, *, to: User, actor_user: User, now: datetime) -> Request:
    """Assigns the request to a colleague who may decide it. No mail: it is in « Mes demandes »."""
    request = lock_for_agent(request_id, RequestAct.ASSIGNED, actor_user)
    if to.pk == request.assignee_id:
        return request
    if not _may_hold_request(to, get_staff(to), request):
        raise Refused(
            "cannot_hold", f"{to} ne peut pas traiter cette demande\u00a0: choisissez un autre nom."
        )
    request.assignee = to
    request.save(update_fields=["assignee"])
    write_request_event(
        request,
        RequestAct.ASSIGNED,
        agent=actor_user,
        now=now,
        internal_note=f"Attribuée à {to}.",
        detail={"to": str(to.public_id)},
    )
    return request


def list_eligible_colleagues(request: Request, actor_user: User) -> list[User]:
    """The agents to whom `actor_user` may assign `request`, by name, without `actor_user`."""
    members = StaffMember.objects.select_related("user").prefetch_related("delegations", "dgas")
    members = members.filter(user__status=Status.ACTIVE, user__is_staff=True)
    able = [
        member.user
        for member in members.exclude(user=actor_user)
        if _may_hold_request(member.user, _build_staff(member), request)
    ]
    return sorted(able, key=lambda person: (person.last_name, person.first_name, person.pk))


def _build_staff(member: StaffMember) -> Staff:
    """The same as `staff_of`, from prefetched rows: one statement for all members."""
    return Staff(
        StaffRole(member.role),
        frozenset(row.pk for row in member.delegations.all()),
        frozenset(row.pk for row in member.dgas.all()),
    )


def _may_hold_request(person: User, staff: Staff | None, request: Request) -> bool:
    return (
        person.status == Status.ACTIVE
        and may_decide(staff)
        and may_see_request(staff, delegation_id=request.delegation_id, dga_id=request.dga_id)
        and person.pk != request.user_id
    )


@transaction.atomic
def reroute_request(
    request_id: UUID,
    *,
    delegation: Delegation | None = None,
    branch: Branch | None = None,
    actor_user: User,
    now: datetime,
) -> Request:
    """Moves the request to another délégation, or corrects its branch, which sets its DGA and its
    dashboard (R49). The review clock goes on. The new délégation gets a mail; the applicant sees
    the change in the history of the request.
    """
    request = lock_for_agent(request_id, RequestAct.REROUTED, actor_user)
    moved = delegation is not None and delegation.pk != request.delegation_id
    changed = branch is not None and branch.pk != request.branch_id
    if branch is not None and request.branch_id is None:
        raise Refused("no_branch", "Cette demande n’a pas de branche.")
    if not moved and not changed:
        raise Refused("same_route", "Choisissez une autre délégation ou une autre branche.")
    said = []
    if delegation is not None and moved:
        request.delegation = delegation
        said.append(f"Votre demande est désormais traitée par {delegation.name}.")
    if branch is not None and changed:
        where = find_route(
            kind=request.kind,
            branch=branch,
            department=request.department,
            fallback_dga=find_fallback_dga(),
        )
        request.branch, request.dga, request.dashboard = branch, where.dga, where.dashboard or ""
        said.append(f"Branche retenue\u00a0: {branch.label}.")
    request.assignee = None
    request.save_as_new_version("delegation", "branch", "dga", "dashboard", "assignee")
    write_request_event(
        request,
        RequestAct.REROUTED,
        agent=actor_user,
        now=now,
        text="\n".join(said),
        reason="delegation" if moved else "branch",
    )
    notify_delegation(request, now=now)
    return request


@transaction.atomic
def write_internal_note(request_id: UUID, *, text: str, actor_user: User, now: datetime) -> Request:
    """Writes an internal note, in any state. The person may ask to read it."""
    request = lock_for_agent(request_id, RequestAct.NOTED, actor_user)
    if not text.strip():
        raise Refused("note_needed", "Écrivez la note avant de l’enregistrer.")
    if _is_repeated_note(request, text.strip(), actor_user):
        return request
    write_request_event(
        request, RequestAct.NOTED, agent=actor_user, now=now, internal_note=text.strip()
    )
    return request


def _is_repeated_note(request: Request, text: str, actor_user: User) -> bool:
    """The same form sent twice: the last line of the history is this very note."""
    last = request.events.order_by("-at", "-pk").first()
    return (
        last is not None
        and last.act == RequestAct.NOTED
        and last.actor == actor_user.public_id
        and last.internal_note == text
    )
