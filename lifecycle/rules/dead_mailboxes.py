"""Accounts whose mailbox takes no mail, and what waits for staff. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.people.models import User
from lifecycle.enums import CaseState, HoldReason
from lifecycle.models import Hold, LifecycleCase, StaffProposal
from lifecycle.rules import querysets
from mgestion.errors import Refused
from mgestion.outbox.models import Mail

WAITING_STATES = (CaseState.NOTICE_QUEUED, CaseState.DEACTIVATED)


@dataclass(frozen=True, slots=True)
class WaitingCounts:
    """Numbers of accounts that wait for an agent: a mail cannot be delivered, an erasure is due
    after a letter, a proposal needs a second agent.
    """

    undeliverable: int
    letters_over: int
    proposals: int

    @property
    def total(self) -> int:
        return self.undeliverable + self.letters_over + self.proposals


def count_waiting(now: datetime, *, but_proposed_by: UUID | None = None) -> WaitingCounts:
    """What waits at `now` (aware), without the proposals of the agent `but_proposed_by`."""
    proposed = StaffProposal.objects.pending()
    if but_proposed_by is not None:
        proposed = proposed.exclude(proposed_by=but_proposed_by)
    return WaitingCounts(
        select_undeliverable_holds().count(),
        select_letters_to_decide(now).count(),
        proposed.count(),
    )


def select_undeliverable_holds() -> QuerySet[Hold]:
    """Open holds of accounts whose mail could not be delivered, without a pending proposal."""
    return (
        Hold.objects.active()
        .filter(reason=HoldReason.UNDELIVERABLE, user__isnull=False)
        .filter(~_has_pending_proposal())
    )


def select_letters_to_decide(now: datetime) -> QuerySet[LifecycleCase]:
    """Cases of `select_due_letters` without a hold or a pending proposal."""
    return select_due_letters(now).filter(~querysets.is_held("user"), ~_has_pending_proposal())


def select_due_letters(now: datetime) -> QuerySet[LifecycleCase]:
    """Cases whose deletion a letter announced and whose last day is over."""
    return (
        LifecycleCase.objects.open()
        .filter(state=CaseState.ANNOUNCED, deletion_letter_on__isnull=False, due_at__lte=now)
        .filter(querysets.is_still_leaving())
        .filter(paused_since__isnull=True)
    )


def _has_pending_proposal() -> Exists:
    return Exists(StaffProposal.objects.pending().filter(user=OuterRef("user")))


def refuse_resend(mail: Mail) -> None:
    """Guard of « renvoyer » (`slots.resend_guards`): raises Refused, with the way out, for a mail
    of a held case and for one that a letter has replaced.
    """
    case = LifecycleCase.objects.open().filter(mail=mail).first()
    if case is None:
        return
    returned = case.due_at is not None and not is_told_by_letter(case)  # held by the next tick
    held = Hold.objects.filter(Q(user=case.user_id) | Q(everything=True), released_at=None)
    if returned or held.exists():
        raise Refused(
            "held",
            "Cet e-mail appartient à une procédure retenue\u00a0: depuis la page du compte, "
            "corrigez l’adresse, prévenez la personne par lettre, ou reprenez la procédure, ce qui "
            "renvoie l’e-mail.",
        )
    if is_told_by_letter(case):
        raise Refused("letter", "La personne a été prévenue par lettre\u00a0: rien à renvoyer.")


def find_open_case(user: User) -> LifecycleCase | None:
    """The open case of this account."""
    return LifecycleCase.objects.open().filter(user=user).select_related("mail", "user").first()


def is_held_for_mail(user: User) -> bool:
    """Whether a hold is open because a mail could not be delivered."""
    return Hold.objects.active().filter(user=user, reason=HoldReason.UNDELIVERABLE).exists()


def is_told_by_letter(case: LifecycleCase | None) -> bool:
    """Whether a letter replaces the mail of the current step."""
    if case is None:
        return False
    by_letter = {
        CaseState.NOTIFIED: case.notice_letter_on,
        CaseState.ANNOUNCED: case.deletion_letter_on,
    }
    return by_letter.get(CaseState(case.state)) is not None


def is_mailbox_dead(user: User) -> bool:
    """Whether mail is known not to reach this person."""
    return is_held_for_mail(user) or is_told_by_letter(find_open_case(user))


def is_held_otherwise(user: User) -> bool:
    """Whether a hold for another reason than undeliverable mail is open."""
    other = Q(user=user) & ~Q(reason=HoldReason.UNDELIVERABLE)
    return Hold.objects.active().filter(other | Q(everything=True)).exists()
