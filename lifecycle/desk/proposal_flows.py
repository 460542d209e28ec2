"""Acts that take two agents: another address, an erasure.

One agent proposes, another one confirms. The guards run at both moments.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.entry.recovery import address_flows as addresses
from accounts.leaving import account_erasure
from accounts.leaving.block_list import is_blocked
from accounts.people.addresses import clean_address, fold_address
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.acts import LifecycleAct
from lifecycle.desk.dead_mailbox_flows import journal_account_act, lock_account, lock_open_case
from lifecycle.engine import notifications
from lifecycle.engine.brakes import holds
from lifecycle.enums import CaseCause, LedgerLine, ProposalOutcome, ProposalReason, ProposedAct
from lifecycle.ledger import entries
from lifecycle.models import LifecycleCase, StaffProposal
from lifecycle.rules import config, dead_mailboxes, silent_platforms
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.text.dates import paris_date
from registrations.requests.models import Request

_PROPOSED: Final = {
    ProposedAct.ADDRESS: LifecycleAct.LIFECYCLE_ADDRESS_PROPOSED,
    ProposedAct.ERASE: LifecycleAct.LIFECYCLE_ERASURE_PROPOSED,
}
_CONFIRMED: Final = {
    ProposedAct.ADDRESS: LifecycleAct.LIFECYCLE_ADDRESS_CONFIRMED,
    ProposedAct.ERASE: LifecycleAct.LIFECYCLE_ERASURE_CONFIRMED,
}


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
    """The first agent proposes an address that the person asked for in writing. Raises Refused when
    the address cannot be used; WrongState when a proposal is pending.
    """
    current = lock_account(user, actor)
    address = clean_address(address)
    _refuse_address(current, address)
    _refuse_future_day(received_on, now)
    return _create_proposal(
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
    """The first agent proposes an erasure: the person asked for it in writing, or the days
    after a letter are over (R99). Raises Refused, WrongState.
    """
    current = lock_account(user, actor)
    reason = ProposalReason(reason)
    if reason == ProposalReason.ASKED:
        if received_on is None or not channel:
            raise Refused("received_on", "Indiquez comment et quand la demande a été reçue.")
        _refuse_future_day(received_on, now)
    _refuse_erasure(current, reason, now)
    return _create_proposal(
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
    """The second agent confirms, and the act is done. Raises Refused for the proposer and for the
    account concerned; WrongState when it was decided already, or is no longer possible.
    """
    proposal = _lock_proposal(proposal_id)
    if actor.kind != "staff" or actor.ref == str(proposal.proposed_by):
        raise Refused("two_agents", "Un autre agent doit confirmer ce que vous avez proposé.")
    current = lock_account(proposal.user, actor)
    _record_decision(proposal, ProposalOutcome.CONFIRMED, actor, now)
    confirmed = _CONFIRMED[ProposedAct(proposal.act)]
    journal_account_act(confirmed, current, proposal.reason, actor, now)
    if proposal.act == ProposedAct.ADDRESS:
        _correct_address(current, proposal, actor, now)
    else:
        _erase_account(current, proposal, actor, now)
    return proposal


@transaction.atomic
def refuse_proposal(proposal_id: UUID, *, actor: Actor, now: datetime) -> StaffProposal:
    """Sets a proposal aside: withdrawn by its proposer, or refused by another agent."""
    proposal = _lock_proposal(proposal_id)
    lock_account(proposal.user, actor)
    own = actor.ref == str(proposal.proposed_by)
    outcome = ProposalOutcome.WITHDRAWN if own else ProposalOutcome.REFUSED
    _record_decision(proposal, outcome, actor, now)
    done = (
        LifecycleAct.LIFECYCLE_PROPOSAL_WITHDRAWN
        if own
        else LifecycleAct.LIFECYCLE_PROPOSAL_REFUSED
    )
    journal_account_act(done, proposal.user, proposal.reason, actor, now)
    return proposal


def _correct_address(current: User, proposal: StaffProposal, actor: Actor, now: datetime) -> None:
    _refuse_address(current, proposal.address)
    addresses.move_address(current, proposal.address, actor=actor, reason="written", now=now)
    said: dict[str, Any] = {"now": now, "reason": proposal.reason, "actor": actor.ref}
    line = entries.build_ledger_entry(current.public_id, LedgerLine.ADDRESS_CORRECTED, **said)
    entries.write_ledger_entries([line])
    if dead_mailboxes.is_held_for_mail(current):
        holds.release_hold(current, actor=actor, now=now)  # which queues the mail again


def _erase_account(current: User, proposal: StaffProposal, actor: Actor, now: datetime) -> None:
    case = _refuse_erasure(current, ProposalReason(proposal.reason), now)
    said: dict[str, Any] = {"now": now, "reason": proposal.reason, "actor": actor.ref}
    entries.write_ledger_entries(
        [
            entries.build_case_entry(
                case, LedgerLine.DELETED, last_day=case.deletion_last_day, **said
            )
            if case
            else entries.build_ledger_entry(current.public_id, LedgerLine.DELETED, **said)
        ]
    )
    account_erasure.erase_accounts(
        [current.pk], cause=f"mailbox_{proposal.reason}", actor=actor, now=now
    )


# --- guards --------------------------------------------------------------------------------------


def _refuse_erasure(current: User, reason: ProposalReason, now: datetime) -> LifecycleCase | None:
    """Raises unless this account may be erased for `reason` at `now`; returns its open case."""
    case = lock_open_case(current)
    if not config.is_enabled() or dead_mailboxes.is_held_otherwise(current):
        raise Refused("held", "La procédure de ce compte est retenue\u00a0: rien n’est effacé.")
    if Request.objects.open().filter(user=current).exists():
        raise Refused(
            "open_request", "Une demande de cette personne est à l’étude\u00a0: décidez-la d’abord."
        )
    if reason == ProposalReason.ASKED:
        if not dead_mailboxes.is_mailbox_dead(current):
            raise Refused(
                "mailbox_alive",
                "Les e-mails arrivent chez cette personne\u00a0: désinscrivez-la, son compte sera "
                "supprimé après les 15\u00a0jours que le message lui annonce.",
            )
        return case
    over = dead_mailboxes.select_due_letters(now).filter(user=current)
    if case is None or not over.exists():
        raise Refused(
            "letter_running",
            "Aucune lettre n’a annoncé la suppression de ce compte, ou son délai court encore.",
        )
    if case.cause == CaseCause.INACTIVITY and silent_platforms.is_account_kept(current.pk, now):
        raise Refused(
            "silent_platform",
            "Une plateforme ne transmet plus l’activité\u00a0: attendez qu’elle reprenne.",
        )
    return case


def _refuse_address(current: User, address: str) -> None:
    if current.status in (Status.PENDING, Status.SUSPENDED):
        raise WrongState("wrong_status", "L’adresse de ce compte ne peut pas être corrigée.")
    if fold_address(address) == current.email_key:
        raise Refused("same_address", "C’est déjà l’adresse de ce compte.")
    if is_blocked(address) or User.objects.filter(email_key=fold_address(address)).exists():
        raise Refused("taken", addresses.TAKEN)


def _refuse_future_day(day: date, now: datetime) -> None:
    if day > paris_date(now):
        raise Refused("received_on", "Cette date est à venir\u00a0: vérifiez-la.")


def _lock_proposal(proposal_id: UUID) -> StaffProposal:
    pending = StaffProposal.objects.pending().select_related("user")
    found = pending.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if found is None:
        raise WrongState("decided", "Cette proposition a déjà été traitée.")
    return found


def _create_proposal(
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
    except IntegrityError as error:  # two calls at once: the unique constraint accepts one
        raise WrongState(
            "proposed", "Un acte attend déjà la confirmation d’un second agent pour ce compte."
        ) from error
    journal_account_act(_PROPOSED[act], user, reason, actor, now)
    notifications.notify_proposal(row, now)
    return row


def _record_decision(
    proposal: StaffProposal, outcome: ProposalOutcome, actor: Actor, now: datetime
) -> None:
    proposal.outcome, proposal.decided_at, proposal.decided_by = outcome, now, actor.agent_id
    proposal.save(update_fields=["outcome", "decided_at", "decided_by"])
