"""Establishments, accesses and agents: one of each, told to those concerned, and journaled."""

from datetime import timedelta

import pytest

from accounts.habilitations.accesses import flows, querysets
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import EstablishmentKind, Role, StaffRole
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Delegation, Department, Dga
from accounts.habilitations.staff import flows as staff_flows
from accounts.habilitations.staff.models import StaffMember
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Detail, Entry
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from tests.factories.habilitations import (
    NOW,
    grant,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.both]


def _establish(siret: str = "73282932000074", kind: str = "entreprise") -> Establishment:
    return flows.create_establishment(
        siret=siret,
        kind=kind,
        name="Garage fictif",
        department=Department.objects.get(code="75"),
        branch=Branch.objects.get(code="automobile") if kind == "entreprise" else None,
        now=NOW,
    )


def _grant(user: User, establishment: Establishment, role: str = Role.GESTIONNAIRE) -> Access:
    return grant(user, establishment, role, actor=Actor.staff(make_staff(StaffRole.NATIONAL)))


@pytest.mark.req("S51")
def test_an_establishment_is_its_siret_and_its_type() -> None:
    company = _establish()
    assert _establish() == company
    assert _establish(kind=EstablishmentKind.CFA) != company
    assert Establishment.objects.count() == 2


@pytest.mark.req("D67", "R57")
def test_every_kind_of_legal_person_may_be_an_establishment() -> None:
    for kind in EstablishmentKind.values:
        assert _establish(kind=kind).kind == kind
    with pytest.raises(Refused):
        _establish(kind="association")


@pytest.mark.req("R56")
def test_an_access_says_who_granted_which_role_for_what_and_when() -> None:
    user, establishment = make_user(), make_establishment()
    access = _grant(user, establishment)
    assert access.granted_at == NOW
    assert access.granted_by is not None
    entry = Entry.objects.get(act="access.granted")
    assert (entry.object_id, entry.person) == (str(access.pk), user.public_id)
    assert entry.actor == str(access.granted_by)


@pytest.mark.req("R59")
def test_the_role_is_held_per_platform_and_may_differ() -> None:
    user, establishment = make_user(), make_establishment()
    _grant(user, establishment, Role.GESTIONNAIRE)
    grant(user, establishment, Role.ADHERENT, platform_code="m-campus-entreprise")
    held = {access.platform.code: access.role for access in querysets.select_open_accesses(user)}
    assert held == {"m-gestion-entreprise": "gestionnaire", "m-campus-entreprise": "adherent"}


def test_granting_again_changes_the_role_in_place_and_the_same_again_writes_nothing() -> None:
    user, establishment = make_user(), make_establishment()
    first = _grant(user, establishment)
    for _ in range(2):
        second = _grant(user, establishment, Role.ADMINISTRATEUR)
        assert (second.pk, second.role) == (first.pk, Role.ADMINISTRATEUR)
        entry = Entry.objects.get(act="access.role_changed")  # the old one, kept
        assert Detail.objects.get(entry=entry).data["before"] == Role.GESTIONNAIRE
    assert Entry.objects.filter(act__startswith="access.").count() == 2
    assert Access.objects.count() == 1


def test_an_ended_access_is_followed_by_a_new_row() -> None:
    user, establishment = make_user(), make_establishment()
    first = _grant(user, establishment)
    flows.end_access(first.pk, actor=Actor.system("test"), reason="left", now=NOW)
    second = _grant(user, establishment)
    assert second.pk != first.pk
    assert querysets.find_mgestion_access(user) == second


def test_an_access_is_ended_once_and_the_second_time_says_since_when() -> None:
    access = make_access()
    flows.end_access(access.pk, actor=Actor.system("test"), reason="left", now=NOW)
    assert not querysets.select_open_accesses(access.user).exists()
    with pytest.raises(WrongState, match="mardi 17 mars 2026"):
        flows.end_access(access.pk, actor=Actor.system("test"), reason="left", now=NOW)


def test_an_unknown_role_or_dashboard_is_refused() -> None:
    user, place = make_user(), make_establishment()
    for role, dashboard in (("chef", "automobile"), ("gestionnaire", "x")):
        with pytest.raises(Refused):
            grant(user, place, role, dashboard=dashboard)
    assert not Access.objects.exists()


def test_nothing_is_granted_on_a_closed_platform_and_what_was_held_there_is_hidden() -> None:
    access = make_access()
    Platform.objects.filter(code="m-gestion-entreprise").update(enabled=False)
    assert querysets.find_mgestion_access(access.user) is None
    with pytest.raises(WrongState):
        _grant(make_user(), make_establishment())


