"""A portal in simulated time: people, a mail server, the hourly sweep. Everything else is real."""

import uuid
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.run import execute_run
from lifecycle.enums import CaseCause
from lifecycle.models import LifecycleCase, LifecycleRun
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.sending.delivery import deliver_due_mails

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    """A moment of Paris: « 2026-03-11 09:00 » or « 2026-03-11 » (noon)."""
    moment = datetime.fromisoformat(text if " " in text else f"{text} 12:00")
    return moment.replace(tzinfo=PARIS)


class Server(BaseEmailBackend):
    """Accepts, refuses (a recipient's no) or cannot be reached."""

    mode = "up"
    accepted: list[EmailMessage] = []  # one per process, emptied by each test

    def open(self) -> bool:
        if Server.mode == "down":
            raise ConnectionRefusedError
        return True

    def close(self) -> None:
        return None

    def send_messages(self, messages: list[EmailMessage]) -> int:  # type: ignore[override]
        import smtplib

        for message in messages:
            if Server.mode == "refusing":
                to = parseaddr(message.to[0])[1]
                raise smtplib.SMTPRecipientsRefused({to: (550, b"no such mailbox")})
            Server.accepted.append(message)
        return len(messages)


BACKEND = "tests.lifecycle.world.Server"


def sweep(now: datetime, **more: object) -> LifecycleRun | None:
    return execute_run(now, trigger="test", any_hour=True, **more)  # type: ignore[arg-type]


def deliver(now: datetime) -> None:
    deliver_due_mails(lambda: now, uuid.uuid4())


def tick(now: datetime) -> LifecycleRun | None:
    """What an hour brings: the sweep, and the mails that it queued."""
    done = sweep(now)
    deliver(now)
    return done


def ticks(*moments: str) -> None:
    for moment in moments:
        tick(at(moment))


def log_in(user_id: int, now: datetime) -> bool:
    """A login with the right password, as `AccountAdapter.login` does it. Whether it was let in."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return False
    gate = account_states.check_sign_in(user, now)
    if not gate.allowed:
        return False
    if gate.revives:
        try:
            account_states.revive_by_login(user, actor=Actor.person(user), now=now)
        except Refused:
            return False
    account_states.note_activity(user.pk, now=now)
    return True


def status_of(user_id: int) -> str:
    """The account's status; « notified » for an active one under notice, « deleted » when gone."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return "deleted"
    if user.status != Status.ACTIVE:
        return user.status
    case = LifecycleCase.objects.open().filter(user=user, cause=CaseCause.INACTIVITY).first()
    if case is not None and user.clock_from < case.anchor_ends:
        return "notified" if case.due_at else "queued"
    return user.status
