"""The last one who may administer the portal never leaves, whatever gives him the right (D24)."""

from collections.abc import Callable

import pytest

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff import flows as staff_flows
from accounts.habilitations.staff.models import StaffMember
from accounts.leaving import account_departures
from accounts.leaving.account_erasure import erase_accounts
from accounts.people import administrators
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.req("D24")]
ROBOT = Actor.system("test")
LEAVING: dict[str, Callable[[User], object]] = {
    "close": lambda user: account_departures.close_account(user, actor=Actor.person(user), now=NOW),
    "close_for_him": lambda user: account_departures.close_account(user, actor=ROBOT, now=NOW),
    "deactivate": lambda user: account_departures.deactivate_account(
        user, actor=ROBOT, reason="left", now=NOW
    ),
    "suspend": lambda user: account_departures.suspend_account(
        user, actor=ROBOT, reason="left", now=NOW
    ),
    "erase": lambda user: erase_accounts([user.pk], cause="admin", now=NOW),
    "dismiss": lambda user: staff_flows.dismiss_staff(
        StaffMember.objects.get(user=user).pk, actor=ROBOT, now=NOW
    ),
    "lower": lambda user: staff_flows.appoint_staff(
        user, role=StaffRole.AUDITOR, actor=ROBOT, now=NOW
    ),
}


@pytest.mark.both
def test_the_last_national_administrator_who_is_no_superuser_does_not_leave() -> None:
    last = make_staff(StaffRole.NATIONAL)
    make_staff(StaffRole.AUDITOR)
    make_staff(StaffRole.NATIONAL, user=make_user(Status.SUSPENDED))
    for act, leave in LEAVING.items():
        with pytest.raises(Refused, match="dernier administrateur national"):
            leave(last)
        last.refresh_from_db()
        assert last.status == Status.ACTIVE, act
        assert administrators.select_able_administrators().get() == last, act


def test_he_may_leave_when_another_has_either_right() -> None:
    leaving = make_staff(StaffRole.NATIONAL)
    pk = leaving.pk
    with rolled_back():
        make_staff(StaffRole.NATIONAL)
        for act, leave in LEAVING.items():
            with rolled_back():
                leave(User.objects.get(pk=pk))
                assert not administrators.select_able_administrators().filter(pk=pk).exists(), act
    make_user(is_superuser=True, is_staff=True)
    for act in ("close", "dismiss"):
        with rolled_back():
            LEAVING[act](User.objects.get(pk=pk))
            assert not administrators.select_able_administrators().filter(pk=pk).exists(), act


def test_who_administers_no_more_names_and_dismisses_nobody() -> None:
    """He clicked while he still did."""
    gone, other = make_staff(StaffRole.NATIONAL), make_staff(StaffRole.NATIONAL)
    member = StaffMember.objects.get(user=other)
    staff_flows.dismiss_staff(
        StaffMember.objects.get(user=gone).pk, actor=Actor.staff(other), now=NOW
    )
    with pytest.raises(Refused) as refusal:
        staff_flows.dismiss_staff(member.pk, actor=Actor.staff(gone), now=NOW)
    assert refusal.value.code == "not_allowed"
    with pytest.raises(Refused) as refusal:
        staff_flows.appoint_staff(
            make_user(), role=StaffRole.NATIONAL, actor=Actor.staff(gone), now=NOW
        )
    assert refusal.value.code == "not_allowed"
    assert StaffMember.objects.get() == member
