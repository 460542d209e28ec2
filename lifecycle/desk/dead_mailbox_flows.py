"""What agents record about a mailbox that takes no mail: a returned mail, a posted letter.

Acts that take two agents are in `proposal_flows`. Each act is in the journal and in the ledger.
"""

from datetime import date, datetime

from django.db import transaction

from accounts.people.models import User
from lifecycle.acts import LifecycleAct
from lifecycle.engine import deadlines, notifications
from lifecycle.engine.brakes import holds
from lifecycle.engine.returned_mail import cancel_mail_deadline
from lifecycle.enums import CaseState, HoldReason, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import Hold, LifecycleCase
from lifecycle.rules import config, dead_mailboxes
from lifecycle.rules.policy import letter_last_day
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.bounces import flows as bounces
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import end_of_paris_day, french_date, paris_date

RETURNED_MAIL_ERROR = "revenu non distribué, signalé par un agent"


# --- acts of one agent ---------------------------------------------------------------------------


@transaction.atomic
def note_returned_mail(user: User, *, actor: Actor, now: datetime) -> None:
    """Records that the mail of the current deadline came back: the deadline is cancelled and the
    account is held, as after any undeliverable mail (D27). Raises WrongState when no mail set a
    deadline, Refused on one's own account.
    """
    current = lock_account(user, actor)
    case = lock_open_case(current)
    by_mail = case is not None and not dead_mailboxes.is_told_by_letter(case)
    if (
        case is None
        or case.mail_id is None
        or case.state not in deadlines.BOUND_STATES
        or not by_mail
    ):
        raise WrongState("not_bound", "Aucune échéance annoncée par e-mail ne court.")
    if Hold.objects.active().filter(user=current).exists():
        raise WrongState("held", "La procédure est déjà retenue.")
    Mail.objects.filter(pk=case.mail_id).update(
        status=MailStatus.DEAD, last_error=RETURNED_MAIL_ERROR
    )
    cancel_mail_deadline(case)
    Hold.objects.create(user=current, reason=HoldReason.UNDELIVERABLE, placed_at=now)
    _write_down(case, LedgerLine.RETURNED_MAIL, actor, now)
    journal_account_act(LifecycleAct.LIFECYCLE_MAIL_RETURNED, current, "", actor, now)
    notifications.notify_undeliverable_hold(now)


@transaction.atomic
def unblock_returned_address(user: User, *, actor: Actor, now: datetime) -> None:
    """The mailbox works again: takes the flag of returned mails off the address, and goes on with a
    procedure that was held for them, which sends its mail anew. Raises WrongState when no mail
    flags the address, Refused on one's own account.
    """
    current = lock_account(user, actor)
    bounces.unblock_address(current.public_id, actor=actor, now=now)
    if dead_mailboxes.is_held_for_mail(current):
        holds.release_hold(current, actor=actor, now=now)


def letter_binds_until(case: LifecycleCase, posted_on: date) -> date:
    """The last day to react to a letter posted on `posted_on` (Paris dates)."""
    rules = config.get_rules()
    days = rules.notice_days if case.state == CaseState.NOTICE_QUEUED else rules.grace_days
    return letter_last_day(posted_on, days, rules)


@transaction.atomic
def record_letter(user: User, *, posted_on: date, actor: Actor, now: datetime) -> date:
    """Records a letter, posted on `posted_on` (Paris date), that replaces the undeliverable mail:
    the days of the step count from its presumed reception. Returns the last day. Raises WrongState,
    Refused.
    """
    current = lock_account(user, actor)
    case = lock_open_case(current)
    if case is None or case.state not in dead_mailboxes.WAITING_STATES:
        raise WrongState("not_waiting", "Aucune étape n’attend d’être annoncée à cette personne.")
    if not dead_mailboxes.is_held_for_mail(current) or dead_mailboxes.is_held_otherwise(current):
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
        case.state = CaseState.NOTIFIED
        case.notice_letter_on, case.notice_last_day = posted_on, last
    else:
        case.state = CaseState.ANNOUNCED
        case.deletion_letter_on, case.deletion_last_day = posted_on, last
    case.due_at = end_of_paris_day(last)
    case.save()
    _lift_mail_hold(current, actor, now)
    deadlines.publish_deadlines(now)
    _write_down(case, LedgerLine.LETTER_POSTED, actor, now, last_day=last)
    journal_account_act(LifecycleAct.LIFECYCLE_LETTER_POSTED, current, "", actor, now)
    return last


# --- guards and rows ------------------------------------------------------------------------------


def lock_account(user: User, actor: Actor) -> User:
    current = User.objects.select_for_update().filter(pk=user.pk).first()
    if current is None:
        raise WrongState("deleted", "Ce compte n’existe plus.")
    if actor.ref == str(current.public_id):
        raise Refused("oneself", "Vous ne pouvez pas faire cela sur votre propre compte.")
    return current


def lock_open_case(user: User) -> LifecycleCase | None:
    cases = LifecycleCase.objects.open().select_for_update(of=("self",)).select_related("user")
    return cases.filter(user=user).first()


def _lift_mail_hold(user: User, actor: Actor, now: datetime) -> None:
    Hold.objects.active().filter(user=user, reason=HoldReason.UNDELIVERABLE).update(
        released_at=now, released_by=actor.agent_id
    )


def _write_down(case: LifecycleCase, line: str, actor: Actor, now: datetime, **more: date) -> None:
    row = entries.build_case_entry(case, line, now=now, mail=case.mail_id, actor=actor.ref, **more)
    entries.write_ledger_entries([row])


def journal_account_act(
    act: LifecycleAct, user: User, reason: str, actor: Actor, now: datetime
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        reason=reason,
        now=now,
    )
