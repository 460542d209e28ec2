"""Sending what is due. Any number of workers, on any number of machines.

A row is claimed by one conditional UPDATE under a lease, rendered and sent outside any transaction,
and the server's answer is recorded at once. A worker that dies leaves a lease that runs out. The
one window for a second copy: a death between the server's acceptance and our record of it; the
copy has the same Message-ID (docs/operations.md). Several connections of one process share that
window: one mail at a time is in it (`in_doubt`), so that a killed process copies one at most.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from mgestion import slots
from mgestion.back_off import back_off
from mgestion.outbox.catalogue.kinds import MailKind
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.catalogue.texts import build_message, record_text_failure
from mgestion.outbox.models import Mail, MailStatus
from mgestion.outbox.sending import smtp
from mgestion.outbox.sending.in_doubt import in_doubt
from mgestion.outbox.sending.smtp import SendOutcome, ServerAnswer
from mgestion.web.logging.log_lines import one_line
from mgestion.web.logging.masking import MASK, mask_keys

_log = logging.getLogger(__name__)
_random = SystemRandom()
# Claimed together to save round trips. A row's lease is renewed just before it is sent.
CLAIM_SIZE = 20
SINGLE_SENDER_MAX = 4  # so few are sent by the run itself: threads and connections would cost more


@dataclass(slots=True)
class DeliveryCounts:
    """What a run did, by outcome. `stopped`: the server could not be reached."""

    accepted: int = 0
    refused: int = 0
    dead: int = 0
    dropped: int = 0
    failed: int = 0
    stopped: bool = False

    def counts(self) -> dict[str, int]:
        return {name: int(value) for name, value in asdict(self).items()}


def compute_retry_delay(attempts: int, *, jitter: float) -> timedelta:
    """2^n times the first delay, at most 1 h, then ±20 %. `attempts` ≥ 1, `jitter` in [-1, 1]."""
    first, longest = settings.OUTBOX_FIRST_RETRY, settings.OUTBOX_MAX_RETRY
    return back_off(attempts, first=first, longest=longest) * (1 + 0.2 * jitter)


def deliver_due_mails(
    now_fn: Callable[[], datetime],
    worker: UUID,
    limit: int = 5000,
    *,
    seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> DeliveryCounts:
    """Sends due mails over OUTBOX_CONNECTIONS connections, those that somebody waits for first.

    Begins none after `seconds` of `clock` (OUTBOX_SWEEP), and at most `limit`: another sweep goes
    on. `worker` is new for each run. RuntimeError in a transaction: what a server accepted can't be
    rolled back.
    """
    with transaction.atomic(durable=True):
        pass
    until = clock() + (settings.OUTBOX_SWEEP if seconds is None else seconds)
    run = _DeliveryRun(now_fn, worker, limit, lambda: clock() >= until)
    try:
        run.send_all()
    finally:
        run.release()
    return run.done


def claim_due_mails(worker: UUID, size: int, now: datetime) -> list[Mail]:
    """Takes up to `size` due rows for `worker`, until now + OUTBOX_LEASE."""
    with transaction.atomic():
        free = _select_queued_mails().filter(
            Q(claimed_until=None) | Q(claimed_until__lte=now), next_at__lte=now
        )
        due = free.order_by("priority", "next_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:size])
        if not ids:
            return []
        # The condition again: where rows can't be locked (SQLite), this is what decides.
        free.filter(pk__in=ids).update(claimed_by=worker, claimed_until=now + settings.OUTBOX_LEASE)
        return list(
            Mail.objects.filter(pk__in=ids, claimed_by=worker).order_by("priority", "next_at")
        )


def prepare_message(mail: Mail, now: datetime) -> Message | None:
    """What this attempt says, after what it promises is written down: the life of a link, which
    begins when its mail leaves. Nothing is written for a mail that has nothing left to say.
    """
    kind: MailKind = slots.mail_kinds[mail.kind]
    message = build_message(mail, now)
    if message is None:
        return None
    if kind.before_sending is not None:
        kind.before_sending(mail, now)
    if message.faulty_text is not None:
        record_text_failure(message.faulty_text, now)
    return message


def mask_stored_parts(message: Message) -> tuple[str, str]:
    """The text and the HTML as the row keeps them: a key or a code opens an account, and is not
    left readable in the database for 60 days. The demo's local page needs them.
    """
    parts = (message.text, message.html)
    if settings.EMBEDDED:
        return parts
    text, html = (mask_keys(part) for part in parts)
    if message.secret:
        text, html = (part.replace(message.secret, MASK) for part in (text, html))
    return text, html


def _select_queued_mails() -> QuerySet[Mail]:
    return Mail.objects.filter(status=MailStatus.QUEUED)


class _DeliveryRun:
    """One worker's pass over the queue: what was claimed, shared by the senders of the run."""

    def __init__(
        self,
        now_fn: Callable[[], datetime],
        worker: UUID,
        limit: int,
        is_over: Callable[[], bool],
    ) -> None:
        self.now_fn = now_fn
        self.worker = worker
        self.done = DeliveryCounts()
        self._limit = self._left = limit
        self._is_over = is_over
        self._claimed: deque[Mail] = deque()
        self._lock = threading.Lock()

    def send_all(self) -> None:
        self._claim()
        if not self._claimed:
            return
        senders: int = settings.OUTBOX_CONNECTIONS
        if senders == 1 or len(self._claimed) <= SINGLE_SENDER_MAX:
            _Sender(self).send_all()
            return
        with ThreadPoolExecutor(max_workers=senders) as pool:
            for sender in [pool.submit(self._send_in_thread) for _ in range(senders)]:
                sender.result()

    def _send_in_thread(self) -> None:
        try:
            _Sender(self).send_all()
        finally:
            connection.close()  # each thread has its own

    def next_mail(self) -> Mail | None:
        """None when nothing is due any more, or the run is to end."""
        with self._lock:
            if self.done.stopped or self._is_over():
                return None
            if not self._claimed:
                self._claim()
            return self._claimed.popleft() if self._claimed else None

    def _claim(self) -> None:
        if self._left > 0:
            self._claimed.extend(
                claim_due_mails(self.worker, min(CLAIM_SIZE, self._left), self.now_fn())
            )
            self._left -= len(self._claimed)

    def count(self, outcome: str) -> None:
        with self._lock:
            setattr(self.done, outcome, getattr(self.done, outcome) + 1)

    def stop(self) -> None:
        self.done.stopped = True

    def release(self) -> None:
        """What was claimed and not tried is free at once, not when the lease runs out."""
        if self._left == self._limit:
            return
        _select_queued_mails().filter(claimed_by=self.worker).update(
            claimed_by=None, claimed_until=None
        )


