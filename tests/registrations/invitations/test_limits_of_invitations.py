"""What an invitation cannot do: open what is closed, restore what is suspended, prove for long."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.habilitations.accesses.flows import suspend_access
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.legal.models import TermsVersion
from accounts.people.models import User
from accounts.people.to_do import list_to_do
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import refuse_request
from registrations.enrolment.amend_flows import amend_request
from registrations.enrolment.submit_flows import submit_request
from registrations.invitations import flows
from registrations.invitations.acceptance_flows import accept_invitation
from registrations.invitations.evidence import describe_evidence
from registrations.invitations.models import Invitation
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.models import RefusalReason, Request
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import NOW, make_access, make_staff
from tests.factories.invitations import ANSWERS, make_invitation
from tests.factories.people import client_of
from tests.factories.registrations import load_reasons, make_answers, make_siret
from tests.registrations.invitations.conftest import INVITED
from tests.registrations.invitations.test_invited import (
    FILLED,
    let_administrator_decide,
    page_of,
)

pytestmark = pytest.mark.usefixtures("reference")
SYSTEM = Actor.system("tests")


def _close_platform(invitation: Invitation) -> None:
    Platform.objects.filter(pk=invitation.platform_id).update(enabled=False)


def _become_inviter(invitation: Invitation) -> None:
    """Who invited has the invited address now."""
    invitation.invited_by = User.objects.get(email_key=INVITED)
    invitation.save()


@pytest.mark.req("D66", "D69")
@pytest.mark.parametrize("change", [_close_platform, _become_inviter])
def test_what_stands_in_the_way_is_said_and_nothing_is_sent(
    invitation: Invitation, change: Callable[[Invitation], None]
) -> None:
    person = make_newcomer(email=INVITED)
    (line,) = list_to_do(person, NOW)
    assert "Par Ada Invitante, Administrateur." in line.text
    change(invitation)
    assert list_to_do(person, NOW) == []
    with pytest.raises(Refused) as refused:
        accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
    browser = client_of(person)
    for page in (browser.get(page_of(invitation)), browser.post(page_of(invitation), FILLED)):
        assert refused.value.message in page.text and "Envoyer ma demande" not in page.text
    assert not Request.objects.exists()


@pytest.mark.req("R110", "D45", "D69")
def test_an_administrator_does_not_give_back_what_an_agent_suspended(
    invitation: Invitation, garage: Establishment
) -> None:
    let_administrator_decide()
    person = make_newcomer(email=INVITED)
    access = make_access(user=person, establishment=garage)
    suspend_access(access.pk, reason="Justificatif absent", actor=SYSTEM, now=NOW)
    outcome = accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
    assert outcome.request is not None and not outcome.opened
    assert outcome.request.status == RequestStatus.SUBMITTED
    assert not Access.objects.open().filter(user=person).exists()
    access.refresh_from_db()
    assert access.suspended_at == NOW


@pytest.mark.req("D69", "R78")
def test_the_role_that_it_would_replace_is_named_before(
    invitation: Invitation, garage: Establishment
) -> None:
    person = make_newcomer(email=INVITED)
    make_access(user=person, establishment=garage, administrator=True)
    page = client_of(person).get(page_of(invitation)).text
    assert "vous êtes aujourd’hui «\u00a0Administrateur\u00a0»" in page


@pytest.mark.req("D66", "D69")
def test_a_rule_that_staff_took_away_makes_it_a_case_for_the_desk(invitation: Invitation) -> None:
    request = accept_invitation(
        make_newcomer(email=INVITED), invitation.pk, answers=ANSWERS, now=NOW
    ).request
    assert request is not None
    evidence = describe_evidence(request)
    assert evidence is not None and evidence.faults == ()
    AdmissionRule.objects.filter(profile=invitation.profile).delete()
    evidence = describe_evidence(request)
    assert evidence is not None and "ne prévoit plus ce rôle" in evidence.faults[0]


@pytest.mark.req("D69")
def test_a_second_invitation_of_one_request_leaves_the_first_leading_there(
    invitation: Invitation, inviter: User, garage: Establishment
) -> None:
    person = make_newcomer(email=INVITED)
    accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
    second = make_invitation(inviter, garage, email=INVITED)
    accept_invitation(person, second.pk, answers=None, now=NOW)
    page = client_of(person).get(page_of(invitation))
    assert page["Location"] == f"/demandes/{Request.objects.get().reference}/"


@pytest.mark.req("D69")
def test_sending_again_is_limited_too_and_gives_the_role_of_today(
    invitation: Invitation, inviter: User, garage: Establishment, settings: Any
) -> None:
    settings.INVITATIONS_PER_ADMINISTRATOR = (3, timedelta(days=1))
    later = NOW + timedelta(minutes=10)
    other = make_invitation(inviter, garage)
    AdmissionRule.objects.filter(profile=invitation.profile).update(role=Role.ADHERENT)
    key = garage.key
    again = partial(flows.resend_invitation, inviter, key)
    assert again(invitation.pk, now=later).role == Role.ADHERENT
    again(other.pk, now=later)
    again(invitation.pk, now=later + timedelta(minutes=5))
    mails = Mail.objects.count()
    with pytest.raises(Refused, match="renvoyé 3"):
        again(other.pk, now=later + timedelta(minutes=5))
    assert Mail.objects.count() == mails


@pytest.fixture
def consultant(firm: Establishment) -> Request:
    """The request of a person whom the firm invited: nobody asks for that by themselves."""
    firm.siret = make_siret()
    firm.save()
    head = Access.objects.get(establishment=firm).user
    made = make_invitation(head, firm, email=INVITED, platform="m-gepp-solution", profile="RH-CONS")
    request = accept_invitation(
        make_newcomer(email=INVITED), made.pk, answers=ANSWERS, now=NOW
    ).request
    assert request is not None
    return request


@pytest.mark.req("R61", "D66", "D69")
def test_a_correction_keeps_to_the_establishment_of_the_invitation(consultant: Request) -> None:
    said = make_answers(
        platform="m-gepp-solution", kind="cabinet_rh", profile="RH-CONS", siret=consultant.siret
    )
    AdmissionRule.objects.filter(profile__code="RH-CONS").update(role=Role.GESTIONNAIRE)
    amended = amend_request(consultant.pk, consultant.user, said, NOW)
    assert amended.asked_role == Role.CONSULTANT, "the rule of the day when it was asked for"
    elsewhere = make_answers(
        platform="m-gepp-solution", kind="cabinet_rh", profile="RH-CONS", siret=make_siret()
    )
    with pytest.raises(Refused) as refused:
        amend_request(consultant.pk, consultant.user, elsewhere, NOW)
    assert refused.value.code == "not_requestable"


def refuse(request: Request) -> Request:
    load_reasons()
    return refuse_request(
        request.pk,
        version=request.version,
        reason=RefusalReason.objects.get(code="siret-identite"),
        text="Le nom ne correspond pas à celui du contrat.",
        actor_user=make_staff("national"),
        now=NOW,
    )


@pytest.mark.req("R61", "D69", "D29")
def test_a_refused_request_is_sent_again_with_its_invitation(
    consultant: Request, terms: TermsVersion, now: Any
) -> None:
    Request.objects.update(submitted_at=NOW - timedelta(hours=1))
    refuse(consultant)
    browser = client_of(consultant.user)
    page = browser.get(f"/demandes/{consultant.reference}/").text
    assert "L’invitation de votre établissement y reste jointe" in page
    address = f"/demandes/m-gepp-solution/nouvelle/?suite={consultant.reference}"
    form = browser.get(address)
    assert form.status_code == 200 and "reste jointe" in form.text
    said = {
        **FILLED,
        "company_name": consultant.company_name,
        "siret": consultant.siret,
        "kind": "cabinet_rh",
        "department": consultant.department_id,
        "terms": terms.slug,
        "form_token": str(uuid.uuid4()),
    }
    sent = browser.post(address, said)
    again = Request.objects.get(resubmission_of=consultant)
    assert sent["Location"] == f"/demandes/{again.reference}/"
    assert (again.invitation, again.origin) == (consultant.invitation, RequestOrigin.INVITATION)
    assert again.asked_role == Role.CONSULTANT
    assert again.events.filter(act=RequestAct.INVITED).count() == 1
    assert consultant.invitation is not None
    lead = browser.get(page_of(consultant.invitation))
    assert lead["Location"] == f"/demandes/{again.reference}/", "the latest"


@pytest.mark.req("R61", "D69")
def test_an_invitation_that_stands_no_more_proves_nothing_again(consultant: Request) -> None:
    refuse(consultant)
    consultant.refresh_from_db()

    def send_again(siret: str = consultant.siret, now: datetime = NOW) -> None:
        answers = make_answers(
            platform="m-gepp-solution", kind="cabinet_rh", profile="RH-CONS", siret=siret
        )
        with pytest.raises(Refused) as refused:
            submit_request(
                user=consultant.user,
                answers=answers,
                form_token=uuid.uuid4(),
                resubmission_of=Request.objects.get(pk=consultant.pk),
                now=now,
            )
        assert refused.value.code == "not_requestable"

    send_again(now=NOW + timedelta(days=15))  # after its last day
    send_again(siret=make_siret())  # of another establishment
    Access.objects.filter(establishment__siret=consultant.siret).update(ended_at=NOW)
    send_again()  # who invited is there no more
    browser = client_of(consultant.user)
    page = browser.get(f"/demandes/{consultant.reference}/").text
    assert "de vous inviter de nouveau" in page and "Corriger et renvoyer" not in page
