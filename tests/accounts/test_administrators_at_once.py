"""Two administrators who send each other away at the same moment, on two real connections of
PostgreSQL: one stays (D24).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import administrators, standing_acts
from accounts.habilitations import flows_staff
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.models import StaffMember
from accounts.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from tests.factories.habilitations import NOW, load_reference, make_staff, make_user

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("D24"),
    pytest.mark.both,
]
ROUNDS = 5
# (who acts, whom he sends away)
ACTS: dict[str, Callable[[User, User], object]] = {
    "close": lambda me, _: standing_acts.close(me, actor=Actor.person(me), now=NOW),
    "suspend": lambda me, him: standing_acts.suspend(
        him, actor=Actor.staff(me), reason="left", now=NOW
    ),
    "dismiss": lambda me, him: flows_staff.dismiss(
        StaffMember.objects.get(user=him).pk, actor=Actor.staff(me), now=NOW
    ),
    "lower": lambda me, him: flows_staff.appoint(
        him, role=StaffRole.AUDITOR, actor=Actor.staff(me), now=NOW
    ),
}


@pytest.mark.parametrize(
    ("act", "superusers"),
    [*((act, False) for act in ACTS), ("close", True), ("suspend", True)],
)
def test_of_two_administrators_one_stays(act: str, superusers: bool) -> None:
    load_reference()
    for _ in range(ROUNDS):
        User.objects.all().delete()
        one, two = (
            make_user(is_superuser=True, is_staff=True)
            if superusers
            else make_staff(StaffRole.NATIONAL)
            for _ in range(2)
        )
        barrier = Barrier(2, timeout=60)

        def run(pair: tuple[User, User], barrier: Barrier = barrier) -> str:
            try:
                connection.ensure_connection()
                barrier.wait()
                ACTS[act](*pair)
            except Refused as refusal:
                return refusal.code
            finally:
                connection.close()
            return "done"

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(run, [(one, two), (two, one)]))
        assert answers[0] == "done" and answers[1] in ("last_superuser", "not_allowed")
        assert administrators.able().count() == 1
