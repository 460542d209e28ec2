"""The eligibility of each step, as one condition that is part of the claiming statement.

Each query starts from a partial index (`user_idle`, `case_open_due`, `user_pending_age`,
`user_idle_staff`, `user_leaving`), so that a run with nothing due costs the same with a thousand
accounts and with a million. `tests/lifecycle/rules/test_indexes.py` checks the query plans.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from accounts.entry.links import mailed_links
from accounts.habilitations.accesses.activity import select_listed_accesses
from accounts.habilitations.accesses.models import Access, PlatformActivity
from accounts.people import administrators
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseCause, CaseState
from lifecycle.models import Hold, LifecycleCase, Reminder
from lifecycle.rules.policy import LifecycleRules, latest_idle_anchor
from lifecycle.rules.silent_platforms import is_judged_by
from mgestion.text.dates import end_of_paris_day, paris_date, start_of_paris_day
from registrations.requests.models import Request

LEAVING_STATUS = {
    CaseCause.INACTIVITY: Status.DEACTIVATED_INACTIVE,
    CaseCause.ADMIN: Status.DEACTIVATED_BY_ADMIN,
    CaseCause.CLOSURE: Status.CLOSING,
}


def is_held(user: str = "pk") -> Exists:
    """The account in the column `user` has an open hold."""
    return Exists(Hold.objects.active().filter(user=OuterRef(user)))


def has_open_request(user: str = "pk") -> Exists:
    """A request of the account is under review."""
    return Exists(Request.objects.open().filter(user=OuterRef(user)))


def has_access(user: str = "pk") -> Exists:
    return Exists(Access.objects.open().filter(user=OuterRef(user)))


def has_open_case(user: str = "pk") -> Exists:
    return Exists(LifecycleCase.objects.open().filter(user=OuterRef(user)))


def has_no_open_case() -> IsNull:
    """No open case, looked up account by account: PostgreSQL would plan an anti-join on statistics
    older than the run, which opens thousands of cases, and each batch would read them all.
    """
    cases = LifecycleCase.objects.open().filter(user=OuterRef("pk"))
    return IsNull(Subquery(cases.values("pk")[:1]), True)


def is_everything_held() -> bool:
    """Whether a hold on all accounts is open."""
    return _select_holds_on_everything().exists()


def has_hold_on_everything() -> Exists:
    """The same as an SQL condition."""
    return Exists(_select_holds_on_everything())


def _select_holds_on_everything() -> QuerySet[Hold]:
    return Hold.objects.active().filter(everything=True)


def select_away_accounts(today: date, rules: LifecycleRules) -> QuerySet[User]:
    """Active accounts whose 24 months ended before `today` (Paris date), with a case or without."""
    before = end_of_paris_day(latest_idle_anchor(today, rules))
    return User.objects.filter(status=Status.ACTIVE, clock_from__lt=before)


def select_activity_elsewhere() -> QuerySet[PlatformActivity]:
    """Platform activity later than the clock of an active account that has no access to a listed
    platform: for such accounts every platform counts (D65).
    """
    listed = select_listed_accesses().filter(user=OuterRef("user"))
    return PlatformActivity.objects.filter(
        ~Exists(listed), user__status=Status.ACTIVE, last_at__gt=F("user__clock_from")
    )


def select_idle_accounts(today: date, rules: LifecycleRules) -> QuerySet[User]:
    """Inactive accounts without an open case, holds ignored; longest inactivity first."""
    return (
        select_away_accounts(today, rules).filter(has_no_open_case()).order_by("clock_from", "pk")
    )


def select_notice_due(
    today: date, rules: LifecycleRules, *, unheard: Collection[int] = ()
) -> QuerySet[User]:
    """Inactive accounts that no hold, request or rule keeps, without those judged by the silent
    platforms `unheard` (ids).
    """
    people = select_idle_accounts(today, rules)
    return (
        (people.filter(~is_judged_by(unheard)) if unheard else people)
        .filter(~is_held(), ~has_open_request())
        .filter(Q(is_staff=False) | has_access())
        .filter(is_not_last_superuser())
    )


def select_due_cases(state: str, now: datetime) -> QuerySet[LifecycleCase]:
    """Open cases whose deadline is over, holds ignored."""
    return (
        LifecycleCase.objects.open().filter(state=state, due_at__lte=now).order_by("due_at", "pk")
    )


def is_any_case_due(now: datetime) -> bool:
    """Whether a deadline is over, holds ignored."""
    return (
        LifecycleCase.objects.open()
        .filter(state__in=(CaseState.NOTIFIED, CaseState.ANNOUNCED), due_at__lte=now)
        .exists()
    )


def select_deactivation_due(
    now: datetime, *, unheard: Collection[int] = ()
) -> QuerySet[LifecycleCase]:
    """Notified accounts that are still inactive after their last day. `unheard`: as above."""
    cases = select_due_cases(CaseState.NOTIFIED, now)
    return (
        (cases.filter(~is_judged_by(unheard, "user")) if unheard else cases)
        .filter(user__status=Status.ACTIVE, user__clock_from__lt=F("anchor_ends"))
        .filter(paused_since__isnull=True)  # the days of a request are given back first
        .filter(~is_held("user"), ~has_open_request("user"))
        .filter(is_not_last_superuser("user"))
    )


def select_deletion_due(
    now: datetime, *, spare_idle: bool = False, unheard: Collection[int] = ()
) -> QuerySet[LifecycleCase]:
    """Accounts still deactivated after the last day that login reads. `spare_idle`: without
    departures for inactivity. `unheard`: without those of them judged by these silent platforms.
    """
    cases = select_due_cases(CaseState.ANNOUNCED, now)
    if spare_idle:
        cases = cases.exclude(cause=CaseCause.INACTIVITY)
    elif unheard:
        cases = cases.exclude(Q(cause=CaseCause.INACTIVITY) & is_judged_by(unheard, "user"))
    return (
        cases.filter(deletion_letter_on__isnull=True)  # two agents confirm these
        .filter(paused_since__isnull=True)
        .filter(user__revivable_until__lte=now)
        .filter(is_still_leaving())
        .filter(~is_held("user"), ~has_open_request("user"))
        .filter(is_not_last_superuser("user"))
    )


def is_still_leaving() -> Q:
    """The account still has the status that its case gave it, from the same act."""
    same = Q()
    for cause, status in LEAVING_STATUS.items():
        same |= Q(cause=cause, user__status=status)
    return same & Q(user__status_since=F("deactivated_at"))


def select_old_sign_ups(now: datetime, age: timedelta) -> QuerySet[User]:
    """Unfinished sign-ups older than `age` in Paris days; oldest first."""
    before = start_of_paris_day(paris_date(now) - age + timedelta(days=1))
    return User.objects.filter(status=Status.PENDING, created_at__lt=before).order_by("created_at")


def select_reminder_due(now: datetime, rules: LifecycleRules) -> QuerySet[User]:
    """Old enough for the reminder, too young for the purge, not reminded yet."""
    young = select_old_sign_ups(now, timedelta(days=rules.pending_days + 1)).values("pk")
    return (
        select_old_sign_ups(now, timedelta(days=rules.remind_days))
        .filter(~Exists(Reminder.objects.filter(user=OuterRef("pk"))))
        .filter(~is_held())
        .exclude(pk__in=young)
    )


def select_purge_due(now: datetime, rules: LifecycleRules) -> QuerySet[User]:
    """Unfinished sign-ups to purge; not while one of their links works, as its mail promises."""
    old = select_old_sign_ups(now, timedelta(days=rules.pending_days + 1))
    return old.filter(~is_held(), ~mailed_links.exists_living_link("pk", now))


def select_away_staff(now: datetime, rules: LifecycleRules) -> QuerySet[User]:
    """Active agents without a login for `staff_idle_days`, with an access or not."""
    before = start_of_paris_day(paris_date(now) - timedelta(days=rules.staff_idle_days))
    return User.objects.filter(status=Status.ACTIVE, is_staff=True, clock_from__lt=before)


def select_idle_staff(now: datetime, rules: LifecycleRules) -> QuerySet[User]:
    """Inactive agents without any access to a platform, holds ignored."""
    return select_away_staff(now, rules).filter(~has_access()).order_by("clock_from", "pk")


def select_disable_due(now: datetime, rules: LifecycleRules) -> QuerySet[User]:
    return select_idle_staff(now, rules).filter(~is_held(), is_not_last_superuser())


def find_last_superuser() -> list[int]:
    """The last national administrator, superuser or agent, who is never removed; empty while
    there are several.
    """
    active = list(administrators.select_able_administrators().values_list("pk", flat=True)[:2])
    return active if len(active) == 1 else []


def is_not_last_superuser(user: str = "") -> Q:
    """Another account could still administer the portal. The subquery runs for agents only."""
    prefix, pk = (f"{user}__", f"{user}_id") if user else ("", "pk")
    reviewer = Q(**{f"{prefix}is_staff": False}) | ~administrators.administers_by_rule(pk)
    plain = Q(**{f"{prefix}is_superuser": False}) & reviewer
    return plain | Q(
        Exists(administrators.select_able_administrators().exclude(pk=OuterRef(user or "pk")))
    )
