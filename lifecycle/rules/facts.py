"""Builds the facts that the policy reads from rows: one function for plan, run and « explain »."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, QuerySet

from accounts.entry.links import mailed_links
from accounts.habilitations.accesses.models import Access
from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseCause, CaseState
from lifecycle.models import Hold, LifecycleCase, Reminder
from lifecycle.rules import config, querysets
from lifecycle.rules.policy import AccountFacts, CaseFacts, binding_last_day
from mgestion.outbox.models import Mail
from mgestion.text.dates import end_of_paris_day
from registrations.requests.models import Request

# Departures by an act of a person or of staff: the cause, and the kind of mail that the act queues.
CAUSE_AND_MAIL_OF_ACTS: Final = {
    Status.DEACTIVATED_BY_ADMIN: (CaseCause.ADMIN, account_departures.ADMIN_DEACTIVATED),
    Status.CLOSING: (CaseCause.CLOSURE, account_departures.CLOSING),
}


def build_announcement_key(user: User) -> str:
    """The key of the mail that announced the departure; `user` has a status of
    `CAUSE_AND_MAIL_OF_ACTS`.
    """
    kind = CAUSE_AND_MAIL_OF_ACTS[Status(user.status)][1]
    return f"{kind}:{user.public_id}:{account_departures.get_mail_cycle(user.status_since)}"


def gather_facts(users: Sequence[User], now: datetime) -> dict[int, AccountFacts]:
    """User pk → facts of these accounts at `now` (aware). Seven statements whatever the number of
    accounts, one more if some are unfinished sign-ups, and one more if some left by an act for
    which no case is open yet.
    """
    ids = [user.pk for user in users]
    open_cases = {
        case.user_id: case
        for case in LifecycleCase.objects.open().filter(user__in=ids).select_related("mail")
    }
    held = _list_people(Hold.objects.active().filter(user__in=ids))
    asking = _list_people(Request.objects.open().filter(user__in=ids))
    # Without anybody to ask about, Django sends no statement.
    staff = [user.pk for user in users if user.is_staff or user.is_superuser]
    entitled = _list_people(Access.objects.open().filter(user__in=staff))
    waiting = [user.pk for user in users if user.status == Status.PENDING]
    living = _list_people(
        User.objects.filter(mailed_links.exists_living_link("pk", now), pk__in=waiting), "pk"
    )
    seen = find_activity_elsewhere(ids)
    reminded = _list_people(Reminder.objects.filter(user__in=ids))
    announced = _find_announced_deadlines(users, open_cases)
    lone = querysets.find_last_superuser()
    everything = querysets.is_everything_held()
    return {
        user.pk: AccountFacts(
            status=user.status,
            clock_from=max(user.clock_from, seen.get(user.pk, user.clock_from)),
            created_at=user.created_at,
            revivable_until=announced.get(user.pk) or _find_deadline(user, open_cases.get(user.pk)),
            case=_find_notice(user, open_cases.get(user.pk)),
            held=everything or user.pk in held,
            open_request=user.pk in asking or _is_paused(open_cases.get(user.pk)),
            back_office=user.is_staff and user.pk not in entitled,
            last_superuser=user.pk in lone,
            reminded=user.pk in reminded,
            living_link=user.pk in living,
            by_letter=_is_announced_by_letter(user, open_cases.get(user.pk)),
        )
        for user in users
    }


def _list_people(rows: QuerySet[Any], column: str = "user_id") -> set[int]:
    return set(rows.values_list(column, flat=True))


def _find_notice(user: User, case: LifecycleCase | None) -> CaseFacts | None:
    """The running notice of an active account. Its deadline counts from the acceptance of the mail,
    even before `settle_cases` has stored it.
    """
    if user.status != Status.ACTIVE or case is None:
        return None
    if case.state not in (CaseState.NOTICE_QUEUED, CaseState.NOTIFIED):
        return None
    due = case.due_at or _find_accepted_deadline(case, config.get_rules().notice_days)
    return CaseFacts(CaseState.NOTIFIED if due else case.state, case.anchor, due)


def find_activity_elsewhere(
    user_ids: Collection[int] | QuerySet[User, Any],
) -> dict[int, datetime]:
    """User pk → last activity, for active accounts without access to a listed platform whose last
    activity is later than their clock.
    """
    rows = querysets.select_activity_elsewhere().filter(user__in=user_ids).order_by()
    return dict(rows.values_list("user").annotate(last=Max("last_at")))


def _is_paused(case: LifecycleCase | None) -> bool:
    """Whether a request stopped the deadline and its days are not given back yet."""
    return case is not None and case.paused_since is not None


def _is_announced_by_letter(user: User, case: LifecycleCase | None) -> bool:
    """Whether a letter announced the deletion; two agents then confirm it."""
    return (
        case is not None
        and case.deletion_letter_on is not None
        and case.deactivated_at == user.status_since
    )


def _find_announced_deadlines(
    users: Sequence[User], cases: dict[int, LifecycleCase]
) -> dict[int, datetime]:
    """User pk → end of the days to come back, for accounts that left by an act and have no case
    yet: computed from the mail of the act, as `settle_cases` will do.
    """
    unread = {}
    for user in users:
        case = cases.get(user.pk)
        if user.status in CAUSE_AND_MAIL_OF_ACTS and user.revivable_until is None:
            if case is None or case.deactivated_at != user.status_since:
                unread[build_announcement_key(user)] = user.pk
    mails = Mail.objects.filter(key__in=list(unread), accepted_at__isnull=False)
    days = config.get_rules().grace_days
    return {
        unread[mail.key]: end_of_paris_day(binding_last_day(mail.deadline, mail.accepted_at, days))
        for mail in mails.only("key", "deadline", "accepted_at")
        if mail.accepted_at is not None
    }


def _find_deadline(user: User, case: LifecycleCase | None) -> datetime | None:
    """Until when a deactivated account may come back, stored or as `settle_cases` will store it."""
    if user.revivable_until is not None or case is None:
        return user.revivable_until
    if case.deactivated_at is None or case.deactivated_at != user.status_since:
        return None
    return case.due_at or _find_accepted_deadline(case, config.get_rules().grace_days)


def _find_accepted_deadline(case: LifecycleCase, days: int) -> datetime | None:
    mail = case.mail
    if mail is None or mail.accepted_at is None:
        return None
    return end_of_paris_day(binding_last_day(mail.deadline, mail.accepted_at, days))
