"""Mails to the national administrators about accounts that wait for one of them."""

from datetime import datetime

from lifecycle.engine.emails import WAITING
from lifecycle.models import StaffProposal
from lifecycle.rules import reviews
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import paris_date


def notify_undeliverable_hold(now: datetime) -> None:
    """A mail could not be delivered: one message a day to each, however many accounts are held."""
    _notify_administrators(f"{paris_date(now)}", now)


def notify_proposal(proposal: StaffProposal, now: datetime) -> None:
    """A proposal waits for a second agent: to all administrators but the proposer."""
    _notify_administrators(proposal.pk.hex, now, but=str(proposal.proposed_by))


def _notify_administrators(cycle: str, now: datetime, *, but: str = "") -> None:
    for person in reviews.select_reviewers():
        if str(person.public_id) != but:
            queue_mail(WAITING, person=person.public_id, cycle=cycle, now=now)
