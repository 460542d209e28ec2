"""Five years of anything: logins, late or repeated runs, outages, mail failures, acts of staff.

Whatever comes in whatever order, the promises hold. The model beside the portal knows only what a
person could: when the mails said which last day, when he logged in. Each sequence covers five
years: what its steps leave of them passes from one day that matters to the next, and nobody acts
any more. `--log-cli-level=INFO` tells the years.
"""

import logging
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Exists, OuterRef
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.brakes import holds
from lifecycle.enums import CaseCause, LedgerLine, Step
from lifecycle.ledger import entries
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from lifecycle.rules import brakes, config, planning
from lifecycle.rules.facts import gather_facts
from lifecycle.rules.policy import next_step
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import PARIS, add_months, paris_date
from tests.effort import examples
from tests.factories.habilitations import make_user
from tests.lifecycle.world import BACKEND, Server, at, deliver, log_in, sweep

START = at("2026-01-01")
ACTOR = Actor.system("test")
PEOPLE = 3
END = at("2031-01-01")  # five years later
_DAY = timedelta(days=1)


class Person:
    """What one of them knows. `moved`: the days on which the portal did something to him."""

    def __init__(self, user: User) -> None:
        self.pk, self.public_id = user.pk, user.public_id
        self.active_on: date = paris_date(user.clock_from)
        self.moved: list[date] = []
        self.status: str = user.status
        self.letters: dict[Any, Mail] = {}  # what reached him; the rows go with the account


