"""The demonstration's crowd: enough of everything, plainly invented, quickly made."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta
from unittest.mock import patch

from django.test import TestCase

from accounts.habilitations import demo as agents
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.reference.models import Delegation
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import BlockedPerson, User
from mgestion.text.siret import parse_siret
from registrations.demo import crowd as demo_crowd
from registrations.demo import mails as demo_mails
from registrations.demo.evidence import load_demo_evidence
from registrations.demo.mails import DemoMail
from registrations.desk.home.forecast import suggest_moves
from registrations.desk.home.forecast_page import read_backlogs
from registrations.desk.opinions.models import Opinion, OpinionVerdict
from registrations.desk.reminders import clock_flows
from registrations.evidence.hint_figures import FavourHint, describe_hint_figures
from registrations.promise.models import ResponseTime
from registrations.promise.response_times import LEAST, measure_response_times
from registrations.requests.document_models import Asking
from registrations.requests.enums import DueState, RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_hints import ReviewHint, split_hint_codes
from registrations.requests.review.review_rules import compute_due_state
from tests.factories.accounts import NOW
from tests.factories.habilitations import load_reference
from tests.factories.registrations import load_reasons


def _one_of_each(mails: Iterable[DemoMail]) -> Collection[DemoMail]:
    return {mail.kind: mail for mail in mails}.values()


class TestCrowd(TestCase):
    """Made once for all of them: Django's test case takes each one's changes back."""

    @classmethod
    def setUpTestData(cls) -> None:
        load_reference()
        load_shipped_terms(NOW)
        load_reasons()
        agents.load_staff(NOW)
        write = demo_mails.write_demo_mails
        with patch.object(  # one of each kind: their texts take most of the time
            demo_mails, "write_demo_mails", lambda mails, now: write(_one_of_each(mails), now)
        ):
            demo_crowd.load_crowd(NOW)
        measure_response_times(NOW)
        load_demo_evidence(NOW)

    def test_the_crowd_fills_the_desk_and_loads_once(self) -> None:
        rows = list(Request.objects.select_related("user", "delegation"))
        assert 280 <= len(rows) <= 330
        statuses = Counter(row.status for row in rows)
        assert all(statuses[status] >= 5 for status in RequestStatus)
        states = Counter(compute_due_state(row, NOW) for row in rows if row.is_open)
        assert all(states[state] >= 5 for state in DueState)
        assert len({row.delegation_id for row in rows}) >= 10
        assert any(row.delegation_id is None and row.is_open for row in rows)
        assert any(row.resubmission_of_id for row in rows)
        assert {row.kind for row in rows} == {"entreprise", "cfa", "of"}
        assert set().union(*(split_hint_codes(row.signals) for row in rows)) >= {
            ReviewHint.ACCOUNTING, ReviewHint.NAME, ReviewHint.ACTIVITY, ReviewHint.CLOSED,
            ReviewHint.ELSEWHERE,
        }  # fmt: skip
        assert BlockedPerson.objects.count() == 1
        assert Asking.objects.open().filter(deadline_at__lte=NOW).count() >= 3
        demo_crowd.load_crowd(NOW + timedelta(days=1))
        assert Request.objects.count() == len(rows)

    def test_the_crowd_shows_what_needs_many_requests(self) -> None:
        told = ResponseTime.objects.filter(decided__gte=LEAST, delegation__isnull=False)
        assert told.count() >= 3
        assert set(describe_hint_figures()) >= {ReviewHint.NAME, FavourHint.CONTACT}
        backlogs, _ = read_backlogs(Delegation.objects.all(), NOW)
        assert suggest_moves(backlogs, NOW).saved > 0
        given = Opinion.objects.values_list("verdict", flat=True)
        assert sorted(given) == ["", OpinionVerdict.FAVOURABLE]
        load_demo_evidence(NOW)
        assert Opinion.objects.count() == 2

    def test_nothing_in_the_crowd_is_anybodys(self) -> None:
        for row in Request.objects.select_related("user"):
            assert row.user.email.endswith(".example.org")
            assert row.company_name.endswith(" (fictif)")
            assert row.phone.startswith("+3319900")
            assert parse_siret(row.siret).startswith("9998")
        assert User.objects.filter(email__endswith="example.org").count() == User.objects.count()

    def test_the_crowds_rows_are_as_the_verbs_leave_them(self) -> None:
        for row in Request.objects.all():
            assert (row.decided_at is not None) == (
                row.status in (RequestStatus.APPROVED, RequestStatus.REFUSED)
            )
            assert (row.paused_at is not None) == (row.status == RequestStatus.AWAITING_DOCUMENT)
            times = list(row.events.order_by("at", "pk").values_list("act", "at"))
            assert times[0] == (RequestAct.SUBMITTED, row.submitted_at)
            assert all(at <= NOW for _, at in times)
            if row.status in (RequestStatus.APPROVED, RequestStatus.REFUSED):
                assert (row.status, row.decided_at) in times
                assert row.decided_at is not None
                assert row.decided_at > row.submitted_at
        events = RequestEvent.objects.filter(act=RequestAct.APPROVED).count()
        assert Access.objects.count() == events
        assert Access.objects.filter(granted_by__isnull=True).count() == 0

    def test_the_crowd_starts_no_storm_of_mails(self) -> None:
        assert clock_flows.remind_and_escalate(NOW) == {"reminded": 0, "escalated": 0}
