"""From rows to what the rules read: the same for the plan, the claim and « explain »."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Max

from accounts.entry import mailed_links
from accounts.habilitations.accesses.models import Access
from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseState, Cause
from lifecycle.models import Hold, LifecycleCase, Reminder
from lifecycle.rules import config, querysets
from lifecycle.rules.policy import CaseFacts, Facts, binding_last_day
from mgestion.outbox.models import Mail
from mgestion.text.dates import end_of_paris_day
from registrations.requests.models import Request

# What other rooms put on the way out: the cause, and the mail that the act itself queued.
EXTERNAL: Final = {
    Status.DEACTIVATED_BY_ADMIN: (Cause.ADMIN, account_departures.ADMIN_DEACTIVATED),
    Status.CLOSING: (Cause.CLOSURE, account_departures.CLOSING),
}


def announcement_key(user: User) -> str:
    """The key of the mail that announces the deletion of an account in a status of `EXTERNAL`."""
    kind = EXTERNAL[Status(user.status)][1]
    return f"{kind}:{user.public_id}:{account_departures.act_cycle(user.status_since)}"


def gather(users: Sequence[User], now: datetime) -> dict[int, Facts]:
    """The facts of these accounts at `now` (aware), in seven statements whatever their number, one
    more where some are unfinished sign-ups, and one where some left by an act that the sweep has
    not read yet. User pk → facts.
    """
    ids = [user.pk for user in users]
    open_cases = {
        case.user_id: case
        for case in LifecycleCase.objects.open().filter(user__in=ids).select_related("mail")
    }
    held = set(Hold.objects.active().filter(user__in=ids).values_list("user_id", flat=True))
    asking = set(Request.objects.open().filter(user__in=ids).values_list("user_id", flat=True))
    staff = [user.pk for user in users if user.is_staff or user.is_superuser]
    entitled = (
        set(Access.objects.open().filter(user__in=staff).values_list("user_id", flat=True))
        if staff
        else set()
    )
    waiting = [user.pk for user in users if user.status == Status.PENDING]
    living = (
        set(
            User.objects.filter(mailed_links.living("pk", now), pk__in=waiting).values_list(
                "pk", flat=True
            )
        )
        if waiting
        else set()
    )
    seen = elsewhere(ids)
    reminded = set(Reminder.objects.filter(user__in=ids).values_list("user_id", flat=True))
    announced = _announced(users, open_cases)
    lone = querysets.lone_superuser()
    everything = querysets.all_held()
    return {
        user.pk: Facts(
            status=user.status,
            clock_from=max(user.clock_from, seen.get(user.pk, user.clock_from)),
            created_at=user.created_at,
            revivable_until=announced.get(user.pk) or _deadline(user, open_cases.get(user.pk)),
            case=_notice(user, open_cases.get(user.pk)),
            held=everything or user.pk in held,
            open_request=user.pk in asking or _paused(open_cases.get(user.pk)),
            back_office=user.is_staff and user.pk not in entitled,
            last_superuser=user.pk in lone,
            reminded=user.pk in reminded,
            living_link=user.pk in living,
            by_letter=_by_letter(user, open_cases.get(user.pk)),
        )
        for user in users
    }


def _notice(user: User, case: LifecycleCase | None) -> CaseFacts | None:
    """The notice that runs for an active account. One whose mail is accepted counts as bound, even
    before the sweep has written it down.
    """
    if user.status != Status.ACTIVE or case is None:
        return None
    if case.state not in (CaseState.NOTICE_QUEUED, CaseState.NOTIFIED):
        return None
    due = case.due_at or _accepted(case, config.rules().notice_days)
    return CaseFacts(CaseState.NOTIFIED if due else case.state, case.anchor, due)


def elsewhere(user_ids: Collection[int]) -> dict[int, datetime]:
    """The last activity of those of these active accounts that are judged by every platform (D65),
    where it is later than their clock. User pk → moment.
    """
    rows = querysets.active_elsewhere().filter(user__in=user_ids).order_by()
    return dict(rows.values_list("user").annotate(last=Max("last_at")))


def _paused(case: LifecycleCase | None) -> bool:
    """Whether a request kept the deadline and its days are not given back yet (D72)."""
    return case is not None and case.paused_since is not None


def _by_letter(user: User, case: LifecycleCase | None) -> bool:
    """Whether a letter announced the deletion, which two agents then confirm (D71)."""
    return (
        case is not None
        and case.deletion_letter_on is not None
        and case.deactivated_at == user.status_since
    )


def _announced(users: Sequence[User], cases: dict[int, LifecycleCase]) -> dict[int, datetime]:
    """Until when those may come back whom the sweep has not given a case yet, as it will read it
    from the mail of the act.
    """
    unread = {}
    for user in users:
        case = cases.get(user.pk)
        if user.status in EXTERNAL and user.revivable_until is None:
            if case is None or case.deactivated_at != user.status_since:
                unread[announcement_key(user)] = user.pk
    if not unread:
        return {}
    mails = Mail.objects.filter(key__in=list(unread), accepted_at__isnull=False)
    days = config.rules().grace_days
    return {
        unread[mail.key]: end_of_paris_day(binding_last_day(mail.deadline, mail.accepted_at, days))
        for mail in mails.only("key", "deadline", "accepted_at")
        if mail.accepted_at is not None
    }


def _deadline(user: User, case: LifecycleCase | None) -> datetime | None:
    """Until when a deactivated account may come back, as the sweep will write it if it has not."""
    if user.revivable_until is not None or case is None:
        return user.revivable_until
    if case.deactivated_at is None or case.deactivated_at != user.status_since:
        return None
    return case.due_at or _accepted(case, config.rules().grace_days)


def _accepted(case: LifecycleCase, days: int) -> datetime | None:
    mail = case.mail
    if mail is None or mail.accepted_at is None:
        return None
    return end_of_paris_day(binding_last_day(mail.deadline, mail.accepted_at, days))
