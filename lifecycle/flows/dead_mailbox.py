"""The human way out of a mailbox that takes no mail (D71).

Nothing happens by itself: an agent says that a mail came back, or that a letter was posted; a
corrected address and an erasure take two agents. Each act is in the journal and in the ledger.
"""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import erasure
from accounts.addresses import clean, fold
from accounts.blocklist import is_blocked
from accounts.entry.flows import address as addresses
from accounts.enums import Status
from accounts.models import User
from lifecycle import config, dead_mailboxes, ledger
from lifecycle.enums import (
    CaseState,
    Cause,
    HoldReason,
    Line,
    ProposalOutcome,
    ProposalReason,
    ProposedAct,
)
from lifecycle.flows import deadlines, holds, telling
from lifecycle.models import Hold, LifecycleCase, StaffProposal
from lifecycle.policy import letter_last_day
from lifecycle.silence import silent_platforms
from mgestion.dates import end_of_paris_day, french_date, paris_date
from mgestion.errors import Refused, WrongState
from mgestion.journal import flows as journal
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail, MailStatus
from registrations.enums import OPEN_STATUSES
from registrations.models import Request

RETURNED = "revenu non distribué, signalé par un agent"


# --- what an agent says alone --------------------------------------------------------------------


@transaction.atomic
def note_returned_mail(user: User, *, actor: Actor, now: datetime) -> None:
    """The mail that announced the step that runs came back: it counts as never delivered, and the
    procedure is held as after any undeliverable mail (D27). Raises WrongState when no such mail
    binds a deadline, Refused on one's own account.
    """
    current = _locked(user, actor)
    case = _locked_case(current)
    by_mail = case is not None and not dead_mailboxes.is_told_by_letter(case)
    if case is None or case.mail_id is None or case.state not in deadlines.BOUND or not by_mail:
        raise WrongState("not_bound", "Aucune échéance annoncée par e-mail ne court.")
    if Hold.objects.filter(user=current, released_at__isnull=True).exists():
        raise WrongState("held", "La procédure est déjà retenue.")
    Mail.objects.filter(pk=case.mail_id).update(status=MailStatus.DEAD, last_error=RETURNED)
    if case.state == CaseState.NOTIFIED:
        case.state = CaseState.NOTICE_QUEUED
        case.notice_accepted_at = case.notice_last_day = None
    else:
        case.state = CaseState.DEACTIVATED
        case.announced_at = case.deletion_last_day = None
    case.due_at = case.paused_since = None
    case.save()
    deadlines.withdraw_deadlines(current)
    Hold.objects.create(user=current, reason=HoldReason.UNDELIVERABLE, placed_at=now)
    _write(case, Line.RETURNED_MAIL, actor, now)
    _record("lifecycle.mail_returned", current, "", actor, now)
    telling.tell_holds(now)


def letter_binds_until(case: LifecycleCase, posted_on: date) -> date:
    """The last day that a letter posted on `posted_on` leaves to the person of `case`."""
    rules = config.rules()
    days = rules.notice_days if case.state == CaseState.NOTICE_QUEUED else rules.grace_days
    return letter_last_day(posted_on, days, rules)


@transaction.atomic
def record_letter(user: User, *, posted_on: date, actor: Actor, now: datetime) -> date:
    """A letter posted on `posted_on` (Paris date) stands for the mail that could not be delivered:
    it notifies some days later, and the days of the step run from there (D18, D71). Returns the
    last day. Raises WrongState, Refused.
    """
    current = _locked(user, actor)
    case = _locked_case(current)
    if case is None or case.state not in dead_mailboxes.WAITING:
        raise WrongState("not_waiting", "Aucune étape n’attend d’être annoncée à cette personne.")
    if not dead_mailboxes.is_held_for_mail(current) or dead_mailboxes.is_kept(current):
        raise WrongState(
            "not_undeliverable",
            "La procédure n’est pas retenue pour un e-mail impossible à remettre.",
        )
    began = paris_date(case.deactivated_at or case.opened_at)
    if not began <= posted_on <= paris_date(now):
        raise Refused(
            "posted_on",
            f"La lettre doit avoir été postée entre le {french_date(began)}, début de cette "
            "étape, et aujourd’hui.",
        )
    last = letter_binds_until(case, posted_on)
    if case.state == CaseState.NOTICE_QUEUED:
        case.state, case.notice_letter_on, case.notice_last_day = (
            CaseState.NOTIFIED,
            posted_on,
            last,
        )
    else:
        case.state, case.deletion_letter_on, case.deletion_last_day = (
            CaseState.ANNOUNCED,
            posted_on,
            last,
        )
    case.due_at = end_of_paris_day(last)
    case.save()
    _lift(current, actor, now)
    deadlines.publish_deadlines(now)
    _write(case, Line.LETTER_POSTED, actor, now, last_day=last)
    _record("lifecycle.letter_posted", current, "", actor, now)
    return last


