"""The promises of the state machine with letters, a platform that falls silent, requests under
review and erasures by two agents thrown in (D71, D72).
"""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.desk import dead_mailbox_flows, proposal_flows
from lifecycle.enums import CaseCause, LedgerLine
from lifecycle.models import LedgerEntry, LifecycleCase
from lifecycle.rules.config import get_rules
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.text.dates import add_months, paris_date
from tests.factories.habilitations import make_token
from tests.lifecycle.engine.test_machine import START, Person, Portal, _settings
from tests.lifecycle.world import BACKEND, at

FIRST, SECOND = (Actor("staff", str(uuid.uuid4())) for _ in range(2))
HEARD, SILENT = at("2040-01-01"), at("2020-01-01")


class LettersAndSilence(Portal):
    """`erased`: whom two agents erased."""

    def __init__(self) -> None:
        super().__init__()
        self.erased: set[int] = set()
        self.platform = Platform.objects.get(code="m-contributions")
        Platform.objects.filter(pk=self.platform.pk).update(api_enabled=True)
        self.platform.refresh_from_db()
        make_token(self.platform, Scope.ACTIVITY, now=START, days=300)
        self.heard(silent=False)

    @rule(silent=st.booleans())
    def heard(self, silent: bool) -> None:
        """Whether the platform tells the activity of its people."""
        self.silent = silent
        Platform.objects.filter(pk=self.platform.pk).update(
            activity_pushed_at=SILENT if silent else HEARD
        )

    @rule(who=st.integers(0, 2), days_ago=st.integers(0, 4))
    def a_letter(self, who: int, days_ago: int) -> None:
        user = User.objects.filter(pk=self.people[who].pk).first()
        if user is None:
            return
        posted = paris_date(self.now) - timedelta(days=days_ago)
        try:
            last = dead_mailbox_flows.record_letter(
                user, posted_on=posted, actor=FIRST, now=self.now
            )
        except Refused:
            return
        assert (last - posted).days == get_rules().letter_days + 15

    @rule(who=st.integers(0, 2))
    def a_mail_comes_back(self, who: int) -> None:
        user = User.objects.filter(pk=self.people[who].pk).first()
        if user is None:
            return
        try:
            dead_mailbox_flows.note_returned_mail(user, actor=FIRST, now=self.now)
        except Refused:
            return
        user.refresh_from_db()
        assert user.revivable_until is None

    @rule(who=st.integers(0, 2))
    def an_erasure_after_a_letter(self, who: int) -> None:
        person = self.people[who]
        user = User.objects.filter(pk=person.pk).first()
        if user is None:
            return
        case = LifecycleCase.objects.filter(user=user, closed_at=None).first()
        try:
            proposal = proposal_flows.propose_erasure(user, "letter", actor=FIRST, now=self.now)
        except Refused:
            return
        assert case is not None and case.deletion_letter_on and case.deletion_last_day
        assert paris_date(self.now) > case.deletion_last_day
        assert paris_date(self.now) >= case.deletion_letter_on + timedelta(days=21)
        assert not (self.silent and case.cause == CaseCause.INACTIVITY)
        self.erased.add(person.pk)
        proposal_flows.confirm_proposal(proposal.pk, actor=SECOND, now=self.now)

    @invariant()
    def no_run_deletes_whom_a_letter_announced(self) -> None:
        for line in LedgerEntry.objects.filter(line=LedgerLine.DELETED).exclude(reason="letter"):
            last = (
                LedgerEntry.objects.filter(reference=line.reference, id__lt=line.pk)
                .filter(line__in=(LedgerLine.LETTER_POSTED, LedgerLine.DELETION_ANNOUNCED))
                .order_by("-id")
                .first()
            )
            assert last is not None and last.line == LedgerLine.DELETION_ANNOUNCED

    # --- what the other machine promises, where a letter may stand for a mail ---------------------

    def _promised(self, person: Person) -> date | None:
        case = LifecycleCase.objects.filter(user=person.pk, closed_at=None).first()
        if case is not None and case.deletion_letter_on is not None:
            return case.deletion_last_day
        return super()._promised(person)

    def _deactivated_rightly(self, person: Person, today: date) -> None:
        assert not self.silent, "deactivated on missing facts"
        case = LifecycleCase.objects.open().get(user=person.pk)
        if case.notice_letter_on is None:
            super()._deactivated_rightly(person, today)
            return
        assert today > add_months(person.active_on, 24)
        assert (today - case.notice_letter_on).days >= get_rules().letter_days + 16

    def _deleted_rightly(self, person: Person, previous: str, today: date) -> None:
        if person.pk in self.erased:
            return
        assert not (self.silent and previous == Status.DEACTIVATED_INACTIVE)
        super()._deleted_rightly(person, previous, today)

    def at_most_one_notice_per_anchor(self) -> None:
        """A mail that came back is sent anew: one at most reached the person."""
        seen = set()
        for case in LifecycleCase.objects.filter(cause=CaseCause.INACTIVITY):
            assert (case.user_id, case.anchor) not in seen
            seen.add((case.user_id, case.anchor))


@pytest.mark.req("D71", "D72", "D20", "D21", "D51")
@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
def test_the_promises_hold_with_letters_and_silent_platforms(settings: Any) -> None:
    settings.EMAIL_BACKEND = BACKEND
    settings.LIFECYCLE_BREAKER_FLOOR = 100
    run_machine(LettersAndSilence, settings=_settings())
