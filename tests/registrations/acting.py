"""Every act by its name, on a request in any state: what the matrix and the races play with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from accounts.habilitations.enums import Role
from accounts.habilitations.reference.models import Delegation
from accounts.people.models import User
from registrations.conversation import flows as conversation_flows
from registrations.desk.acts import assign as desk
from registrations.desk.acts import decide, reopen
from registrations.documents import flows as documents_flows
from registrations.enrolment import amend_flows
from registrations.requests import suspension_flows
from registrations.requests.enums import RequestStatus
from registrations.requests.models import RefusalReason, Request
from tests.factories.accounts import NOW
from tests.factories.registrations import make_answers, make_request

LATER = NOW + timedelta(hours=5)
_STATUS = {
    "approved": RequestStatus.APPROVED,
    "approved-asked": RequestStatus.APPROVED,
    "suspended": RequestStatus.APPROVED,
    "refused": RequestStatus.REFUSED,
    "cancelled": RequestStatus.CANCELLED,
}


def in_state(state: str, agent: User, user: User | None = None) -> Request:
    """A request of Île-de-France, held by `agent` where it is open."""
    request = make_request(user, status=_STATUS.get(state, RequestStatus.SUBMITTED), agent=agent)
    if request.is_open:
        Request.objects.filter(pk=request.pk).update(assignee=agent)
    if state in ("awaiting", "approved-asked"):
        documents_flows.ask_for_documents(
            request.pk,
            version=request.version,
            message="Votre Kbis, s’il vous plaît.",
            actor_user=agent,
            now=NOW + timedelta(hours=1),
        )
    if state == "suspended":
        suspension_flows.suspend_access(
            request.pk, reason="Sans réponse.", actor_user=agent, now=NOW + timedelta(hours=1)
        )
    return Request.objects.select_related("user").get(pk=request.pk)


def verb(
    act: str, request: Request, who: User, *, colleague: User, now: Any = LATER
) -> Callable[[], object]:
    """`act` on `request` as it was read, by `who`."""
    pk, version = request.pk, request.version
    staff: dict[str, Any] = {"actor_user": who, "now": now}

    def amended() -> object:
        answers = make_answers(siret=request.siret, company_name="Autre garage fictif")
        return amend_flows.amend_request(pk, who, answers, now)

    acts: dict[str, Callable[[], object]] = {
        "amended": amended,
        "cancelled": lambda: amend_flows.cancel_request(pk, who, now),
        "document_received": lambda: documents_flows.record_answer(
            pk, user=who, text="Voici.", now=now
        ),
        "message_received": lambda: conversation_flows.send_message(
            pk, user=who, text="Une précision.", form_token=uuid4(), now=now
        ),
        "message_sent": lambda: conversation_flows.write_to_applicant(
            pk, version=version, text="Bonjour.", form_token=uuid4(), **staff
        ),
        # Held already: taken over knowingly, by somebody else or again.
        "taken": lambda: desk.take_request(pk, over=True, **staff),
        "released": lambda: desk.release_request(pk, **staff),
        "assigned": lambda: desk.assign_request(pk, to=colleague, **staff),
        "rerouted": lambda: desk.reroute_request(
            pk, delegation=Delegation.objects.get(code="BRE"), **staff
        ),
        "approved": lambda: decide.approve_request(
            pk, version=version, role=Role.GESTIONNAIRE, **staff
        ),
        "refused": lambda: decide.refuse_request(
            pk,
            version=version,
            reason=RefusalReason.objects.get(code="siret-identite"),
            text="Le SIRET ne va pas.",
            **staff,
        ),
        "document_asked": lambda: documents_flows.ask_for_documents(
            pk, version=version, message="Votre Kbis ?", **staff
        ),
        "document_withdrawn": lambda: documents_flows.withdraw_asking(pk, **staff),
        "reopened": lambda: reopen.reopen_request(
            pk, version=version, reason="Une erreur.", **staff
        ),
        "access_suspended": lambda: suspension_flows.suspend_access(
            pk, reason="Sans réponse.", **staff
        ),
        "access_restored": lambda: suspension_flows.restore_access(pk, **staff),
        "noted": lambda: desk.write_internal_note(pk, text="Vu au téléphone.", **staff),
    }
    return acts[act]
