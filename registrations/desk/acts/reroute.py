"""Open requests that follow a change of the routing tables, each through a guarded verb."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.reference.models import Dga
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_for_agent
from registrations.requests.request_history import write_request_event


@transaction.atomic
def change_supervising_dga(
    request_id: UUID, *, dga: Dga, actor_user: User, now: datetime
) -> Request:
    """Hand the oversight of a request to another DGA. Its délégation and its clock stay, nobody is
    mailed; a decision page opened before is stale."""
    request = lock_for_agent(request_id, RequestAct.REROUTED, actor_user)
    if request.dga_id == dga.pk:
        raise Refused("same_dga", f"La demande {request.reference} relève déjà de {dga}.")
    request.dga = dga
    request.save_as_new_version("dga")
    write_request_event(
        request,
        RequestAct.REROUTED,
        agent=actor_user,
        now=now,
        internal_note=f"Suivie par {dga}, d’après la table des branches.",
        reason="dga",
    )
    return request
