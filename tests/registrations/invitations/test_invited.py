"""The invited person's side: from the mailed link to the request, the access, or a clear no."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.habilitations.accesses.flows import end_access
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.invitations import acceptance_flows, flows
from registrations.invitations.acceptance_flows import accept_invitation
from registrations.invitations.emails import OPENED_BY_ADMINISTRATOR_MAIL
from registrations.invitations.invitation_links import sign_invitation_key
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.requests.enums import RequestAct, RequestOrigin, RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import NOW, make_access
from tests.factories.invitations import ANSWERS, make_invitation
from tests.factories.people import PASSWORD, client_of, letters, log_in, path_in
from tests.factories.registrations import make_request
from tests.registrations.invitations.conftest import INVITED
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.usefixtures("reference")
FILLED = {
    "last_name": "Invitée",
    "first_name": "Iris",
    "phone": "01 99 00 12 34",
    "accept_terms": "on",
    "declaration": "on",
}


def chosen(terms: TermsVersion, **more: str) -> dict[str, str]:
    return {
        "password1": PASSWORD,
        "password2": PASSWORD,
        "terms": "on",
        "terms_version": str(terms.pk),
        **more,
    }


def page_of(invitation: Invitation) -> str:
    return f"/m-gestion/invitation/{invitation.pk}/"


@pytest.mark.req("D69", "S24", "S25", "R63")
def test_from_the_mail_to_the_request_with_a_password_alone(
    invitation: Invitation, garage: Establishment, terms: TermsVersion
) -> None:
    (mail,) = letters(flows.INVITATION_MAIL)
    link, browser = path_in(mail, "/invitation/"), Client()
    page = browser.get(link)
    assert page.status_code == 200 and not User.objects.filter(email_key=INVITED).exists()
    assert "Se connecter" in page.text and "Créer mon compte" in page.text
    assert INVITED in browser.get(f"{link}mot-de-passe/").text
    unticked = chosen(terms)
    del unticked["terms"]
    assert browser.post(f"{link}mot-de-passe/", unticked).status_code == 200
    made = browser.post(f"{link}mot-de-passe/", chosen(terms))
    assert made.status_code == 303 and sign_invitation_key(invitation) not in made["Location"]
    user = User.objects.get(email_key=INVITED)
    assert user.status == Status.ACTIVE
    assert TermsAcceptance.objects.filter(user=user, where="sign_up").exists()
    # The link chose a password once; it still says who invites.
    assert browser.post(f"{link}mot-de-passe/", chosen(terms)).status_code == 302
    assert "Créer mon compte" not in browser.get(link).text
    assert log_in(browser, INVITED, next=page_of(invitation))["Location"] == page_of(invitation)
    form = browser.get(page_of(invitation)).text
    for fixed in ("Garage fictif du Pont", "M-Gestion", "Gestionnaire", "Ada Invitante"):
        assert fixed in form
    assert "checked" not in form.partition("<main")[2]
    sent = browser.post(page_of(invitation), {**FILLED, "terms": terms.slug})
    request = Request.objects.get()
    assert sent["Location"] == f"/demandes/{request.reference}/"
    assert (request.user, request.siret, request.kind) == (user, garage.siret, garage.kind)
    assert (request.origin, request.invitation) == (RequestOrigin.INVITATION, invitation)
    assert (request.asked_role, request.branch) == (Role.GESTIONNAIRE, garage.branch)
    assert request.status == RequestStatus.SUBMITTED  # a named agent decides
    assert not Access.objects.filter(user=user).exists()
    assert {event.act for event in request.events.all()} == {
        RequestAct.SUBMITTED,
        RequestAct.INVITED,
    }
    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.ACCEPTED
    assert browser.get(link).status_code == 302
    assert browser.get(page_of(invitation))["Location"].endswith(f"{request.reference}/")


@pytest.mark.req("S8", "D69")
@pytest.mark.parametrize("known", [None, Status.PENDING, Status.ACTIVE, Status.SUSPENDED])
def test_the_link_answers_alike_whether_the_address_has_an_account(
    invitation: Invitation, terms: TermsVersion, known: str | None
) -> None:
    if known:
        old = make_newcomer(known, email=INVITED, password="Ancien-Secret-2026")
    browser, link = Client(), f"/invitation/{sign_invitation_key(invitation)}/"
    page = browser.get(link).text
    assert "Se connecter" in page and "Créer mon compte" in page
    assert browser.get(f"{link}mot-de-passe/").status_code == 200
    made = browser.post(f"{link}mot-de-passe/", chosen(terms))
    assert made.status_code == 303
    assert made["Location"] == f"/cas/login?next=%2Fm-gestion%2Finvitation%2F{invitation.pk}%2F"
    login = browser.get(made["Location"]).text
    assert "Si vous aviez déjà un compte à cette adresse, rien n’y a changé" in login
    assert INVITED in login
    if known in (Status.ACTIVE, Status.SUSPENDED):
        old.refresh_from_db()
        assert old.status == known and old.check_password("Ancien-Secret-2026")
    told = Mail.objects.filter(kind="entry.account_exists").count()
    assert told == (known == Status.ACTIVE)


@pytest.mark.req("D69")
def test_another_session_is_told_so_and_learns_nothing(
    client: Client, invitation: Invitation, inviter: User
) -> None:
    link = f"/invitation/{sign_invitation_key(invitation)}/"
    page = client.get(link).text
    assert "pour une autre adresse" in page and "Me déconnecter" in page
    assert INVITED not in page
    assert client.get(f"{link}mot-de-passe/").status_code == 302
    answer = client.post(page_of(invitation), FILLED)
    assert answer.status_code == 403 and "pas pour ce compte" in answer.text
    assert "Gestionnaire" not in answer.text.partition("<main")[2]
    with pytest.raises(Refused) as refused:
        accept_invitation(inviter, invitation.pk, answers=ANSWERS, now=NOW)
    assert refused.value.code == "not_yours"
    assert not Request.objects.exists()


@pytest.mark.req("D69")
@pytest.mark.parametrize(
    ("state", "said"),
    [("expired", "a expiré"), ("revoked", "a été retirée"), ("gone", "n’existe plus")],
)
def test_what_became_of_it_is_said_with_what_to_do(
    invitation: Invitation, inviter: User, garage: Establishment, state: str, said: str
) -> None:
    link = f"/invitation/{sign_invitation_key(invitation)}/"
    person = make_newcomer(email=INVITED)
    if state == "revoked":
        flows.revoke_invitation(inviter, garage.key, invitation.pk, now=NOW)
    if state == "gone":
        Invitation.objects.all().delete()
    days = 15 if state == "expired" else 0
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        for path in (link, f"{link}mot-de-passe/"):
            page = Client().get(path)
            assert page.status_code == 410 and said in page.text
            assert INVITED not in page.text
        own = client_of(person)
        assert own.post(page_of(invitation), FILLED).status_code == (
            404 if state == "gone" else 410
        )
        with pytest.raises(Refused):  # a form that was open since before
            accept_invitation(
                person, invitation.pk, answers=ANSWERS, now=NOW + timedelta(days=days)
            )
    assert Client().get("/invitation/fausse/").status_code == 404
    assert not Request.objects.exists()


@pytest.mark.req("D69", "S23")
def test_an_open_request_gets_the_invitation_and_no_second_one_is_made(
    invitation: Invitation, garage: Establishment
) -> None:
    person = make_newcomer(email=INVITED)
    own = make_request(person, siret=garage.siret)
    browser = client_of(person)
    assert own.reference in browser.get(page_of(invitation)).text
    browser.post(page_of(invitation))
    request = Request.objects.get()
    assert (request.pk, request.invitation, request.origin) == (own.pk, invitation, "form")
    assert request.version == own.version + 1  # a decision page opened before is stale
    browser.post(page_of(invitation))  # again, from another tab
    assert Request.objects.count() == 1
    assert request.events.filter(act=RequestAct.INVITED).count() == 1


@pytest.mark.req("D69")
def test_who_has_the_access_already_only_closes_the_invitation(
    invitation: Invitation, garage: Establishment
) -> None:
    person = make_newcomer(email=INVITED)
    make_access(user=person, establishment=garage)
    browser = client_of(person)
    assert "Vous avez déjà cet accès" in browser.get(page_of(invitation)).text
    browser.post(page_of(invitation))
    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.ACCEPTED and not Request.objects.exists()


@pytest.mark.req("D69", "S23")
def test_an_access_granted_while_the_colleague_confirms_closes_the_invitation(
    invitation: Invitation, garage: Establishment, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_newcomer(email=INVITED)
    make_access(user=person, establishment=garage)
    monkeypatch.setattr(acceptance_flows, "holds_invited_access", lambda *_: False)
    outcome = accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
    assert outcome.request is None and not Request.objects.exists()
    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.ACCEPTED


def let_administrator_decide() -> None:
    AdmissionRule.objects.filter(
        platform__code="m-gestion-entreprise", profile__code="ENT-GEST"
    ).update(administrator_decides=True)


@pytest.mark.req("D69", "R46", "D59")
def test_where_the_table_says_so_the_administrators_signature_opens_the_access(
    invitation: Invitation, inviter: User, garage: Establishment
) -> None:
    let_administrator_decide()
    person = make_newcomer(email=INVITED)
    outcome = accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
    access = Access.objects.get(user=person)
    assert outcome.opened and access.granted_by == inviter.public_id
    assert (access.role, access.establishment) == (Role.GESTIONNAIRE, garage)
    request = Request.objects.get()
    assert (request.status, request.decided_by) == (RequestStatus.APPROVED, inviter.public_id)
    entry = Entry.objects.get(act="request.approved")
    assert (entry.actor_kind, entry.actor) == ("person", str(inviter.public_id))
    kinds = sorted(Mail.objects.exclude(kind=flows.INVITATION_MAIL).values_list("kind", flat=True))
    assert kinds == [
        "habilitations.new_access",
        "registrations.acknowledgment",
        "registrations.approved",
        OPENED_BY_ADMINISTRATOR_MAIL,
        "registrations.to_delegation",
    ]
    (told,) = letters(OPENED_BY_ADMINISTRATOR_MAIL)
    assert request.delegation and told.to == request.delegation.email
    assert "Iris" not in told.text
    assert letters("registrations.to_delegation") == []  # nothing waits for a decision
    # Staff end it as any access, and the page of the request names who decided.
    end_access(access.pk, actor=Actor.system("test"), reason="terms", now=NOW)


def _end_inviters_access(invitation: Invitation) -> None:
    Access.objects.filter(user=invitation.invited_by).update(ended_at=NOW)


def _deactivate_inviter(invitation: Invitation) -> None:
    assert invitation.invited_by is not None
    invitation.invited_by.status = Status.SUSPENDED
    invitation.invited_by.save()


def _erase_inviter(invitation: Invitation) -> None:
    Invitation.objects.update(invited_by=None)


def _demote_inviter(invitation: Invitation) -> None:
    Access.objects.filter(user=invitation.invited_by).update(role=Role.GESTIONNAIRE)


def _switch_off(invitation: Invitation) -> None:
    AdmissionRule.objects.update(administrator_decides=False)


def _invite_administrator(invitation: Invitation) -> None:
    Invitation.objects.update(role=Role.ADMINISTRATEUR)


@pytest.mark.req("D69", "R46")
def test_without_a_living_signature_the_desk_decides(
    invitation: Invitation, subtests: pytest.Subtests
) -> None:
    let_administrator_decide()
    person = make_newcomer(email=INVITED)
    for change in (
        _end_inviters_access,
        _deactivate_inviter,
        _erase_inviter,
        _demote_inviter,
        _switch_off,
        _invite_administrator,
    ):
        with subtests.test(change=change.__name__), rolled_back():
            change(Invitation.objects.get(pk=invitation.pk))
            outcome = accept_invitation(person, invitation.pk, answers=ANSWERS, now=NOW)
            assert not outcome.opened and not Access.objects.filter(user=person).exists()
            request = Request.objects.get()
            wanted = (RequestStatus.SUBMITTED, invitation.pk)
            assert (request.status, request.invitation_id) == wanted


@pytest.mark.req("R61", "D69")
def test_a_consultant_enters_m_gepp_by_the_invitation_of_the_firm(
    firm: Establishment, terms: TermsVersion, now: Any
) -> None:
    head = Access.objects.get(establishment=firm).user
    made = make_invitation(
        head, firm, email=INVITED, platform="m-gepp-solution", profile="RH-CONS", now=now
    )
    browser = client_of(make_newcomer(email=INVITED))
    page = browser.get(page_of(made)).text
    assert "Cabinet RH fictif" in page and "Consultant" in page
    assert not re.search("name=.branch.", page)
    browser.post(page_of(made), {**FILLED, "terms": terms.slug})
    request = Request.objects.get()
    assert request.asked_role == Role.CONSULTANT and request.dashboard == ""


@pytest.mark.req("D69")
def test_m_gestion_asks_the_branch_of_an_establishment_that_has_none(
    invitation: Invitation, garage: Establishment, terms: TermsVersion
) -> None:
    Establishment.objects.filter(pk=garage.pk).update(branch=None)
    browser = client_of(make_newcomer(email=INVITED))
    said = {**FILLED, "terms": terms.slug}
    page = browser.post(page_of(invitation), said)
    assert page.status_code == 200 and "Choisissez la branche" in page.text
    assert browser.post(page_of(invitation), {**said, "branch": "automobile"}).status_code == 302
    assert Request.objects.get().dashboard == "automobile"
