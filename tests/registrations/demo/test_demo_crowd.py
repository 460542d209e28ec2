"""The demonstration's crowd: enough of everything, plainly invented, quickly made."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import TestCase

from accounts.entry.demo import make_account
from accounts.habilitations import demo as agents
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import ChangeKind
from accounts.habilitations.platforms.models import Platform
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import BlockedPerson, User
from mgestion.outbox.flows import queue_mail
from mgestion.outbox.models import Mail, MailStatus
from registrations.demo import crowd as demo_crowd
from registrations.desk.reminders import clock_flows
from registrations.directory.siret import parse_siret
from registrations.documents.files import get_stored_path
from registrations.documents.inspection import inspect_file
from registrations.requests import suspension_flows
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import DueState, RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review_hints import ReviewHint, split_hint_codes
from registrations.requests.review_rules import compute_due_state
from tests.factories.accounts import NOW
from tests.factories.habilitations import load_reference
from tests.factories.registrations import load_reasons


class TestCrowd(TestCase):
    """Made once for all of them: Django's test case takes each one's changes back."""

    @classmethod
    def setUpTestData(cls) -> None:
        load_reference()
        load_shipped_terms(NOW)
        load_reasons()
        agents.load_staff(NOW)
        demo_crowd.load_crowd(NOW)

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

    def test_the_feed_of_each_platform_names_every_access_of_the_crowd(self) -> None:
        """« None left out », for who tries the API on the demonstration."""
        told = AccessChange.objects.order_by("platform", "number")
        granted = told.filter(kind=ChangeKind.GRANTED).values_list("access_public_id", flat=True)
        ended = told.filter(kind=ChangeKind.ENDED).values_list("access_public_id", flat=True)
        rows = Access.objects.values_list("public_id", "ended_at")
        assert len(rows) > 100
        assert Counter(granted) == Counter(public_id for public_id, _ in rows)
        assert Counter(ended) == Counter(public_id for public_id, at in rows if at)
        for platform in Platform.objects.filter(change_number__gt=0):
            lines = told.filter(platform=platform)
            numbers = list(lines.values_list("number", flat=True))
            assert numbers == list(range(1, platform.change_number + 1))
            moments = list(lines.values_list("at", flat=True))
            assert moments == sorted(moments)

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

    def test_a_suspended_access_of_the_crowd_is_told_as_the_verb_tells_it(self) -> None:
        lines = RequestEvent.objects.filter(act=RequestAct.ACCESS_SUSPENDED)
        assert len(lines) >= 2
        for line in lines:
            access = Access.objects.get(user=line.request.user, suspended_at=line.at)
            assert line.text == f"{access.platform.name}\u00a0: {access.suspension_reason}"
            assert Mail.objects.filter(
                kind=suspension_flows.ACCESS_SUSPENDED_MAIL,
                subject_id=line.request_id,
                status=MailStatus.SENT,
            ).exists()

    @pytest.mark.req("R43", "R45")
    def test_the_crowds_letters_are_settled_and_say_what_the_portal_would_have_said(self) -> None:
        assert not Mail.objects.exclude(status__in=(MailStatus.SENT, MailStatus.DROPPED)).exists()
        mails = {(mail.kind, mail.subject_id): mail for mail in Mail.objects.all()}
        forgotten = NOW - settings.RETENTION["mail_bodies"]
        letters = {
            RequestStatus.APPROVED: "registrations.approved",
            RequestStatus.REFUSED: "registrations.refused",
        }
        for row in Request.objects.select_related("user"):
            told = [mails["registrations.acknowledgment", row.pk]]
            assert told[0].created_at == row.submitted_at
            if row.status in letters:
                assert row.decided_at is not None
                told.append(mails[letters[RequestStatus(row.status)], row.pk])
                assert told[1].created_at == row.decided_at
            for mail in told:
                assert mail.person == row.user.public_id
                if mail.status == MailStatus.DROPPED:
                    assert row.status == RequestStatus.CANCELLED
                    continue
                assert mail.accepted_at is not None
                assert mail.created_at < mail.accepted_at <= NOW
                if mail.created_at < forgotten:
                    assert (mail.to, mail.subject, mail.text, mail.html) == ("", "", "", "")
                else:
                    assert mail.to == row.user.email
                    assert row.reference in mail.text and row.reference in mail.html
        awaited = Asking.objects.open().filter(asked_at__gte=forgotten)
        assert awaited
        for asking in awaited:
            mail = mails["registrations.document_asked", asking.request_id]
            assert mail.data == {"asking": asking.pk}
            assert asking.message in mail.text

    def test_the_crowds_letters_stay_behind_those_of_the_visitor(self) -> None:
        user = make_account("nora@garage.example.org", "x", now=NOW)
        with transaction.atomic():
            mine = queue_mail(
                "accounts.closing", subject=user.public_id, person=user.public_id, now=NOW
            )
        page = self.client.get("/courriels/").content.decode()
        newest = Mail.objects.exclude(pk=mine.pk).latest("created_at")
        assert page.index(str(mine.pk)) < page.index(str(newest.pk))
        old = (
            Mail.objects.filter(kind="registrations.refused").exclude(to="").earliest("created_at")
        )
        assert str(old.pk) not in page
        assert str(old.pk) in self.client.get("/courriels/", {"q": old.to}).content.decode()

    def test_the_documents_of_the_crowd_are_real_small_files_that_the_portal_itself_would_take(
        self,
    ) -> None:
        uploads = list(Upload.objects.all())
        assert len(uploads) >= 15
        assert {upload.kind for upload in uploads} == {"pdf", "png"}
        for upload in uploads:
            found = inspect_file(get_stored_path(upload.stored))
            assert (found.kind, found.pages, found.active) == (upload.kind, 1, False)
            assert get_stored_path(upload.stored).stat().st_size == upload.size < 5000
