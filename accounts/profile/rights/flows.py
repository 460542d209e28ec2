"""The verbs on rights requests (GDPR 12 and 15 to 21; R80, R121, S33).

Each one locks the row, refuses a state that it does not fit, and writes a line of the journal. The
person is told by mail when there is an account; who wrote by letter is answered by letter.
"""

import re
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.leaving import account_departures
from accounts.people.addresses import fold_address
from accounts.people.models import User
from accounts.profile.acts import ProfileAct
from accounts.profile.enums import OPEN, Channel, RequestState, Right
from accounts.profile.models import RightsRequest
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import add_months, french_date, paris_date

ACKNOWLEDGED: Final = "profile.rights_acknowledged"
EXTENDED: Final = "profile.rights_extended"
SETTLED: Final = "profile.rights_settled"
NEW: Final = "profile.rights_received"
DUE: Final = "profile.rights_due"

OPEN_AT_MOST: Final = 5  # by one person through the portal
# Days before the last one on which the DPO is reminded; -1: the day after it.
REMINDERS: Final = (7, 2, -1)
# Wide: « Paul Fictif <paul@exemple.fr> », « paul@exemple.fr, ou par lettre ».
_ADDRESS: Final = re.compile(r"[^\s<>()\[\];,:\"]+@[^\s<>()\[\];,:\"]*[^\s<>()\[\];,:\".]")


def get_due_date(received_on: date, *, extended: bool = False) -> date:
    """The last day for the answer: one calendar month, two more when extended (GDPR 12.3, S35)."""
    return add_months(received_on, 3 if extended else 1)


@transaction.atomic
def ask_for_right(user: User, *, right: str, said: str, now: datetime) -> RightsRequest:
    """By the person, on the portal; acknowledged at once. The same words twice are one request.
    Raises Refused when too many wait already.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two clicks at once
    mine = RightsRequest.objects.open().filter(person=user.public_id)
    twin = mine.filter(right=right, said=said).first()
    if twin is not None:
        return twin
    if mine.count() >= OPEN_AT_MOST:
        raise Refused(
            "rights.too_many",
            f"Vous avez déjà {OPEN_AT_MOST}\u00a0demandes en cours\u00a0: attendez une réponse, ou "
            f"écrivez à {settings.DPO_EMAIL}.",
        )
    request = _create_request(
        user,
        actor=Actor.person(user),
        now=now,
        right=right,
        channel=Channel.PORTAL,
        said=said,
        received_on=paris_date(now),
    )
    queue_mail(NEW, subject=request.pk, now=now)
    return request


@transaction.atomic
def enter_rights_request(
    user: User | None,
    *,
    name: str,
    contact: str,
    right: str,
    channel: str,
    said: str,
    received_on: date,
    actor: Actor,
    now: datetime,
) -> RightsRequest:
    """By the DPO, for a letter or an e-mail. Whoever has an account gets the acknowledgement: the
    one named, else that of the e-mail address to which to answer.
    """
    if received_on > paris_date(now):
        raise Refused("rights.future", "Cette date est à venir\u00a0: vérifiez-la.")
    key = get_contact_key(contact)
    return _create_request(
        user or (User.objects.with_address(key) if key else None),
        actor=actor,
        now=now,
        name=name,
        contact=contact,
        right=right,
        channel=channel,
        said=said,
        received_on=received_on,
    )


def follow_address_of_rights_requests(old: str, new: str, person: UUID) -> None:
    """What came under an address before its holder had an account: now that they give it up, it is
    the account's, or an erasure would not find it.
    """
    RightsRequest.objects.filter(person__isnull=True, contact_key=old).update(person=person)


def get_contact_key(contact: str) -> str:
    """The first e-mail address in `contact`, folded as accounts' addresses are; empty without."""
    found = _ADDRESS.search(contact)
    # Folding may lengthen what was typed (« ﬁ » is two letters); an address never is so long.
    return fold_address(found[0])[:300] if found else ""


def _create_request(
    user: User | None, *, actor: Actor, now: datetime, received_on: date, **said: Any
) -> RightsRequest:
    if user is not None:
        said = {"name": user.full_name or user.email, "contact": user.email} | {
            key: value for key, value in said.items() if value
        }
    request = RightsRequest.objects.create(
        person=user.public_id if user else None,
        state=RequestState.ACKNOWLEDGED if user else RequestState.RECEIVED,
        acknowledged_at=now if user else None,
        received_on=received_on,
        due_on=get_due_date(received_on),
        handled_by=actor.agent_id,
        created_at=now,
        contact_key=get_contact_key(said.get("contact", "")),
        **said,
    )
    _write_request_entry(request, ProfileAct.RIGHTS_RECEIVED, actor, now, reason=str(request.right))
    if user is not None:
        _queue_mail(ACKNOWLEDGED, request, now)
    return request


@transaction.atomic
def acknowledge_rights_request(pk: UUID, *, actor: Actor, now: datetime) -> RightsRequest:
    """The letter that says « received » has left."""
    request = _lock_request(pk, (RequestState.RECEIVED,))
    return _change_state(
        request,
        ProfileAct.RIGHTS_ACKNOWLEDGED,
        actor,
        now,
        state=RequestState.ACKNOWLEDGED,
        acknowledged_at=now,
    )


