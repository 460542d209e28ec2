"""Two administrators who send each other away at the same moment, on two real connections of
PostgreSQL: one stays (D24).
"""

from collections.abc import Callable
from functools import partial

import pytest

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff import flows as staff_flows
from accounts.habilitations.staff.models import StaffMember
from accounts.leaving import account_departures
from accounts.people import administrators
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from tests.factories.habilitations import NOW, load_reference, make_staff, make_user
from tests.together import run_together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("D24"),
]
# (who acts, whom he sends away)
ACTS: dict[str, Callable[[User, User], object]] = {
    "close": lambda me, _: account_departures.close_account(me, actor=Actor.person(me), now=NOW),
    "suspend": lambda me, him: account_departures.suspend_account(
        him, actor=Actor.staff(me), reason="left", now=NOW
    ),
    "dismiss": lambda me, him: staff_flows.dismiss_staff(
        StaffMember.objects.get(user=him).pk, actor=Actor.staff(me), now=NOW
    ),
    "lower": lambda me, him: staff_flows.appoint_staff(
        him, role=StaffRole.AUDITOR, actor=Actor.staff(me), now=NOW
    ),
}


def test_of_two_administrators_one_stays() -> None:
    load_reference()
    for act, superusers in (*((act, False) for act in ACTS), ("close", True), ("suspend", True)):
        for _ in range(2):
            User.objects.update(is_staff=False)  # those of the round before administer no more
            one, two = (
                make_user(is_superuser=True, is_staff=True)
                if superusers
                else make_staff(StaffRole.NATIONAL)
                for _ in range(2)
            )
            done = run_together(partial(ACTS[act], one, two), partial(ACTS[act], two, one))
            refusals = [answer.code for answer in done if isinstance(answer, Refused)]
            assert refusals in (["last_superuser"], ["not_allowed"]), (act, superusers)
            assert administrators.select_able_administrators().count() == 1, (act, superusers)
