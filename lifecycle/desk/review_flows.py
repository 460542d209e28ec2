"""Confirmation of reviewed accounts, and the monthly mail about what is to review."""

from datetime import datetime

from django.db import transaction

from accounts.people.models import User
from lifecycle.acts import LifecycleAct
from lifecycle.engine.emails import REVIEWS
from lifecycle.enums import ReviewKind
from lifecycle.models import Review
from lifecycle.rules import reviews
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import paris_date


@transaction.atomic
def confirm_review(user: User, kind: str, *, actor: Actor, now: datetime) -> Review:
    """Confirms an agent's rights or a suspension until the next review. Raises Refused on one's own
    account; WrongState when the account is not due for review.
    """
    if actor.ref == str(user.public_id):
        raise Refused("oneself", "Un autre administrateur doit confirmer vos propres droits.")
    User.objects.select_for_update().filter(pk=user.pk).first()  # two confirmations make one
    due = (
        reviews.select_agents_to_review(now)
        if kind == ReviewKind.AGENT
        else reviews.select_suspensions_to_review(now)
    )
    if not due.filter(pk=user.pk).exists():
        raise WrongState("reviewed", "Ce compte n’est plus à revoir.")
    row = Review.objects.create(
        kind=ReviewKind(kind),
        user=user,
        at=now,
        by=actor.agent_id,
    )
    write_journal_entry(
        LifecycleAct.REVIEW_KEPT,
        actor=actor,
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        reason=kind,
        now=now,
    )
    return row


@transaction.atomic
def queue_review_mails(now: datetime) -> dict[str, int]:
    """Queues one mail a month for each national administrator while anything is to review; the
    cycle of the mail is the month. Returns the counts.
    """
    state = reviews.get_review_state(now)
    if not state.total + state.waiting:
        return {}
    for person in reviews.select_reviewers():
        queue_mail(REVIEWS, person=person.public_id, cycle=f"{paris_date(now):%Y-%m}", now=now)
    return {
        "agents": state.agents,
        "suspensions": state.suspensions,
        "blocks": state.blocks,
        "waiting": state.waiting,
    }
