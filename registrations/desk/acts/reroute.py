"""Open requests that follow a change of the routing tables, each through a guarded verb."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.reference.models import Dga
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.requests import request_history
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from registrations.requests.request_guards import ensure_allowed, ensure_reviewer, lock_request


@transaction.atomic
def change_supervising_dga(
    request_id: UUID, *, dga: Dga, actor_user: User, now: datetime
) -> Request:
    """Hand the oversight of a request to another DGA. Its délégation and its clock stay, nobody is
    mailed; a decision page opened before is stale."""
    request = lock_request(request_id)
    ensure_reviewer(request, actor_user)
    ensure_allowed(request, RequestAct.REROUTED, for_staff=True)
    if request.dga_id == dga.pk:
        raise Refused("same_dga", f"La demande {request.reference} relève déjà de {dga}.")
    request.dga = dga
    request.version += 1
    request.save(update_fields=["dga", "version"])
    request_history.write_request_event(
        request,
        RequestAct.REROUTED,
        by=actor_user,
        by_staff=True,
        now=now,
        internal_note=f"Suivie par {dga}, d’après la table des branches.",
        reason="dga",
    )
    return request
