"""What a report changes, and « débloquer »."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, QuerySet

from mgestion import slots
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry, write_journal_entry
from mgestion.journal.models import Entry
from mgestion.outbox.acts import MailAct
from mgestion.outbox.bounces.reports import DeliveryReport, Verdict, fold_recipient
from mgestion.outbox.models import Bounce, BounceOutcome, BounceTotal, Mail, MailStatus
from mgestion.web.logging.log_lines import one_line
from mgestion.web.logging.masking import mask_keys

_READER = "outbox.bounces"
FORGED_PERIOD = timedelta(hours=1)


@dataclass(slots=True)
class BounceCounts:
    """Reports by outcome."""

    by_outcome: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: BounceOutcome) -> None:
        self.by_outcome[outcome] = self.by_outcome.get(outcome, 0) + 1


def record_reports(
    reports: Iterable[DeliveryReport], source: bytes, now: datetime
) -> dict[str, int]:
    """Records the reports that came in one message (`source`), each in a transaction of its own;
    outcome → count. Without a report the message was unreadable.
    """
    counts = BounceCounts()
    for number, report in enumerate(reports):
        fingerprint = hashlib.sha256(b"%d." % number + source).hexdigest()
        counts.add(record_report(report, fingerprint, now))
    if not counts.by_outcome:
        counts.add(_count(BounceOutcome.UNREADABLE))
    return counts.by_outcome


@transaction.atomic
def record_report(report: DeliveryReport, fingerprint: str, now: datetime) -> BounceOutcome:
    """A mail that the relay had accepted and that will not be delivered is « en échec » from now
    on, as if the relay had refused it (D27, D79): whoever waits for its answer reads it there. What
    matches no mail of ours, or names another recipient, is counted and changes nothing.
    """
    mail = Mail.objects.select_for_update().filter(message_id=report.message_id).first()
    if not report.message_id or mail is None:
        return _count(BounceOutcome.UNMATCHED)
    if not mail.to or fold_recipient(mail.to) not in report.recipients:
        return _count(BounceOutcome.OTHER_RECIPIENT)
    if report.verdict is Verdict.FINE:
        return _count(BounceOutcome.FINE)
    outcome = BounceOutcome(report.verdict.value)
    bounce, is_new = Bounce.objects.get_or_create(
        mail=mail,
        fingerprint=fingerprint,
        defaults={
            "outcome": outcome,
            "status": report.status,
            "read_at": now,
            "cleared_at": None if _is_address_of_person(mail) else now,
        },
    )
    if not is_new:
        return _count(BounceOutcome.REPEATED)
    if outcome == BounceOutcome.HARD and mail.status == MailStatus.SENT:
        words = one_line(mask_keys(f"revenu non distribué\u00a0: {report.words or report.status}"))
        mail.status, mail.last_error = MailStatus.DEAD, words[:300]
        mail.save(update_fields=["status", "last_error"])
        write_journal_entry(
            MailAct.MAIL_RETURNED,
            actor=Actor.system(_READER),
            object_type="mail",
            object_id=str(mail.pk),
            person=mail.person,
            reason=mail.kind,
            now=now,
        )
    return _count(outcome)


def _is_address_of_person(mail: Mail) -> bool:
    """Whether the mail went to the address that its person has today. A mail about somebody may go
    to their délégation, to the address that they have left since, or to one that they must confirm:
    its return says nothing of theirs.
    """
    person = mail.person
    found = (find(person) for find in slots.addresses.values()) if person else ()
    return fold_recipient(mail.to) in {fold_recipient(address) for address in found if address}


@transaction.atomic
def record_forged_call(now: datetime) -> None:
    """Journals that somebody called without a valid signature: once in FORGED_PERIOD, since anybody
    may call. The log has a line for each call.
    """
    told = Entry.objects.filter(
        object_type="mail", object_id="", act=MailAct.REPORT_FORGED, at__gt=now - FORGED_PERIOD
    )
    if not told.exists():
        write_journal_entry(
            MailAct.REPORT_FORGED, actor=Actor.system(_READER), object_type="mail", now=now
        )


def select_flagging_bounces(people: Iterable[UUID]) -> QuerySet[Bounce]:
    """Bounces that flag the addresses of these people (public ids)."""
    return Bounce.objects.filter(
        mail__person__in=list(people), outcome=BounceOutcome.HARD, cleared_at__isnull=True
    )


@transaction.atomic
def unblock_address(person: UUID, *, actor: Actor, now: datetime) -> int:
    """Takes the flag off the address of this person; returns how many bounces had set it.
    WrongState when none had.
    """
    cleared = select_flagging_bounces([person]).update(cleared_at=now, cleared_by=actor.agent_id)
    if not cleared:
        raise WrongState("not_flagged", "Aucun e-mail revenu ne signale l’adresse de ce compte.")
    write_account_entry(MailAct.ADDRESS_UNBLOCKED, person, actor=actor, now=now)
    return cleared


def find_last_return(person: UUID) -> datetime | None:
    """When the last mail came back that flags the address of this person, or None."""
    last: datetime | None = select_flagging_bounces([person]).aggregate(last=Max("read_at"))["last"]
    return last


@transaction.atomic
def confirm_address(person: UUID, *, mailed_at: datetime, actor: Actor, now: datetime) -> int:
    """The person used what was mailed to their address at `mailed_at`: what came back before says
    nothing of their mailbox any more. Returns how many bounces had flagged it.
    """
    flagging = select_flagging_bounces([person]).filter(read_at__lt=mailed_at)
    cleared = flagging.update(cleared_at=now)
    if cleared:
        write_account_entry(
            MailAct.ADDRESS_UNBLOCKED, person, actor=actor, reason="mail_used", now=now
        )
    return cleared


def forget_old_address(old_key: str, new_key: str, person: UUID) -> None:
    """The flag was about an address that the person has left (`slots.address_changes`)."""
    select_flagging_bounces([person]).update(cleared_at=F("read_at"))


def _count(outcome: BounceOutcome) -> BounceOutcome:
    BounceTotal.objects.get_or_create(outcome=outcome)
    BounceTotal.objects.filter(outcome=outcome).update(count=F("count") + 1)
    return outcome
