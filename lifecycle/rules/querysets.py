"""Who is due: the eligibility of each step, as one condition that the claim itself carries.

Each query begins at a partial index (`user_idle`, `case_open_due`, `user_pending_age`,
`user_idle_staff`, `user_leaving`), so that a run with nothing due costs the same with a thousand
accounts and with a million. `tests/lifecycle/test_indexes.py` reads the plans.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from accounts.entry import mailed_links
from accounts.habilitations.accesses.activity import listed_accesses
from accounts.habilitations.accesses.models import Access, PlatformActivity
from accounts.people import administrators
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseState, Cause
from lifecycle.models import Hold, LifecycleCase, Reminder
from lifecycle.rules.policy import Rules, latest_idle_anchor
from lifecycle.rules.silent_platforms import judged_by
from mgestion.text.dates import end_of_paris_day, paris_date, start_of_paris_day
from registrations.requests.models import Request

LEAVING = {
    Cause.INACTIVITY: Status.DEACTIVATED_INACTIVE,
    Cause.ADMIN: Status.DEACTIVATED_BY_ADMIN,
    Cause.CLOSURE: Status.CLOSING,
}


def held(user: str = "pk") -> Exists:
    """An open hold on the account in the column `user`."""
    return Exists(Hold.objects.active().filter(user=OuterRef(user)))


def open_request(user: str = "pk") -> Exists:
    """A request pending with OPCO (D41)."""
    return Exists(Request.objects.open().filter(user=OuterRef(user)))


def has_access(user: str = "pk") -> Exists:
    return Exists(Access.objects.open().filter(user=OuterRef(user)))


def open_case(user: str = "pk") -> Exists:
    return Exists(LifecycleCase.objects.open().filter(user=OuterRef(user)))


def no_open_case() -> IsNull:
    """No open case, looked up account by account. As an anti-join it would be planned on the
    statistics of before the run, which opens thousands of cases: each batch would read them all.
    """
    cases = LifecycleCase.objects.open().filter(user=OuterRef("pk"))
    return IsNull(Subquery(cases.values("pk")[:1]), True)


def all_held() -> bool:
    """Whether somebody has stopped everything."""
    return _holds_on_all().exists()


def hold_on_all() -> Exists:
    """That somebody has stopped everything, as a condition of a statement."""
    return Exists(_holds_on_all())


def _holds_on_all() -> QuerySet[Hold]:
    return Hold.objects.active().filter(everything=True)


def away(today: date, rules: Rules) -> QuerySet[User]:
    """Active accounts whose 24 months ended before `today`, under a notice or not."""
    before = end_of_paris_day(latest_idle_anchor(today, rules))
    return User.objects.filter(status=Status.ACTIVE, clock_from__lt=before)


def active_elsewhere() -> QuerySet[PlatformActivity]:
    """Activity, later than the clock of an active account, on a platform that counts for those
    only who have no access to a listed one: this account has none (D65).
    """
    listed = listed_accesses().filter(user=OuterRef("user"))
    return PlatformActivity.objects.filter(
        ~Exists(listed), user__status=Status.ACTIVE, last_at__gt=F("user__clock_from")
    )


def idle(today: date, rules: Rules) -> QuerySet[User]:
    """Those of `away` without an open case, whatever holds them. By who has been away longest."""
    return away(today, rules).filter(no_open_case()).order_by("clock_from", "pk")


def notice_due(today: date, rules: Rules, *, unheard: Collection[int] = ()) -> QuerySet[User]:
    """Those of `idle` whom nothing keeps (D24, D27, D41), but whom the silent platforms `unheard`
    judge (D65).
    """
    people = idle(today, rules)
    return (
        (people.filter(~judged_by(unheard)) if unheard else people)
        .filter(~held(), ~open_request())
        .filter(Q(is_staff=False) | has_access())
        .filter(not_the_last_superuser())
    )


def cases_due(state: str, now: datetime) -> QuerySet[LifecycleCase]:
    """Open cases whose delay is over, whatever holds them."""
    return (
        LifecycleCase.objects.open().filter(state=state, due_at__lte=now).order_by("due_at", "pk")
    )


def any_case_due(now: datetime) -> bool:
    """Whether some delay is over, whatever holds the account."""
    return (
        LifecycleCase.objects.open()
        .filter(state__in=(CaseState.NOTIFIED, CaseState.ANNOUNCED), due_at__lte=now)
        .exists()
    )


def deactivation_due(now: datetime, *, unheard: Collection[int] = ()) -> QuerySet[LifecycleCase]:
    """Notified accounts that are still inactive after their last day (L3). `unheard`: as above."""
    cases = cases_due(CaseState.NOTIFIED, now)
    return (
        (cases.filter(~judged_by(unheard, "user")) if unheard else cases)
        .filter(user__status=Status.ACTIVE, user__clock_from__lt=F("anchor_ends"))
        .filter(paused_since__isnull=True)  # the days of a request are given back first (D72)
        .filter(~held("user"), ~open_request("user"))
        .filter(not_the_last_superuser("user"))
    )


def deletion_due(
    now: datetime, *, spare_idle: bool = False, unheard: Collection[int] = ()
) -> QuerySet[LifecycleCase]:
    """Accounts that are still deactivated after their last day, as login reads it (L4, L5).
    `spare_idle`: without those who leave for inactivity. `unheard`: without those of them whom
    these silent platforms judge.
    """
    cases = cases_due(CaseState.ANNOUNCED, now)
    if spare_idle:
        cases = cases.exclude(cause=Cause.INACTIVITY)
    elif unheard:
        cases = cases.exclude(Q(cause=Cause.INACTIVITY) & judged_by(unheard, "user"))
    return (
        cases.filter(deletion_letter_on__isnull=True)  # two agents confirm those (D71)
        .filter(paused_since__isnull=True)
        .filter(user__revivable_until__lte=now)
        .filter(still_leaving())
        .filter(~held("user"), ~open_request("user"))
        .filter(not_the_last_superuser("user"))
    )


def still_leaving() -> Q:
    """The account is where its case put it, by the same act."""
    same = Q()
    for cause, status in LEAVING.items():
        same |= Q(cause=cause, user__status=status)
    return same & Q(user__status_since=F("deactivated_at"))


def pending(now: datetime, age: timedelta) -> QuerySet[User]:
    """Sign-ups never completed whose `age` in Paris days has passed (D40)."""
    before = start_of_paris_day(paris_date(now) - age + timedelta(days=1))
    return User.objects.filter(status=Status.PENDING, created_at__lt=before).order_by("created_at")


def reminder_due(now: datetime, rules: Rules) -> QuerySet[User]:
    """Old enough for the reminder, too young for the purge, not reminded yet."""
    young = pending(now, timedelta(days=rules.pending_days + 1)).values("pk")
    return (
        pending(now, timedelta(days=rules.remind_days))
        .filter(~Exists(Reminder.objects.filter(user=OuterRef("pk"))))
        .filter(~held())
        .exclude(pk__in=young)
    )


def purge_due(now: datetime, rules: Rules) -> QuerySet[User]:
    """Never while a link of theirs works: the mail says until when it does (D16, D72)."""
    old = pending(now, timedelta(days=rules.pending_days + 1))
    return old.filter(~held(), ~mailed_links.living("pk", now))


def staff_away(now: datetime, rules: Rules) -> QuerySet[User]:
    """Active agents without a login for 90 days (D61), with an access or not."""
    before = start_of_paris_day(paris_date(now) - timedelta(days=rules.staff_idle_days))
    return User.objects.filter(status=Status.ACTIVE, is_staff=True, clock_from__lt=before)


def staff_idle(now: datetime, rules: Rules) -> QuerySet[User]:
    """Those of `staff_away` who are back office only (D24), whatever holds them."""
    return staff_away(now, rules).filter(~has_access()).order_by("clock_from", "pk")


def disable_due(now: datetime, rules: Rules) -> QuerySet[User]:
    return staff_idle(now, rules).filter(~held(), not_the_last_superuser())


def lone_superuser() -> list[int]:
    """The last national administrator, never removed (D24); empty while there are several. Whether
    his right is a superuser's or an agent's role: nobody else could give it to another one.
    """
    active = list(administrators.able().values_list("pk", flat=True)[:2])
    return active if len(active) == 1 else []


def not_the_last_superuser(user: str = "") -> Q:
    """Somebody else could still administer the portal (D24). Asks only about agents."""
    prefix, pk = (f"{user}__", f"{user}_id") if user else ("", "pk")
    reviewer = Q(**{f"{prefix}is_staff": False}) | ~administrators.by_a_rule(pk)
    plain = Q(**{f"{prefix}is_superuser": False}) & reviewer
    return plain | Q(Exists(administrators.able().exclude(pk=OuterRef(user or "pk"))))