class Portal(RuleBasedStateMachine):
    spans: list[timedelta] = []  # the simulated time of each sequence, emptied by the test

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001
        self.outer.__enter__()
        self.now = START
        Server.mode = "up"
        Server.accepted.clear()
        first = START - timedelta(days=700)
        self.people = [
            Person(
                make_user(
                    clock_from=first + timedelta(days=10 * place),
                    created_at=first,
                    status_since=first,
                    last_activity_at=first,
                )
            )
            for place in range(PEOPLE)
        ]
        self.ids = [person.pk for person in self.people]

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # a sequence that has failed says why, and no more
                self._the_rest_of_the_five_years()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def _the_rest_of_the_five_years(self) -> None:
        Server.mode = "up"
        while self.now < END:
            day = min(self._next_day() or paris_date(END), paris_date(END))
            self._sweep_at(datetime.combine(day, time(12), tzinfo=PARIS))
            deliver(self.now)
            self.watch()  # the mails before their accounts go
            self.at_most_one_notice_per_anchor()
            self.every_mail_has_its_line()
            self.the_deadline_that_login_reads_is_never_before_the_promised_day()
        Portal.spans.append(self.now - START)

    def _next_day(self) -> date | None:
        """The next day on which the rules have something to do to anybody."""
        people = list(User.objects.filter(pk__in=self.ids))
        facts = gather_facts(people, self.now)
        days = [next_step(one, self.now, config.get_rules()).from_day for one in facts.values()]
        return min((day for day in days if day and day > paris_date(self.now)), default=None)

    def _on_to(self, day: date) -> None:
        """Shortly before midnight of the eve, when nothing is due yet, then at noon of the day."""
        eve = datetime.combine(day - _DAY, time(23, 30), tzinfo=PARIS)
        for moment in (eve, datetime.combine(day, time(12), tzinfo=PARIS)):
            if moment > self.now:
                self._sweep_at(moment)
        deliver(self.now)

    def _sweep_at(self, moment: datetime) -> None:
        self.now = moment
        sweep(moment)
        self.watch()

    # --- what may happen -----------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 23, 24 * 3, 24 * 15, 24 * 16, 24 * 40, 24 * 300]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(days=st.integers(1, 3))
    def days_that_matter(self, days: int) -> None:
        """From one to the next; weeks at least where there is none."""
        for _ in range(days):
            self._on_to(self._next_day() or paris_date(self.now) + 60 * _DAY)

    @rule()
    def a_run(self) -> None:
        """What the plan says is exactly what the run does."""
        known = brakes.find_brakes(self.now, self.now, any_hour=True)
        lines = planning.iterate_plan(self.now, known=known)
        planned = {(line.user.public_id, line.step) for line in lines if line.due}
        before = LedgerEntry.objects.count()
        done = sweep(self.now)
        acted = _acted(LedgerEntry.objects.order_by("id")[before:], self.people)
        assert acted == planned
        assert done is None or (not done.failures and "disagreed" not in done.counts)

    @rule()
    def a_second_run_at_once_changes_nothing(self) -> None:
        sweep(self.now)
        lines, mails = LedgerEntry.objects.count(), Mail.objects.count()
        sweep(self.now)
        assert (LedgerEntry.objects.count(), Mail.objects.count()) == (lines, mails)

    @rule()
    def mails_leave(self) -> None:
        deliver(self.now)

    @rule(mode=st.sampled_from(["up", "down", "refusing"]))
    def the_mail_server(self, mode: str) -> None:
        Server.mode = mode

    @rule(days=st.integers(1, examples(3, 10)))
    def daily_life(self, days: int) -> None:
        """An undisturbed stretch: the sweep and the mails of each day."""
        for _ in range(days):
            self.now += timedelta(days=1)
            sweep(self.now)
            deliver(self.now)
            self.watch()

    @rule(who=st.integers(0, PEOPLE - 1))
    def a_login(self, who: int) -> None:
        person = self.people[who]
        user = User.objects.filter(pk=person.pk).first()
        let_in = log_in(person.pk, self.now)
        if let_in:
            person.active_on = paris_date(self.now)
        if user is None:
            assert not let_in
        elif user.status == Status.ACTIVE:
            assert let_in
        elif user.status == Status.DEACTIVATED_INACTIVE:
            promised = self._promised(person)
            if promised is None or paris_date(self.now) <= promised:
                assert let_in  # « jusqu’au … inclus »
        else:
            assert not let_in

    @rule(
        who=st.integers(0, PEOPLE - 1),
        act=st.sampled_from(["deactivate", "reactivate", "suspend", "lift", "close", "cancel"]),
    )
    def staff(self, who: int, act: str) -> None:
        user = User.objects.filter(pk=self.people[who].pk).first()
        if user is None:
            return
        verbs: dict[str, Any] = {
            "deactivate": lambda: account_departures.deactivate_account(
                user, actor=ACTOR, reason="left", now=self.now
            ),
            "reactivate": lambda: account_departures.reactivate_account(
                user, actor=ACTOR, now=self.now
            ),
            "suspend": lambda: account_departures.suspend_account(
                user, actor=ACTOR, reason="breach", now=self.now
            ),
            "lift": lambda: account_departures.lift_suspension(user, actor=ACTOR, now=self.now),
            "close": lambda: account_departures.close_account(user, actor=ACTOR, now=self.now),
            "cancel": lambda: account_departures.cancel_closure(user, actor=ACTOR, now=self.now),
        }
        try:
            verbs[act]()
        except Refused:
            return
        if act in ("reactivate", "lift", "cancel"):
            self.people[who].active_on = paris_date(self.now)
        self.people[who].moved.clear()  # an act of staff is no step of the portal
        self.people[who].status = User.objects.get(pk=user.pk).status

    @rule(who=st.integers(0, PEOPLE - 1))
    def a_hold_or_its_end(self, who: int) -> None:
        user = User.objects.filter(pk=self.people[who].pk).first()
        if user is None:
            return
        if Hold.objects.active().filter(user=user).exists():
            holds.release_hold(user, actor=ACTOR, now=self.now)
        else:
            holds.place_hold(user, reason="staff", actor=ACTOR, now=self.now)

    @precondition(lambda self: self.now < START + timedelta(days=1500))
    @rule()
    def the_portal_was_out(self) -> None:
        self.now += timedelta(days=6)
        holds.extend_deadlines(6, reason="outage", actor=ACTOR, now=self.now)

    # --- what always holds ------------------------------------------------------------------------

    def _promised(self, person: Person) -> date | None:
        """The latest last day that an accepted mail named for the account's present state."""
        user = User.objects.get(pk=person.pk)
        mails = Mail.objects.filter(
            person=person.public_id,
            status=MailStatus.SENT,
            kind="lifecycle.inactivity_deactivated",
            created_at__gte=user.status_since,
        )
        days = [mail.deadline for mail in mails if mail.deadline]
        return max(days) if days else None

    @invariant()
    def watch(self) -> None:
        today = paris_date(self.now)
        statuses = dict(User.objects.filter(pk__in=self.ids).values_list("pk", "status"))
        sent = list(Mail.objects.filter(status=MailStatus.SENT))
        for person in self.people:
            person.letters |= {mail.pk: mail for mail in sent if mail.person == person.public_id}
            status = statuses.get(person.pk, "deleted")
            if status == person.status:
                continue
            previous, person.status = person.status, status
            if status == Status.DEACTIVATED_INACTIVE:
                self._deactivated_rightly(person, today)
            elif status == "deleted":
                self._deleted_rightly(person, previous, today)
            if status in (Status.DEACTIVATED_INACTIVE, "deleted"):
                for day in person.moved:
                    assert (today - day).days >= 16, "two steps in less than 16 days"
                person.moved.append(today)

    def _deactivated_rightly(self, person: Person, today: date) -> None:
        case = LifecycleCase.objects.open().get(user=person.pk)
        assert today > add_months(person.active_on, 24), "before 24 months"
        notices = Mail.objects.filter(
            kind="lifecycle.inactivity_notice", subject_id=case.pk, status=MailStatus.SENT
        )
        assert notices.count() == 1, "one notice, and it was accepted"
        notice = notices.get()
        assert notice.accepted_at is not None
        assert notice.deadline is not None
        assert (today - paris_date(notice.accepted_at)).days >= 16, "15 full days"
        assert today > notice.deadline

    def _deleted_rightly(self, person: Person, previous: str, today: date) -> None:
        assert previous not in (Status.ACTIVE, Status.SUSPENDED), "deleted while active"
        line = LedgerEntry.objects.get(
            reference=entries.get_reference(person.public_id), line=LedgerLine.DELETED
        )
        announced = LedgerEntry.objects.filter(
            reference=line.reference, line=LedgerLine.DELETION_ANNOUNCED, case_id=line.case_id
        )
        mail = person.letters[announced.get().mail_id]
        assert mail.accepted_at is not None
        assert mail.deadline is not None
        assert (today - paris_date(mail.accepted_at)).days >= 16
        assert today > mail.deadline
        assert line.case_id is not None
        assert not LifecycleCase.objects.filter(pk=line.case_id).exists()
        assert not Mail.objects.filter(person=person.public_id).exclude(to="").exists()

    @invariant()
    def at_most_one_notice_per_anchor(self) -> None:
        seen = set()
        for case in LifecycleCase.objects.filter(cause=CaseCause.INACTIVITY):
            assert (case.user_id, case.anchor) not in seen
            seen.add((case.user_id, case.anchor))
        notices = Mail.objects.filter(kind="lifecycle.inactivity_notice", status=MailStatus.SENT)
        sent = list(notices.values_list("subject_id", flat=True))
        assert len(set(sent)) == len(sent)

    @invariant()
    def every_mail_has_its_line(self) -> None:
        told = LedgerEntry.objects.filter(mail_id=OuterRef("pk"))
        mails = Mail.objects.filter(kind__startswith="lifecycle.").exclude(kind="lifecycle.closed")
        assert not mails.filter(~Exists(told)).exists()

    @invariant()
    def the_deadline_that_login_reads_is_never_before_the_promised_day(self) -> None:
        found = User.objects.filter(
            pk__in=self.ids, status=Status.DEACTIVATED_INACTIVE, revivable_until__isnull=False
        )
        for pk, until in found.values_list("pk", "revivable_until"):
            promised = self._promised(next(person for person in self.people if person.pk == pk))
            assert until is not None and (promised is None or paris_date(until) > promised)


