"""What each staff role may do, and on whose rows."""

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import in_staff_scope
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Branch, Delegation, Department
from accounts.habilitations.staff import permissions
from accounts.habilitations.staff.permissions import (
    PERMISSIONS,
    Staff,
    filter_by_scope,
    get_staff,
    may_see_request,
)
from accounts.people.enums import Status
from accounts.people.models import User
from tests.factories.habilitations import make_access, make_establishment, make_staff, make_user

N, R, A, D = StaffRole.NATIONAL, StaffRole.REVIEWER, StaffRole.AUDITOR, StaffRole.DPO
_TABLES = ("dga", "delegation", "department", "branch", "branchproposal", "profile")
# permission → the roles that have it, in full: a permission that is not here belongs to nobody.
MATRIX: dict[str, set[str]] = {
    **{f"habilitations.view_{table}": {N, R, A} for table in _TABLES},
    **{
        f"habilitations.{verb}_{table}": {N}
        for table in (*_TABLES, "staffmember")
        for verb in ("add", "change", "delete")
    },
    "habilitations.view_staffmember": {N, A},
    "habilitations.view_roletext": {N, R, A},
    "habilitations.view_admissionrule": {N, R, A},
    **{f"habilitations.{verb}_admissionrule": {N} for verb in ("add", "change", "delete")},
    **{f"habilitations.{verb}_roletext": {N} for verb in ("add", "change", "delete")},
    "habilitations.view_platform": {N, A},
    "habilitations.view_servicerule": {N, A},
    "habilitations.view_establishment": {N, R, A},
    "habilitations.view_access": {N, R, A},
    "habilitations.add_access": {N, R},
    "habilitations.add_establishment": {N, R},
    "habilitations.change_access": {N, R},
    "habilitations.add_platform": {N},
    "habilitations.change_platform": {N},
    "habilitations.add_servicerule": {N},
    "habilitations.change_servicerule": {N},
    "habilitations.delete_servicerule": {N},
    "habilitations.view_apitoken": {N, A},
    "habilitations.add_apitoken": {N},
    "habilitations.change_apitoken": {N},
    "cas.view_logoutdelivery": {N, A},
    "cas.view_logoutlane": {N, A},
    "registrations.view_request": {N, R, A},
    "registrations.change_request": {N, R},
    "registrations.view_requestevent": {N, R, A},
    "registrations.view_accessreview": {N, R, A},
    "registrations.view_invitation": {N, R, A},
    "registrations.view_knowncontact": {N, A},
    "registrations.view_refusalreason": {N, R, A},
    "registrations.add_refusalreason": {N},
    "registrations.change_refusalreason": {N},
    "registrations.delete_refusalreason": {N},
    "registrations.view_askingtemplate": {N, R, A},
    "registrations.add_askingtemplate": {N},
    "registrations.change_askingtemplate": {N},
    "registrations.delete_askingtemplate": {N},
    "legal.view_termsversion": {N, A, D},
    "legal.view_termsrequest": {N, A, D},
    "legal.change_termsrequest": {N, D},
    "profile.view_rightsrequest": {N, A, D},
    "profile.add_rightsrequest": {N, D},
    "profile.change_rightsrequest": {N, D},
    "legal.add_termsversion": {N},
    "legal.change_termsversion": {N},
    "legal.delete_termsversion": {N},
    "legal.view_termsacceptance": {N, A, D},
    "accounts.view_user": {N, A, D},
    "accounts.view_allowedaddress": {N, A},
    "accounts.add_allowedaddress": {N},
    "accounts.change_allowedaddress": {N},
    "accounts.delete_allowedaddress": {N},
    "accounts.view_blockedperson": {N, A, D},
    "accounts.add_blockedperson": {N},
    "accounts.delete_blockedperson": {N},
    "journal.view_entry": {N, A, D},
    "journal.view_detail": {N, A, D},
    "outbox.view_mail": {N, A, D},
    "outbox.change_mail": {N},
    "outbox.view_mailtext": {N},
    "outbox.change_mailtext": {N},
    "jobs.view_jobrun": {N, A},
    "jobs.change_jobrun": {N},
    "lifecycle.view_lifecyclecase": {N, A},
    "lifecycle.view_lifecyclerun": {N, A},
    "lifecycle.view_hold": {N, A},
    "lifecycle.view_review": {N, A},
    "lifecycle.view_staffproposal": {N, A},
    "lifecycle.view_ledgerentry": {N, A},
}


def _every_permission() -> list[str]:
    return sorted(
        f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
        for model in apps.get_models()
        for verb in ("add", "change", "delete", "view")
    )


def test_the_table_names_only_permissions_that_exist() -> None:
    assert set(MATRIX) <= set(_every_permission())
    assert frozenset().union(*PERMISSIONS.values()) == set(MATRIX)


@pytest.mark.req("S22")
def test_each_role_has_its_permissions_and_no_other(reference: None) -> None:
    for role in StaffRole.values:
        user = make_staff(role)
        had = {name for name in _every_permission() if user.has_perm(name)}
        assert had == {name for name, roles in MATRIX.items() if role in roles}, role
        assert user.get_all_permissions() == had, role
        for app in ("habilitations", "registrations", "legal", "accounts", "outbox", "entry"):
            assert user.has_module_perms(app) == any(name.startswith(f"{app}.") for name in had)