# --- what takes two agents -----------------------------------------------------------------------


@transaction.atomic
def propose_address(
    user: User,
    address: str,
    *,
    channel: str,
    received_on: date,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> StaffProposal:
    """The first agent: the person asked in writing for another address. Raises Refused when it
    cannot become theirs; WrongState when an act waits already.
    """
    current = _locked(user, actor)
    address = clean(address)
    _refuse_address(current, address)
    _refuse_future(received_on, now)
    return _propose(
        current,
        ProposedAct.ADDRESS,
        ProposalReason.ASKED,
        actor,
        now,
        address=address,
        channel=channel,
        received_on=received_on,
        note=note,
    )


@transaction.atomic
def propose_erasure(
    user: User,
    reason: str,
    *,
    channel: str = "",
    received_on: date | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> StaffProposal:
    """The first agent: the person asked for it in writing (R79), or the days after a letter are
    over (R88, R99). Raises Refused, WrongState.
    """
    current = _locked(user, actor)
    reason = ProposalReason(reason)
    if reason == ProposalReason.ASKED:
        if received_on is None or not channel:
            raise Refused("received_on", "Indiquez comment et quand la demande a été reçue.")
        _refuse_future(received_on, now)
    _refuse_erasure(current, reason, now)
    return _propose(
        current,
        ProposedAct.ERASE,
        reason,
        actor,
        now,
        channel=channel if reason == ProposalReason.ASKED else "",
        received_on=received_on if reason == ProposalReason.ASKED else None,
        note=note,
    )


@transaction.atomic
def confirm_proposal(proposal_id: UUID, *, actor: Actor, now: datetime) -> StaffProposal:
    """The second agent: what was proposed is done. Raises Refused for the one who proposed it or
    whom it is about; WrongState when it was decided, or cannot be done any more.
    """
    proposal = _locked_proposal(proposal_id)
    if actor.kind != "staff" or actor.ref == str(proposal.proposed_by):
        raise Refused("two_agents", "Un autre agent doit confirmer ce que vous avez proposé.")
    current = _locked(proposal.user, actor)
    _decide(proposal, ProposalOutcome.CONFIRMED, actor, now)
    if proposal.act == ProposedAct.ADDRESS:
        _correct_address(current, proposal, actor, now)
    else:
        _erase(current, proposal, actor, now)
    return proposal


@transaction.atomic
def refuse_proposal(proposal_id: UUID, *, actor: Actor, now: datetime) -> StaffProposal:
    """Nothing is done: the one who proposed takes it back, or another agent turns it down."""
    proposal = _locked_proposal(proposal_id)
    _locked(proposal.user, actor)
    own = actor.ref == str(proposal.proposed_by)
    _decide(proposal, ProposalOutcome.WITHDRAWN if own else ProposalOutcome.REFUSED, actor, now)
    return proposal


def _correct_address(current: User, proposal: StaffProposal, actor: Actor, now: datetime) -> None:
    _refuse_address(current, proposal.address)
    addresses.move_address(current, proposal.address, actor=actor, reason="written", now=now)
    ledger.write(
        [
            ledger.entry(
                current.public_id,
                Line.ADDRESS_CORRECTED,
                now=now,
                reason=proposal.reason,
                actor=actor.ref,
            )
        ]
    )
    if dead_mailboxes.is_held_for_mail(current):
        holds.release(current, actor=actor, now=now)  # and the mail leaves anew


def _erase(current: User, proposal: StaffProposal, actor: Actor, now: datetime) -> None:
    case = _refuse_erasure(current, ProposalReason(proposal.reason), now)
    ledger.write(
        [
            ledger.entry(
                current.public_id,
                Line.DELETED,
                now=now,
                cause=case.cause if case else "",
                anchor=case.anchor if case else None,
                last_day=case.deletion_last_day if case else None,
                reason=proposal.reason,
                case=case.pk if case else None,
                actor=actor.ref,
            )
        ]
    )
    erasure.erase([current.pk], cause=f"mailbox_{proposal.reason}", actor=actor, now=now)


# --- guards --------------------------------------------------------------------------------------


def _refuse_erasure(current: User, reason: ProposalReason, now: datetime) -> LifecycleCase | None:
    """Raises unless this account may be erased for `reason` at `now`; returns its open case."""
    case = _locked_case(current)
    if not config.enabled() or dead_mailboxes.is_kept(current):
        raise Refused("held", "La procédure de ce compte est retenue\u00a0: rien n’est effacé.")
    if Request.objects.filter(user=current, status__in=OPEN_STATUSES).exists():
        raise Refused(
            "open_request", "Une demande de cette personne est à l’étude\u00a0: décidez-la d’abord."
        )
    if reason == ProposalReason.ASKED:
        if not dead_mailboxes.is_dead(current):
            raise Refused(
                "mailbox_alive",
                "Les e-mails arrivent chez cette personne\u00a0: désinscrivez-la, son compte sera "
                "supprimé après les 15\u00a0jours que le message lui annonce.",
            )
        return case
    over = dead_mailboxes.letters_due(now).filter(user=current)
    if case is None or not over.exists():
        raise Refused(
            "letter_running",
            "Aucune lettre n’a annoncé la suppression de ce compte, ou son délai court encore.",
        )
    if case.cause == Cause.INACTIVITY and silent_platforms(now):
        raise Refused(
            "silent_platform",
            "Une plateforme ne transmet plus l’activité\u00a0: attendez qu’elle reprenne.",
        )
    return case


def _refuse_address(current: User, address: str) -> None:
    if current.status in (Status.PENDING, Status.SUSPENDED):
        raise WrongState("wrong_status", "L’adresse de ce compte ne peut pas être corrigée.")
    if fold(address) == current.email_key:
        raise Refused("same_address", "C’est déjà l’adresse de ce compte.")
    if is_blocked(address) or User.objects.filter(email_key=fold(address)).exists():
        raise Refused("taken", addresses.TAKEN)


def _refuse_future(day: date, now: datetime) -> None:
    if day > paris_date(now):
        raise Refused("received_on", "Cette date est à venir\u00a0: vérifiez-la.")


def _locked(user: User, actor: Actor) -> User:
    current = User.objects.select_for_update().filter(pk=user.pk).first()
    if current is None:
        raise WrongState("deleted", "Ce compte n’existe plus.")
    if actor.ref == str(current.public_id):
        raise Refused("oneself", "Vous ne pouvez pas faire cela sur votre propre compte.")
    return current


def _locked_case(user: User) -> LifecycleCase | None:
    rows = LifecycleCase.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(user=user, closed_at__isnull=True).first()


def _locked_proposal(proposal_id: UUID) -> StaffProposal:
    found = (
        StaffProposal.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=proposal_id, decided_at__isnull=True)
        .first()
    )
    if found is None:
        raise WrongState("decided", "Cette proposition a déjà été traitée.")
    return found


# --- rows ----------------------------------------------------------------------------------------


def _propose(
    user: User,
    act: ProposedAct,
    reason: ProposalReason,
    actor: Actor,
    now: datetime,
    **said: object,
) -> StaffProposal:
    row = StaffProposal(
        user=user, act=act, reason=reason, proposed_at=now, proposed_by=UUID(actor.ref), **said
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # of two at once the constraint lets one in
        raise WrongState(
            "proposed", "Un acte attend déjà la confirmation d’un second agent pour ce compte."
        ) from error
    _record(
        "lifecycle.erasure_proposed" if act == ProposedAct.ERASE else "lifecycle.address_proposed",
        user,
        reason,
        actor,
        now,
    )
    telling.tell_proposal(row, now)
    return row


def _decide(proposal: StaffProposal, outcome: ProposalOutcome, actor: Actor, now: datetime) -> None:
    proposal.outcome, proposal.decided_at, proposal.decided_by = outcome, now, UUID(actor.ref)
    proposal.save(update_fields=["outcome", "decided_at", "decided_by"])
    _record(
        {
            (ProposedAct.ERASE, ProposalOutcome.CONFIRMED): "lifecycle.erasure_confirmed",
            (ProposedAct.ADDRESS, ProposalOutcome.CONFIRMED): "lifecycle.address_confirmed",
            (ProposedAct.ERASE, ProposalOutcome.REFUSED): "lifecycle.proposal_refused",
            (ProposedAct.ADDRESS, ProposalOutcome.REFUSED): "lifecycle.proposal_refused",
            (ProposedAct.ERASE, ProposalOutcome.WITHDRAWN): "lifecycle.proposal_withdrawn",
            (ProposedAct.ADDRESS, ProposalOutcome.WITHDRAWN): "lifecycle.proposal_withdrawn",
        }[ProposedAct(proposal.act), outcome],
        proposal.user,
        proposal.reason,
        actor,
        now,
    )


def _lift(user: User, actor: Actor, now: datetime) -> None:
    Hold.objects.filter(
        user=user, reason=HoldReason.UNDELIVERABLE, released_at__isnull=True
    ).update(released_at=now, released_by=UUID(actor.ref))


def _write(
    case: LifecycleCase,
    line: str,
    actor: Actor,
    now: datetime,
    *,
    last_day: date | None = None,
) -> None:
    ledger.write(
        [
            ledger.entry(
                case.user.public_id,
                line,
                now=now,
                cause=case.cause,
                anchor=case.anchor,
                last_day=last_day,
                case=case.pk,
                mail=case.mail_id,
                actor=actor.ref,
            )
        ]
    )


def _record(act: str, user: User, reason: str, actor: Actor, now: datetime) -> None:
    journal.record(
        act,
        actor=actor,
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        reason=reason,
        now=now,
    )
