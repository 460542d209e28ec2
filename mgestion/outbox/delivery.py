"""Sending what is due. Any number of workers, on any number of machines.

A row is claimed by one conditional UPDATE under a lease, rendered and sent outside any transaction,
and the server's answer is recorded at once. A worker that dies leaves a lease that runs out. The
one window for a second copy: a death between the server's acceptance and our record of it; the
copy has the same Message-ID (docs/operations.md).
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from mgestion import slots
from mgestion.outbox import smtp
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail, MailStatus
from mgestion.outbox.smtp import Answer, Outcome
from mgestion.run.masking import mask
from mgestion.statements import Change
from mgestion.web.logs import one_line

_log = logging.getLogger(__name__)
_random = SystemRandom()
# Claimed together to save round trips. A row's lease is renewed just before it is sent.
BATCH = 20

# The two that every mail costs.
_RENDERED: Final = Change(
    Mail,
    sets=("to", "subject", "text", "html", "deadline", "attempts", "claimed_until"),
    where="status = 'queued' AND id = %s AND claimed_by = %s AND claimed_until > %s",
    given=("id", "claimed_by", "claimed_until"),
)
# Whoever holds the claim by now: that the server accepted is a fact.
_ACCEPTED: Final = Change(
    Mail,
    sets=("status", "accepted_at", "claimed_by", "claimed_until", "last_error"),
    where="status = 'queued' AND id = %s",
    given=("id",),
)


@dataclass(slots=True)
class Delivered:
    """What a run did, by outcome. `stopped`: the server could not be reached."""

    accepted: int = 0
    refused: int = 0
    dead: int = 0
    dropped: int = 0
    failed: int = 0
    stopped: bool = False

    def counts(self) -> dict[str, int]:
        return {name: int(value) for name, value in asdict(self).items()}


def retry_delay(attempts: int, *, jitter: float) -> timedelta:
    """2^n times the first delay, at most 1 h, then ±20 %. `attempts` ≥ 1, `jitter` in [-1, 1]."""
    first: timedelta = settings.OUTBOX_FIRST_RETRY
    longest: timedelta = settings.OUTBOX_MAX_RETRY
    steps: int = min(attempts - 1, 20)
    return min(first * (1 << steps), longest) * (1 + 0.2 * jitter)


def deliver_due(now_fn: Callable[[], datetime], worker: UUID, limit: int = 500) -> Delivered:
    """Sends at most `limit` due mails over one connection. `worker` is new for each run.

    RuntimeError in a transaction: what a server accepted can't be rolled back.
    """
    with transaction.atomic(durable=True):
        pass
    run = _Run(now_fn, worker, get_connection())
    try:
        run.until(limit)
    finally:
        run.leave()
    return run.done


def claim(worker: UUID, size: int, now: datetime) -> list[Mail]:
    """Takes up to `size` due rows for `worker`, until now + OUTBOX_LEASE."""
    with transaction.atomic():
        free = _queued().filter(Q(claimed_until=None) | Q(claimed_until__lte=now), next_at__lte=now)
        due = free.order_by("next_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:size])
        if not ids:
            return []
        # The condition again: where rows can't be locked (SQLite), this is what decides.
        free.filter(pk__in=ids).update(claimed_by=worker, claimed_until=now + settings.OUTBOX_LEASE)
        return list(Mail.objects.filter(pk__in=ids, claimed_by=worker).order_by("next_at"))


def _queued() -> QuerySet[Mail]:
    return Mail.objects.filter(status=MailStatus.QUEUED)


class _Run:
    """One worker's pass over the queue."""

    def __init__(
        self, now_fn: Callable[[], datetime], worker: UUID, server: BaseEmailBackend
    ) -> None:
        self.now_fn = now_fn
        self.worker = worker
        self.server = server
        self.is_open = False
        self.done = Delivered()

    def until(self, limit: int) -> None:
        taken = 0
        while taken < limit:
            batch = claim(self.worker, min(BATCH, limit - taken), self.now_fn())
            if not batch or not self._reach():
                return
            taken += len(batch)
            for mail in batch:
                if not self._deliver(mail):
                    return

    def leave(self) -> None:
        if self.is_open:
            self.server.close()
        # What was claimed and not tried is free at once, not when the lease runs out.
        _queued().filter(claimed_by=self.worker).update(claimed_by=None, claimed_until=None)

    def _reach(self) -> bool:
        if not self.is_open:
            trouble = smtp.open_connection(self.server)
            if trouble:
                _log.warning("The mail server can't be reached: %s", trouble.words)
                self.done.stopped = True
                return False
            self.is_open = True
        return True

    def _deliver(self, mail: Mail) -> bool:
        """False when the server can't be spoken to any more."""
        try:
            message: Message | None = slots.mail_kinds[mail.kind](mail, self.now_fn())
        except Exception as trouble:  # noqa: BLE001  # a builder's defect stops its own mail only
            _log.exception("The mail %s can't be built", mail.key)
            mail.attempts += 1
            self._delay(mail, smtp.describe(trouble))
            self.done.failed += 1
            return True
        if message is None:
            self._write(mail, status=MailStatus.DROPPED)
            self.done.dropped += 1
            return True
        if not self._save_rendering(mail, message):
            return True  # the lease ran out: the row is somebody else's
        answer = smtp.send(self.server, message, mail.message_id)
        if answer.outcome is Outcome.ACCEPTED:
            _ACCEPTED.make((MailStatus.SENT, self.now_fn(), None, None, ""), (mail.pk,))
            self.done.accepted += 1
        elif answer.outcome is Outcome.REFUSED:
            self._refused(mail, answer)
        elif answer.outcome is Outcome.BROKEN:
            self._delay(mail, answer.words)
            self.done.failed += 1
        else:
            # No answer about this mail, so its 24 hours don't run. It steps back in the queue, in
            # case it is this very mail that makes the server hang up.
            _log.warning("The mail server stopped answering: %s", answer.words)
            self._delay(mail, answer.words)
            self.done.stopped = True
        return not self.done.stopped

    def _save_rendering(self, mail: Mail, message: Message) -> bool:
        """Writes what this attempt says and renews the lease; False when the row isn't ours."""
        now = self.now_fn()
        text, html = message.text, message.html
        if not settings.EMBEDDED:
            # A key opens an account: it is not left readable in the database for 60 days.
            text, html = mask(text), mask(html)
        mail.attempts += 1
        shown = (message.to[:254], message.subject[:200], text, html, message.deadline)
        lease = now + settings.OUTBOX_LEASE
        return bool(_RENDERED.make((*shown, mail.attempts, lease), (mail.pk, self.worker, now)))

    def _refused(self, mail: Mail, answer: Answer) -> None:
        now = self.now_fn()
        first = mail.first_refused_at or now
        given_up = first + settings.OUTBOX_GIVE_UP
        if now >= given_up:
            self._write(
                mail,
                status=MailStatus.DEAD,
                first_refused_at=first,
                last_error=_short(answer.words),
            )
            self.done.dead += 1
            return
        self._write(
            mail,
            first_refused_at=first,
            last_error=_short(answer.words),
            # Not later than the end of the 24 h: staff see the row then, not up to an hour after.
            next_at=min(_next_try(mail.attempts, now), given_up),
        )
        self.done.refused += 1

    def _delay(self, mail: Mail, words: str) -> None:
        self._write(
            mail,
            attempts=mail.attempts,
            next_at=_next_try(mail.attempts, self.now_fn()),
            last_error=_short(words),
        )

    def _write(self, mail: Mail, **values: object) -> None:
        """Records the outcome and frees the row, if it is still ours."""
        _queued().filter(pk=mail.pk, claimed_by=self.worker).update(
            claimed_by=None, claimed_until=None, **values
        )


def _next_try(attempts: int, now: datetime) -> datetime:
    return now + retry_delay(attempts, jitter=_random.uniform(-1, 1))


def _short(words: str) -> str:
    return one_line(mask(words))[:300]