@transaction.atomic
def extend_rights_request(pk: UUID, *, reason: str, actor: Actor, now: datetime) -> RightsRequest:
    """Two more months, once, told with the motive within the first one (GDPR 12.3)."""
    request = _lock_request(pk, OPEN)
    if request.extended_at is not None:
        raise WrongState("rights.extended", "Le délai de cette demande est déjà prolongé.")
    if paris_date(now) > request.due_on:
        raise WrongState(
            "rights.late",
            "Le premier mois est passé\u00a0: le délai ne peut plus être prolongé. Répondez dès "
            "que possible.",
        )
    request = _change_state(
        request,
        ProfileAct.RIGHTS_EXTENDED,
        actor,
        now,
        extended_at=now,
        extension_reason=reason,
        due_on=get_due_date(request.received_on, extended=True),
    )
    _queue_mail(EXTENDED, request, now)
    return request


@transaction.atomic
def answer_rights_request(pk: UUID, *, text: str, actor: Actor, now: datetime) -> RightsRequest:
    """What was done, in words for the person."""
    return _settle_request(pk, RequestState.ANSWERED, text, actor, now)


@transaction.atomic
def refuse_rights_request(pk: UUID, *, reason: str, actor: Actor, now: datetime) -> RightsRequest:
    """With the motive; the mail names the CNIL and the courts (GDPR 12.4)."""
    return _settle_request(pk, RequestState.REFUSED, reason, actor, now)


def _settle_request(
    pk: UUID, state: RequestState, text: str, actor: Actor, now: datetime
) -> RightsRequest:
    request = _lock_request(pk, OPEN)
    request = _change_state(
        request,
        ProfileAct.RIGHTS_ANSWERED if state == RequestState.ANSWERED else ProfileAct.RIGHTS_REFUSED,
        actor,
        now,
        state=state,
        answer=text,
        settled_at=now,
    )
    _queue_mail(SETTLED, request, now)
    return request


@transaction.atomic
def close_rights_request(pk: UUID, *, note: str = "", actor: Actor, now: datetime) -> RightsRequest:
    """One that gets no answer, and why: withdrawn, sent twice… An answer or a refusal is an end
    already, which the person must go on reading as such.
    """
    request = _lock_request(pk, OPEN)
    if not note:
        raise Refused(
            "rights.why", "Cette demande n’a pas de réponse\u00a0: dites pourquoi vous la fermez."
        )
    notes = "\n".join(part for part in (request.notes, note) if part)
    return _change_state(
        request,
        ProfileAct.RIGHTS_CLOSED,
        actor,
        now,
        state=RequestState.CLOSED,
        closed_at=now,
        notes=notes,
    )


@transaction.atomic
def annotate_rights_request(pk: UUID, *, notes: str, actor: Actor, now: datetime) -> RightsRequest:
    """The internal notes, as they will be from now on."""
    return _change_state(
        _lock_request(pk, list(RequestState)), ProfileAct.RIGHTS_NOTED, actor, now, notes=notes
    )


@transaction.atomic
def close_account_for_request(pk: UUID, *, actor: Actor, now: datetime) -> RightsRequest:
    """For an erasure: the closure of the account, which ends in its deletion.

    The request stays open: the person is still owed an answer. Raises Refused, WrongState.
    """
    request = _lock_request(pk, OPEN)
    user = User.objects.filter(public_id=request.person).first() if request.person else None
    if request.right != Right.ERASURE or user is None:
        raise WrongState(
            "rights.no_account", "Cette demande ne mène à la fermeture d’aucun compte."
        )
    channel = {"post": "letter", "email": "email"}.get(request.channel, "portal")
    account_departures.close_account(
        user,
        actor=actor,
        reason=channel,
        note=f"demande reçue le {french_date(request.received_on)}",
        now=now,
    )
    return _change_state(request, ProfileAct.RIGHTS_ACCOUNT_CLOSED, actor, now)


def remind_of_due_requests(now: datetime) -> dict[str, int]:
    """Queues the DPO's reminders of the day: one mail for each request and step, however often and
    late the job runs.
    """
    today = paris_date(now)
    told = 0
    for request in RightsRequest.objects.open().order_by("due_on"):
        left = (request.due_on - today).days
        passed = [step for step in REMINDERS if left <= step]
        if passed:
            with transaction.atomic():
                queue_mail(DUE, subject=request.pk, cycle=f"{request.due_on}/{passed[-1]}", now=now)
            told += 1
    return {"reminded": told}


def purge_settled_requests(now: datetime) -> dict[str, int]:
    """Settled requests after RETENTION["rights_requests"]; one that waits is never forgotten."""
    before = now - settings.RETENTION["rights_requests"]
    old = RightsRequest.objects.settled().filter(settled_at__lt=before)
    never_answered = RightsRequest.objects.filter(settled_at__isnull=True, closed_at__lt=before)
    return {"rights": old.delete()[0] + never_answered.delete()[0]}


def _lock_request(pk: UUID, states: Any) -> RightsRequest:
    request = RightsRequest.objects.select_for_update().get(pk=pk)
    if request.state not in states:
        raise WrongState(
            "rights.state",
            f"Cette demande est «\u00a0{request.get_state_display()}\u00a0»\u00a0: "
            "cette action n’est plus possible.",
        )
    return request


def _change_state(
    request: RightsRequest, act: ProfileAct, actor: Actor, now: datetime, **values: Any
) -> RightsRequest:
    values["handled_by"] = actor.agent_id or request.handled_by
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=list(values))
    _write_request_entry(request, act, actor, now)
    return request


def _write_request_entry(
    request: RightsRequest, act: ProfileAct, actor: Actor, now: datetime, *, reason: str = ""
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="rights",
        object_id=str(request.pk),
        person=request.person,
        reason=reason,
        now=now,
    )


def _queue_mail(kind: str, request: RightsRequest, now: datetime) -> None:
    if request.person is not None:
        queue_mail(kind, subject=request.pk, person=request.person, now=now)