def test_the_auditor_only_reads() -> None:
    assert all(name.split(".")[1].startswith("view_") for name in PERMISSIONS[A])


@pytest.mark.django_db
def test_a_user_with_the_staff_flag_and_no_role_may_nothing() -> None:
    user = make_user(is_staff=True)
    assert get_staff(user) is None
    assert user.get_all_permissions() == set()


def test_an_agent_whose_account_is_not_active_may_nothing(reference: None) -> None:
    pk = make_staff(N).pk
    for status in set(Status.values) - {Status.ACTIVE}:
        User.objects.filter(pk=pk).update(status=status)
        user = User.objects.get(pk=pk)
        assert get_staff(user) is None, status
        assert not user.has_perm("registrations.view_request"), status


@pytest.mark.django_db
def test_those_who_are_no_agents_cost_no_query(django_assert_num_queries: object) -> None:
    user = make_user()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert get_staff(user) is None
        assert get_staff(AnonymousUser()) is None


@pytest.mark.parametrize("role", [N, A, R])
def test_a_role_is_read_once_per_request(
    reference: None, django_assert_num_queries: object, role: str
) -> None:
    agent = make_staff(role, delegations=("IDF", "BRE"), dgas=("DGA-AUTO", "DGA-URBAIN"))
    user = User.objects.get(pk=agent.pk)
    wrapped = SimpleLazyObject(lambda: user)  # what `request.user` is
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(3):
            assert get_staff(wrapped) == get_staff(user) is not None
            user.has_perm("registrations.view_request")
            user.has_module_perms("registrations")
    ids = set(Delegation.objects.filter(code__in=("IDF", "BRE")).values_list("pk", flat=True))
    staff = get_staff(user)
    assert staff is not None
    assert staff.delegation_ids == (ids if role == R else set())
    assert len(staff.dga_ids) == (2 if role == R else 0)


@pytest.mark.django_db
def test_a_superuser_is_a_national_administrator() -> None:
    user = User.objects.create_superuser("premiere.fictive@opco.example.org", "x")
    assert get_staff(user) == Staff(StaffRole.NATIONAL)


def test_what_each_role_may_do_in_words() -> None:
    national, reviewer, auditor = (Staff(role) for role in (N, R, A))
    for may, allowed in (
        (permissions.may_read, [national, reviewer, auditor]),
        (permissions.may_decide, [national, reviewer]),
        (permissions.may_configure, [national]),
    ):
        assert [one for one in (national, reviewer, auditor, None) if may(one)] == allowed


@pytest.mark.req("D9", "S22")
def test_a_reviewer_sees_what_his_delegation_or_his_dga_receives() -> None:
    staff = Staff(StaffRole.REVIEWER, frozenset({1}), frozenset({7}))
    assert may_see_request(staff, delegation_id=1, dga_id=8)
    assert may_see_request(staff, delegation_id=2, dga_id=7)
    assert not may_see_request(staff, delegation_id=2, dga_id=8)


@pytest.mark.req("R49")
def test_an_unrouted_request_is_seen_by_those_who_see_everything() -> None:
    assert may_see_request(Staff(StaffRole.NATIONAL), delegation_id=None, dga_id=None)
    assert may_see_request(Staff(StaffRole.AUDITOR), delegation_id=None, dga_id=None)
    assert not may_see_request(Staff(StaffRole.REVIEWER), delegation_id=None, dga_id=None)
    assert not may_see_request(None, delegation_id=None, dga_id=None)


@pytest.mark.req("S22")
def test_the_filter_and_the_rule_agree(reference: None) -> None:
    """`scope` is what lists and lookups by id use, `sees` what a verb asks: on every pair."""
    Department.objects.filter(code="13").update(delegation=None)
    people = [
        make_staff(N),
        make_staff(A),
        make_staff(R, delegations=("IDF",)),
        make_staff(R, dgas=("DGA-AUTO",)),
        make_staff(R, delegations=("IDF",), dgas=("DGA-AUTO",)),
        make_staff(R),
        make_user(),
    ]
    for department in ("75", "69", "13"):
        for branch in Branch.objects.filter(code__in=("automobile", "urbain")):
            make_establishment(department_id=department, branch=branch)
    for person in people:
        staff = get_staff(person)
        rule = filter_by_scope(staff, delegation="department__delegation_id", dga="branch__dga_id")
        listed = set(Establishment.objects.filter(rule))
        told = {
            row
            for row in Establishment.objects.select_related("department", "branch")
            if may_see_request(
                staff,
                delegation_id=row.department.delegation_id,
                dga_id=row.branch.dga_id if row.branch else None,
            )
        }
        assert listed == told


@pytest.mark.req("S22")
def test_training_establishments_are_in_the_scope_of_the_fallback_dga(reference: None) -> None:
    training = make_establishment(training=True, department_id="69")
    company = make_establishment(department_id="69")
    make_access(establishment=training)
    make_access(establishment=company)
    staff = get_staff(make_staff(R, dgas=("DGA-OFCFA",)))
    assert list(Establishment.objects.filter(in_staff_scope(staff))) == [training]
    held = Access.objects.filter(in_staff_scope(staff, "establishment__"))
    assert [access.establishment for access in held] == [training]
    assert not Establishment.objects.filter(in_staff_scope(None)).exists()
    other = get_staff(make_staff(R, dgas=("DGA-AUTO",)))
    assert list(Establishment.objects.filter(in_staff_scope(other))) == [company]
