"""Accounts at each stage, as rows that the engine would have written."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.emails import INACTIVITY_DEACTIVATED, INACTIVITY_NOTICE
from lifecycle.enums import CaseCause, CaseState, HoldReason, LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import Hold, LifecycleCase
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import end_of_paris_day, paris_date
from tests.factories.habilitations import make_user
from tests.lifecycle.world import Server, at


def sleeper(**more: Any) -> User:
    """Somebody whose 24 months end on 10 March 2026."""
    moment = more.get("clock_from", at("2024-03-10"))
    dates = dict.fromkeys(("clock_from", "created_at", "status_since", "last_activity_at"), moment)
    return make_user(**{**dates, **more})


def put_case(user: User, state: str, opened_at: datetime, **more: Any) -> LifecycleCase:
    anchor = paris_date(user.clock_from)
    return LifecycleCase.objects.create(
        **{
            "user": user,
            "cause": CaseCause.INACTIVITY,
            "state": state,
            "anchor": anchor,
            "anchor_ends": end_of_paris_day(anchor),
            "opened_at": opened_at,
            "mails": 1,
            **more,
        }
    )


def put_mail(kind: str, user: User, now: datetime, **more: Any) -> Mail:
    """Of `now`, and accepted at once unless said otherwise."""
    pk = uuid4()
    facts = {"status": MailStatus.SENT, "accepted_at": now, "to": user.email, **more}
    return Mail.objects.create(
        pk=pk,
        kind=kind,
        subject_id=user.public_id,
        key=f"{kind}:{pk}",
        person=user.public_id,
        created_at=now,
        next_at=now,
        message_id=f"<{pk}@example.org>",
        **facts,
    )


def notified(user: User | None = None, **more: Any) -> User:
    """Somebody under a notice of 11 March 2026, which ends on the 26th."""
    user = user or sleeper(**more)
    _warn(user, CaseState.NOTIFIED, due_at=at("2026-03-27 00:00"))
    return user


def _warn(user: User, state: str, **more: Any) -> LifecycleCase:
    now, last = at("2026-03-11"), date(2026, 3, 26)
    mail = put_mail(INACTIVITY_NOTICE, user, now, deadline=last)
    notice = {"notice_accepted_at": now, "notice_last_day": last, "mail": mail}
    case = put_case(user, state, now, **{**notice, **more})
    Mail.objects.filter(pk=mail.pk).update(subject_id=case.pk)
    _write_down(case, LedgerLine.NOTICE_QUEUED, LedgerLine.NOTICE_ACCEPTED, mail=mail)
    return case


def _write_down(case: LifecycleCase, queued: str, accepted: str, *, mail: Mail) -> None:
    entries.write_ledger_entries(
        entries.build_ledger_entry(
            case.user.public_id,
            line,
            now=mail.created_at,
            cause=case.cause,
            anchor=case.anchor,
            last_day=mail.deadline if line == accepted else None,
            case=case.pk,
            mail=mail.pk,
        )
        for line in (queued, accepted)
    )


def announced(**more: Any) -> User:
    """Somebody deactivated on 27 March 2026, who may come back until 11 April."""
    now, last = at("2026-03-27"), date(2026, 4, 11)
    due = end_of_paris_day(last)
    left = {"status": Status.DEACTIVATED_INACTIVE, "status_since": now, "revivable_until": due}
    user = sleeper(**left, **more)
    mail = put_mail(INACTIVITY_DEACTIVATED, user, now, deadline=last)
    case = _warn(
        user,
        CaseState.ANNOUNCED,
        deactivated_at=user.status_since,
        announced_at=now,
        deletion_last_day=last,
        due_at=due,
    )
    LifecycleCase.objects.filter(pk=case.pk).update(mail=mail)
    Mail.objects.filter(pk=mail.pk).update(subject_id=case.pk)
    _write_down(case, LedgerLine.DEACTIVATED, LedgerLine.DELETION_ANNOUNCED, mail=mail)
    return user


def dead_notice() -> User:
    """Held since 12 March 2026: the notice of the 11th could not be delivered."""
    user, now = sleeper(), at("2026-03-11 10:00")
    mail = put_mail(INACTIVITY_NOTICE, user, now, status=MailStatus.DEAD, accepted_at=None)
    case = put_case(user, CaseState.NOTICE_QUEUED, now, mail=mail)
    Mail.objects.filter(pk=mail.pk).update(subject_id=case.pk)
    _hold_unreached(user)
    return user


def dead_closure() -> User:
    """Asked by letter on 11 March 2026: the acknowledgment could not be delivered."""
    user, now = make_user(), at("2026-03-11")
    account_departures.close_account(user, actor=Actor.system("test"), reason="letter", now=now)
    user.refresh_from_db()
    mail = Mail.objects.get(person=user.public_id)
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.DEAD)
    put_case(
        user,
        CaseState.DEACTIVATED,
        now + timedelta(hours=1),
        cause=CaseCause.CLOSURE,
        anchor=paris_date(now),
        anchor_ends=end_of_paris_day(paris_date(now)),
        deactivated_at=user.status_since,
        mail=mail,
    )
    _hold_unreached(user)
    return user


def _hold_unreached(user: User) -> None:
    Hold.objects.create(
        user=user, reason=HoldReason.UNDELIVERABLE, placed_at=at("2026-03-12 12:00")
    )
    Server.mode = "refusing"
