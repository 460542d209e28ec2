"""The demonstration, the reference reasons and the gauges."""

from datetime import timedelta

import pytest
from django.test import TestCase

from accounts.habilitations import demo as agents
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import User
from registrations import metrics
from registrations.demo import invitations as demo_invitations
from registrations.demo import requests as demo_requests
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.reference import shipped_texts
from registrations.requests.enums import DueState, RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, Request
from registrations.requests.review.review_rules import compute_due_state
from tests.factories.accounts import NOW
from tests.factories.habilitations import load_reference
from tests.factories.registrations import load_reasons, make_request


class TestDemo(TestCase):
    """Loaded once for all of them: Django's test case takes each one's changes back."""

    @classmethod
    def setUpTestData(cls) -> None:
        load_reference()
        load_shipped_terms(NOW)
        load_reasons()
        agents.load_staff(NOW)
        demo_requests.load_demo_requests(NOW)
        demo_invitations.load_demo_invitations(NOW)

    def test_the_demo_has_a_request_in_every_state(self) -> None:
        rows = list(Request.objects.all())
        assert {row.status for row in rows} >= {
            RequestStatus.SUBMITTED,
            RequestStatus.APPROVED,
            RequestStatus.REFUSED,
            RequestStatus.CANCELLED,
        }
        states = {compute_due_state(row, NOW) for row in rows}
        assert {DueState.ON_TIME, DueState.AMBER, DueState.OVERDUE, None} <= states
        assert any(row.delegation is None for row in rows)
        assert {row.dashboard for row in rows if row.status == RequestStatus.APPROVED} == {
            "automobile",
            "transport",
            "urbain",
            "of",
            "",  # the other platforms have none
        }
        firms = [row for row in rows if row.kind == "cabinet_comptable"]
        assert {row.platform.code for row in firms} == {"m-contributions"}
        assert len({row.status for row in firms}) >= 3

    def test_every_person_of_the_demo_is_invented_and_logs_in(self) -> None:
        for account in demo_requests.ACCOUNTS:
            assert account.email.endswith(".example.org")
            user = User.objects.with_address(account.email)
            assert user is not None
            assert user.check_password(account.password)

    @pytest.mark.req("R110", "D45")
    def test_a_person_of_the_demo_has_an_access_that_was_suspended_with_its_reason(self) -> None:
        address = next(p.mailbox for p in demo_requests.PEOPLE if p.role == "Accès suspendu")
        access = Access.objects.get(user__email=address)
        assert access.suspended_at is not None
        assert NOW - timedelta(days=30) < access.granted_at < access.suspended_at < NOW
        assert access.suspension_reason
        request = Request.objects.get(user__email=address)
        assert request.status == RequestStatus.APPROVED
        line = request.events.get(act=RequestAct.ACCESS_SUSPENDED)
        assert line.text == f"M-Gestion Entreprise\u00a0: {access.suspension_reason}"

    @pytest.mark.req("D69", "R61")
    def test_the_demo_has_invitations_in_every_state_and_an_hr_firm(self) -> None:
        assert {row.get_state(NOW) for row in Invitation.objects.all()} == set(InvitationStatus)
        held = Access.objects.open().filter(establishment__kind="cabinet_rh")
        assert set(held.values_list("role", flat=True)) == {
            Role.ADMINISTRATEUR_CABINET_RH,
            Role.CONSULTANT,
        }
        assert Request.objects.open().filter(invitation__isnull=False).count() == 2

    def test_the_demo_loads_once(self) -> None:
        made = Request.objects.count(), Invitation.objects.count()
        demo_requests.load_demo_requests(NOW + timedelta(days=1))
        demo_invitations.load_demo_invitations(NOW + timedelta(days=1))
        assert (Request.objects.count(), Invitation.objects.count()) == made


@pytest.mark.django_db
@pytest.mark.req("D11")
def test_the_reasons_start_with_a_dozen_proposals_and_keep_what_staff_wrote() -> None:
    shipped_texts.load_shipped_texts(NOW)
    assert RefusalReason.objects.count() >= 12
    assert RefusalReason.objects.filter(may_resubmit=False, code="cabinet-comptable").exists()
    RefusalReason.objects.filter(code="autre").update(label="Notre mot")
    shipped_texts.load_shipped_texts(NOW)
    assert RefusalReason.objects.get(code="autre").label == "Notre mot"
    shipped_texts.load_shipped_texts(NOW, True)
    assert RefusalReason.objects.get(code="autre").label == "Autre motif"


@pytest.mark.usefixtures("reference")
@pytest.mark.req("R44", "D10")
def test_gauges_count_what_is_open_amber_overdue_and_unrouted() -> None:
    for hours in (1, 30, 60):
        make_request(now=NOW - timedelta(hours=hours))
    Request.objects.filter(due_at__lt=NOW).update(delegation=None)
    assert metrics.measure_request_gauges(NOW) == {
        "portal_requests_open": 3.0,
        "portal_requests_amber": 1.0,
        "portal_requests_overdue": 1.0,
        "portal_requests_unrouted": 1.0,
        "portal_requests_oldest_seconds": 12 * 3600.0,
    }


@pytest.mark.usefixtures("reference")
@pytest.mark.req("R44", "D10")
def test_a_request_turns_amber_at_24_hours_and_overdue_at_48() -> None:
    request = make_request()
    for hours, state in (
        (0, DueState.ON_TIME),
        (23.99, DueState.ON_TIME),
        (24, DueState.AMBER),
        (47.99, DueState.AMBER),
        (48, DueState.OVERDUE),
    ):
        assert compute_due_state(request, NOW + timedelta(hours=hours)) == state, hours


@pytest.mark.req("D10")
def test_a_paused_request_is_not_late() -> None:
    request = Request(due_at=NOW + timedelta(hours=48), paused_at=NOW + timedelta(hours=1))
    assert compute_due_state(request, NOW + timedelta(days=30)) == DueState.PAUSED