def test_the_latest_m_gestion_access_is_the_one_landed_on() -> None:
    user = make_user()
    make_access(user=user)
    latest = make_access(user=user, granted_at=NOW + timedelta(days=1))
    make_access(
        user=user,
        platform=Platform.objects.get(code="m-contributions"),
        granted_at=NOW + timedelta(days=2),
    )
    assert querysets.find_mgestion_access(user) == latest


@pytest.mark.req("D59")
def test_every_administrator_there_is_told_of_a_new_access_and_nobody_else() -> None:
    establishment = make_establishment()
    told = [make_access(establishment=establishment, administrator=True).user for _ in range(2)]
    make_access(establishment=establishment)  # a manager
    make_access(administrator=True)  # elsewhere
    make_access(establishment=establishment, administrator=True, ended_at=NOW)
    make_access(establishment=establishment, administrator=True, user=make_user(Status.SUSPENDED))
    newcomer = make_user()
    _grant(newcomer, establishment, Role.ADMINISTRATEUR)
    mails = Mail.objects.filter(kind="habilitations.new_access")
    assert {mail.person for mail in mails} == {user.public_id for user in told}
    _grant(newcomer, establishment, Role.ADMINISTRATEUR)
    assert mails.count() == 2


@pytest.mark.req("D59")
def test_the_letter_names_the_newcomer_and_the_role_and_no_address() -> None:
    establishment = make_establishment(name="Garage & fils")
    administrator = make_access(establishment=establishment, administrator=True).user
    newcomer = make_user(first_name="Dominique", last_name="Imaginaire")
    access = _grant(newcomer, establishment)
    mail = Mail.objects.get(kind="habilitations.new_access")
    message = build_message(mail, NOW)
    assert message is not None
    assert message.to == administrator.email
    assert "Dominique Imaginaire" in message.text and "Gestionnaire" in message.text
    assert "Garage & fils" in message.text and "Garage &amp; fils" in message.html
    assert newcomer.email not in message.text + message.html
    assert "delegation-idf@example.org" in message.text
    # Nothing is left to say once the access has ended, or to who is administrator no more.
    for ended in (access, Access.objects.get(user=administrator)):
        with rolled_back():
            flows.end_access(ended.pk, actor=Actor.system("test"), reason="left", now=NOW)
            assert build_message(mail, NOW) is None


def test_an_agent_is_appointed_with_a_scope_and_dismissed_with_his_sessions() -> None:
    chief = Actor.staff(make_staff(StaffRole.NATIONAL))
    user = make_user()
    idf = Delegation.objects.get(code="IDF")
    member = staff_flows.appoint_staff(
        user,
        role=StaffRole.REVIEWER,
        delegations=[idf],
        dgas=Dga.objects.none(),
        actor=chief,
        now=NOW,
    )
    staff = get_staff(User.objects.get(pk=user.pk))
    assert staff is not None and staff.delegation_ids == {idf.pk}
    staff_flows.appoint_staff(user, role=StaffRole.AUDITOR, actor=chief, now=NOW)
    member.refresh_from_db()
    assert (member.role, member.delegations.count()) == (StaffRole.AUDITOR, 0)
    staff_flows.dismiss_staff(member.pk, actor=chief, now=NOW)
    user.refresh_from_db()
    assert (user.is_staff, user.session_epoch) == (False, 1)
    acts = list(Entry.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["staff.appointed", "staff.changed", "staff.dismissed"]


@pytest.mark.req("S22")
def test_nobody_changes_or_ends_his_own_rights() -> None:
    user = make_staff(StaffRole.NATIONAL)
    with pytest.raises(Refused):
        staff_flows.appoint_staff(user, role=StaffRole.NATIONAL, actor=Actor.staff(user), now=NOW)
    with pytest.raises(Refused):
        staff_flows.dismiss_staff(StaffMember.objects.get().pk, actor=Actor.staff(user), now=NOW)


def test_an_account_that_is_not_active_cannot_be_an_agents() -> None:
    chief = Actor.staff(make_staff(StaffRole.NATIONAL))
    user = make_user(Status.PENDING)
    with pytest.raises(WrongState):
        staff_flows.appoint_staff(user, role=StaffRole.AUDITOR, actor=chief, now=NOW)
    user.refresh_from_db()
    assert not user.is_staff
