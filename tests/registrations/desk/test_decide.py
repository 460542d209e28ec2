"""Somebody named decides, once, on what he read (R45, R46)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import EstablishmentKind, Role
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.desk.acts.assign import release_request, reroute_request, take_request
from registrations.desk.acts.decide import approve_request, refuse_request
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, Request, RequestEvent
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_staff
from tests.factories.registrations import load_reasons
from tests.factories.registrations import make_request as submit_request
from tests.registrations.desk.staff_pages import make_request
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.usefixtures("reference")
LATER = NOW + timedelta(hours=5)


def _approve(request: Request, agent: User, **more: Any) -> Request:
    said: dict[str, Any] = {"version": request.version, "role": Role.GESTIONNAIRE, **more}
    return approve_request(request.pk, actor_user=agent, now=LATER, **said)


def _refuse(request: Request, agent: User, code: str = "siret-identite", **more: Any) -> Request:
    load_reasons()
    said: dict[str, Any] = {"version": request.version, "text": "Recopiez le SIRET.", **more}
    reason = RefusalReason.objects.get(code=code)
    return refuse_request(request.pk, reason=reason, actor_user=agent, now=LATER, **said)


@pytest.mark.both
@pytest.mark.req("R37", "R45", "R46", "R56")
def test_approval_opens_the_access_with_the_role_of_the_profile_and_keeps_who_when_and_why(
    agent: User,
) -> None:
    request = _approve(make_request(), agent)
    access = Access.objects.get(user=request.user)
    assert access.platform.code == "m-gestion-entreprise"
    assert access.role == request.granted_role == Role.GESTIONNAIRE
    assert access.establishment == request.establishment
    assert access.establishment.siret == request.siret
    assert access.dashboard == "automobile"
    assert access.granted_by == agent.public_id
    assert (request.status, request.decided_by, request.decided_at) == (
        RequestStatus.APPROVED,
        agent.public_id,
        LATER,
    )
    event = RequestEvent.objects.get(request=request, act=RequestAct.APPROVED)
    assert (event.actor, event.by_staff) == (agent.public_id, True)
    entry = Entry.objects.get(act="request.approved")
    assert (entry.actor, entry.reason) == (str(agent.public_id), "gestionnaire")
    assert Mail.objects.filter(kind="registrations.approved").count() == 1


@pytest.mark.parametrize("kind", [EstablishmentKind.CFA, EstablishmentKind.OF])
def test_a_cfa_or_of_gets_the_training_platform(kind: str, agent: User) -> None:
    request = _approve(submit_request(kind=kind), agent)
    access = Access.objects.get(user=request.user)
    assert (access.platform.code, access.dashboard) == ("m-gestion-of", "of")


def test_colleagues_share_the_establishment(agent: User) -> None:
    first = _approve(make_request(), agent)
    second = _approve(make_request(siret=first.siret), agent)
    assert second.establishment == first.establishment
    assert Establishment.objects.count() == 1
    assert Access.objects.count() == 2


@pytest.mark.req("D5")
def test_another_role_than_the_profiles_needs_a_reason(agent: User) -> None:
    request = make_request(profile="ENT-ADMIN", asked_role=Role.ADMINISTRATEUR)
    with pytest.raises(Refused, match="dites pourquoi"):
        _approve(request, agent, role=Role.GESTIONNAIRE)
    assert not Access.objects.exists()
    granted = _approve(request, agent, role=Role.GESTIONNAIRE, reason="Pas de pouvoir produit.")
    assert granted.granted_role == Role.GESTIONNAIRE
    assert (
        "Pas de pouvoir produit." in RequestEvent.objects.get(act=RequestAct.APPROVED).internal_note
    )


@pytest.mark.req("D59")
def test_administrator_needs_named_evidence(agent: User) -> None:
    request = make_request(profile="ENT-ADMIN", asked_role=Role.ADMINISTRATEUR)
    with pytest.raises(Refused) as refusal:
        _approve(request, agent, role=Role.ADMINISTRATEUR, evidence="  ")
    assert refusal.value.code == "evidence_needed"
    _approve(request, agent, role=Role.ADMINISTRATEUR, evidence="Kbis fictif")
    event = RequestEvent.objects.get(act=RequestAct.APPROVED)
    assert "Kbis fictif" in event.internal_note
    assert "Kbis" not in event.text


@pytest.mark.req("D59")
def test_existing_administrators_are_told_of_a_new_access(agent: User) -> None:
    first = make_request(profile="ENT-ADMIN", asked_role=Role.ADMINISTRATEUR)
    _approve(first, agent, role=Role.ADMINISTRATEUR, evidence="Kbis fictif")
    _approve(make_request(siret=first.siret), agent)
    mail = Mail.objects.get(kind="habilitations.new_access")
    assert mail.person == first.user.public_id


@pytest.mark.req("S23")
def test_a_role_that_is_not_m_gestions_is_not_granted(agent: User) -> None:
    request = make_request()
    for role in ("", "cabinet_comptable", "consultant", "superuser"):
        with pytest.raises(Refused):
            _approve(request, agent, role=role, reason="…", evidence="…")
    assert not Access.objects.exists()


def test_an_account_that_is_not_active_is_not_approved(agent: User) -> None:
    request = make_request()
    for status in (Status.SUSPENDED, Status.CLOSING, Status.DEACTIVATED_BY_ADMIN):
        User.objects.filter(pk=request.user_id).update(status=status)
        with pytest.raises(Refused, match="n’est pas actif"):
            _approve(request, agent)
    assert not Access.objects.exists()


@pytest.mark.req("D11", "R45")
def test_a_refusal_keeps_the_account_and_its_reason(agent: User) -> None:
    request = _refuse(make_request(), agent, internal_note="Vu au téléphone.")
    assert request.status == RequestStatus.REFUSED
    assert request.may_resubmit
    assert request.decision_text == "Recopiez le SIRET."
    event = RequestEvent.objects.get(act=RequestAct.REFUSED)
    assert event.internal_note == "Vu au téléphone."
    assert Entry.objects.get(act="request.refused").reason == "siret-identite"
    assert User.objects.get(pk=request.user_id).status == Status.ACTIVE
    assert Mail.objects.filter(kind="registrations.refused").count() == 1
    assert not Access.objects.exists()


def test_a_refusal_says_why(agent: User) -> None:
    with pytest.raises(Refused):
        _refuse(make_request(), agent, text=" \n ")
    assert Request.objects.get().is_open


@pytest.mark.req("R46")
def test_a_decided_request_says_by_whom_and_when_and_does_not_move(agent: User) -> None:
    colleague = make_staff("national")
    request = make_request()
    decided = _approve(request, agent)
    mails = Mail.objects.count()
    with pytest.raises(WrongState) as refusal:
        _refuse(request, colleague)
    assert f"déjà acceptée par {agent}, le mardi 17 mars 2026" in refusal.value.message
    with pytest.raises(WrongState):
        _approve(decided, colleague)
    assert Mail.objects.count() == mails
    assert Request.objects.get().decided_by == agent.public_id


@pytest.mark.req("S22", "D9")
def test_only_an_agent_in_scope_decides() -> None:
    request = make_request()
    for role, delegations, dgas in (
        ("reviewer", ("ARA",), ("DGA-URBAIN",)),
        ("reviewer", (), ()),
        ("auditor", (), ()),
    ):
        who = make_staff(role, delegations=delegations, dgas=dgas)
        for act in (_approve, _refuse):
            with pytest.raises(Refused):
                act(request, who)
        with pytest.raises(Refused):
            take_request(request.pk, actor_user=who, now=LATER)
        assert Request.objects.get().is_open
    for role, delegations, dgas in (
        ("national", (), ()),
        ("reviewer", ("IDF",), ()),
        ("reviewer", (), ("DGA-AUTO",)),
    ):
        who = make_staff(role, delegations=delegations, dgas=dgas)
        with rolled_back():
            assert _approve(request, who).status == RequestStatus.APPROVED, (role, dgas)


@pytest.mark.req("R46")
def test_nobody_decides_on_his_own_request() -> None:
    agent = make_staff("national")
    request = make_request(user=agent)
    with pytest.raises(Refused, match="propre demande"):
        _approve(request, agent)


def test_a_request_held_by_a_colleague_is_taken_over_knowingly(agent: User) -> None:
    request, colleague = make_request(), make_staff("national")
    take_request(request.pk, actor_user=agent, now=LATER)
    take_request(request.pk, actor_user=agent, now=LATER)
    with pytest.raises(WrongState, match="déjà prise en charge"):
        take_request(request.pk, actor_user=colleague, now=LATER)
    taken = take_request(request.pk, actor_user=colleague, now=LATER, over=True)
    assert taken.assignee == colleague
    assert RequestEvent.objects.filter(act=RequestAct.TAKEN).count() == 2
    with pytest.raises(WrongState):
        release_request(request.pk, actor_user=agent, now=LATER)
    assert release_request(request.pk, actor_user=colleague, now=LATER).assignee is None


def test_taking_a_request_leaves_an_open_decision_page_valid(agent: User) -> None:
    request = make_request()
    take_request(request.pk, actor_user=agent, now=LATER)
    assert _approve(request, agent).status == RequestStatus.APPROVED


@pytest.mark.req("R49")
def test_a_request_without_delegation_is_handed_to_one() -> None:
    from accounts.habilitations.reference.models import Delegation, Department

    Department.objects.filter(code="75").update(delegation=None)
    request, national = submit_request(), make_staff("national")
    moved = reroute_request(
        request.pk,
        delegation=Delegation.objects.get(code="IDF"),
        actor_user=national,
        now=LATER,
    )
    assert moved.delegation is not None
    assert moved.due_at == request.due_at
    assert Mail.objects.filter(kind="registrations.to_delegation").count() == 2