def _acted(lines: Any, people: list[Person]) -> set[tuple[Any, Step]]:
    steps = {
        LedgerLine.NOTICE_QUEUED: Step.NOTICE,
        LedgerLine.DELETED: Step.DELETE,
    }
    by_reference = {entries.get_reference(person.public_id): person.public_id for person in people}
    found = set()
    for line in lines:
        if line.line in steps:
            found.add((by_reference[line.reference], steps[line.line]))
        elif line.line == LedgerLine.DEACTIVATED and line.cause == CaseCause.INACTIVITY:
            found.add((by_reference[line.reference], Step.DEACTIVATE))
    return found


@pytest.mark.req("R97", "R99", "R102", "D20", "D21", "D27", "D51", "L6")
@pytest.mark.django_db
def test_the_promises_hold_whatever_happens(settings: Any) -> None:
    settings.EMAIL_BACKEND = BACKEND
    settings.LIFECYCLE_BREAKER_FLOOR = 100
    Portal.spans.clear()
    run_machine(
        Portal,
        settings=_settings(),
    )
    years = [round(span.days / 365.25, 2) for span in Portal.spans]
    logging.getLogger(__name__).info("simulated years of each sequence: %s", years)
    assert years and min(Portal.spans) >= END - START, f"simulated years: {years}"


def _settings() -> settings:
    return settings(
        max_examples=examples(2, 100),
        stateful_step_count=examples(20, 60),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