class _Sender:
    """One connection to the mail server, opened for the first mail that it gets."""

    def __init__(self, run: _DeliveryRun) -> None:
        self.run = run
        self.now_fn, self.worker = run.now_fn, run.worker
        self.server: BaseEmailBackend = get_connection()
        self.is_open = False

    def send_all(self) -> None:
        try:
            while (mail := self.run.next_mail()) and self._reach():
                try:
                    self._deliver(mail)
                finally:
                    in_doubt.end()  # its answer is written down
        finally:
            if self.is_open:
                self.server.close()

    def _reach(self) -> bool:
        if not self.is_open:
            trouble = smtp.open_connection(self.server)
            if trouble:
                _log.warning("The mail server can't be reached: %s", trouble.words)
                self.run.stop()
                return False
            self.is_open = True
        return True

    def _deliver(self, mail: Mail) -> None:
        try:
            message = prepare_message(mail, self.now_fn())
        except Exception as trouble:  # noqa: BLE001  # a builder's defect stops its own mail only
            _log.exception("The mail %s can't be built", mail.key)
            mail.attempts += 1
            self._delay(mail, smtp.describe_error(trouble))
            self.run.count("failed")
            return
        if message is None:
            self._write(mail, status=MailStatus.DROPPED)
            self.run.count("dropped")
            return
        if not self._save_rendering(mail, message):
            return  # the lease ran out: the row is somebody else's
        answer = smtp.send_message(self.server, message, mail.message_id)
        if answer.outcome is SendOutcome.ACCEPTED:
            # Whoever holds the claim by now: that the server accepted is a fact.
            _select_queued_mails().filter(pk=mail.pk).update(
                status=MailStatus.SENT,
                accepted_at=self.now_fn(),
                claimed_by=None,
                claimed_until=None,
                last_error="",
            )
            self.run.count("accepted")
        elif answer.outcome is SendOutcome.REFUSED:
            self._refused(mail, answer)
        elif answer.outcome is SendOutcome.BROKEN:
            self._delay(mail, answer.words)
            self.run.count("failed")
        else:
            # No answer about this mail, so its 24 hours don't run. It steps back in the queue, in
            # case it is this very mail that makes the server hang up.
            _log.warning("The mail server stopped answering: %s", answer.words)
            self._delay(mail, answer.words)
            self.run.stop()

    def _save_rendering(self, mail: Mail, message: Message) -> bool:
        """Writes what this attempt says and renews the lease; False when the row isn't ours."""
        now = self.now_fn()
        text, html = mask_stored_parts(message)
        mail.attempts += 1
        ours = _select_queued_mails().filter(
            pk=mail.pk, claimed_by=self.worker, claimed_until__gt=now
        )
        return bool(
            ours.update(
                to=message.to[:254],
                subject=message.subject[:200],
                text=text,
                html=html,
                deadline=message.deadline,
                attempts=mail.attempts,
                claimed_until=now + settings.OUTBOX_LEASE,
            )
        )

    def _refused(self, mail: Mail, answer: ServerAnswer) -> None:
        now = self.now_fn()
        first = mail.first_refused_at or now
        # A full mailbox or a greylist passes: the sender goes on for days (RFC 5321 4.5.4.1).
        patience = (
            settings.OUTBOX_GIVE_UP_TEMPORARY if answer.temporary else settings.OUTBOX_GIVE_UP
        )
        given_up = first + patience
        if now >= given_up:
            self._write(
                mail,
                status=MailStatus.DEAD,
                first_refused_at=first,
                last_error=_shorten_error(answer.words),
            )
            self.run.count("dead")
            return
        self._write(
            mail,
            first_refused_at=first,
            last_error=_shorten_error(answer.words),
            # Not later than the end of that time: staff see the row then, not up to an hour after.
            next_at=min(_compute_next_try(mail.attempts, now), given_up),
        )
        self.run.count("refused")

    def _delay(self, mail: Mail, words: str) -> None:
        self._write(
            mail,
            attempts=mail.attempts,
            next_at=_compute_next_try(mail.attempts, self.now_fn()),
            last_error=_shorten_error(words),
        )

    def _write(self, mail: Mail, **values: object) -> None:
        """Records the outcome and frees the row, if it is still ours."""
        _select_queued_mails().filter(pk=mail.pk, claimed_by=self.worker).update(
            claimed_by=None, claimed_until=None, **values
        )


def _compute_next_try(attempts: int, now: datetime) -> datetime:
    return now + compute_retry_delay(attempts, jitter=_random.uniform(-1, 1))


def _shorten_error(words: str) -> str:
    return one_line(mask_keys(words))[:300]
