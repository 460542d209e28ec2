"""Two acts on invitations at the same moment on two connections of PostgreSQL: one outcome."""

import uuid
from typing import Any

import pytest

from accounts.habilitations.accesses.flows import end_access, suspend_access
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Role
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from registrations.enrolment.submit_flows import submit_request
from registrations.invitations import flows
from registrations.invitations.acceptance_flows import AcceptedInvitation, accept_invitation
from registrations.invitations.account_flows import choose_password
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import (
    NOW,
    grant,
    load_reference,
    make_access,
    make_establishment,
    make_user,
)
from tests.factories.invitations import ANSWERS, make_invitation
from tests.factories.registrations import make_answers
from tests.registrations.invitations.conftest import INVITED
from tests.registrations.invitations.test_invited import let_administrator_decide
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workshop(transactional_db: None) -> Establishment:
    load_reference()
    return make_establishment(name="Atelier fictif")


def chief_of(place: Establishment) -> User:
    chief = make_user()
    make_access(user=chief, establishment=place, administrator=True)
    return chief


@pytest.mark.req("D69", "S23")
def test_two_administrators_invite_one_address_at_once(workshop: Establishment) -> None:
    chiefs = [chief_of(workshop), chief_of(workshop)]
    made = run_together(
        *(lambda c=chief: make_invitation(c, workshop, email=INVITED) for chief in chiefs * 2)
    )
    assert sum(isinstance(item, Invitation) for item in made) == 1
    assert {item.code for item in made if isinstance(item, Refused)} == {"already_invited"}
    assert Invitation.objects.count() == Mail.objects.count() == 1


@pytest.mark.req("D69", "S23")
@pytest.mark.parametrize("decides", [False, True])
def test_tabs_that_confirm_and_an_own_request_make_one_request(
    workshop: Establishment, decides: bool
) -> None:
    if decides:
        let_administrator_decide()
    invitation = make_invitation(chief_of(workshop), workshop, email=INVITED)
    person = make_newcomer(email=INVITED)
    answers = make_answers(siret=workshop.siret)

    def confirm() -> Any:
        return accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)

    def ask() -> Any:
        return submit_request(user=person, answers=answers, form_token=uuid.uuid4(), now=NOW)

    outcomes = run_together(confirm, ask, confirm, confirm)
    request = Request.objects.get()
    assert request.invitation_id == invitation.pk
    assert all(item.request == request for item in outcomes if isinstance(item, AcceptedInvitation))
    assert Access.objects.filter(user=person).count() == decides
    assert (request.status == RequestStatus.APPROVED) == decides


@pytest.mark.req("D69", "S23")
def test_withdrawn_while_it_is_confirmed(workshop: Establishment) -> None:
    chief = chief_of(workshop)
    invitation = make_invitation(chief, workshop, email=INVITED)
    person = make_newcomer(email=INVITED)
    key = workshop.key
    outcomes = run_together(
        lambda: accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW),
        lambda: flows.revoke_invitation(chief, key, invitation.pk, now=NOW),
    )
    assert sum(isinstance(item, Refused) for item in outcomes) == 1
    invitation.refresh_from_db()
    accepted = invitation.status == InvitationStatus.ACCEPTED
    assert Request.objects.count() == accepted
    assert accepted or invitation.status == InvitationStatus.REVOKED


@pytest.mark.req("D69", "R46", "S23")
def test_the_inviter_leaves_while_the_colleague_confirms(workshop: Establishment) -> None:
    """Either the signature was living and the access is open, or the desk decides."""
    let_administrator_decide()
    chief = chief_of(workshop)
    invitation = make_invitation(chief, workshop, email=INVITED)
    person = make_newcomer(email=INVITED)
    held = Access.objects.get(user=chief)
    run_together(
        lambda: accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW),
        lambda: end_access(held.pk, actor=Actor.system("test"), reason="left", now=NOW),
    )
    request = Request.objects.get()
    opened = Access.objects.filter(user=person).exists()
    assert (request.status == RequestStatus.APPROVED) == opened


@pytest.mark.req("R110", "D69", "S23")
def test_suspended_while_the_administrators_signature_decides(workshop: Establishment) -> None:
    """Whichever comes first, an agent's suspension stands."""
    let_administrator_decide()
    invitation = make_invitation(chief_of(workshop), workshop, email=INVITED)
    person = make_newcomer(email=INVITED)
    held = make_access(user=person, establishment=workshop, role=Role.ADHERENT)
    run_together(
        lambda: accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW),
        lambda: suspend_access(held.pk, reason="Absent", actor=Actor.system("test"), now=NOW),
    )
    assert not Access.objects.open().filter(user=person).exists()
    assert Access.objects.suspended().filter(user=person).count() == 1


@pytest.mark.req("D69", "S23")
def test_confirmed_while_staff_grant_the_same_access(workshop: Establishment) -> None:
    let_administrator_decide()
    invitation = make_invitation(chief_of(workshop), workshop, email=INVITED)
    person = make_newcomer(email=INVITED)
    run_together(
        lambda: accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW),
        lambda: grant(person, workshop),
    )
    assert Access.objects.open().filter(user=person).count() == 1
    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.ACCEPTED


@pytest.mark.req("D69", "S25")
def test_a_link_posted_twice_makes_one_account(workshop: Establishment) -> None:
    terms = load_shipped_terms(NOW)
    invitation = make_invitation(chief_of(workshop), workshop, email=INVITED)

    def choose() -> str:
        return choose_password(invitation, password_hash="!x", terms=terms, now=NOW)

    outcomes = run_together(choose, choose, choose)
    assert outcomes.count("opened") == 1
    assert User.objects.filter(email_key=INVITED, status=Status.ACTIVE).count() == 1
