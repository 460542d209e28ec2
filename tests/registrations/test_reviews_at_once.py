"""Two administrators, or two sweeps, at the same moment on two connections of PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from accounts.enums import Status
from accounts.habilitations.models import Establishment
from accounts.models import User
from mgestion.errors import Refused
from registrations.establishments import review_flows as flows
from registrations.establishments.models import AccessReview, ReviewAnswer
from tests.factories.habilitations import load_reference, make_access, make_establishment

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DUE = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)


def together(*acts: Callable[[], object]) -> list[object]:
    barrier = Barrier(len(acts), timeout=60)

    def run(act: Callable[[], object]) -> object:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")  # connected before the start
            barrier.wait()
            return act()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def place(transactional_db: None) -> Establishment:
    load_reference()
    return make_establishment()


def test_two_sweeps_open_one_review(place: Establishment) -> None:
    make_access(establishment=place, administrator=True)
    make_access(establishment=place)
    found = together(*[lambda: flows.sweep(DUE)["opened"]] * 4)
    assert sum(int(str(opened)) for opened in found) == 1
    assert AccessReview.objects.count() == 1


def test_of_two_answers_for_one_account_the_first_stands(place: Establishment) -> None:
    chiefs = [make_access(establishment=place, administrator=True).user for _ in range(2)]
    bob = make_access(establishment=place).user
    flows.sweep(DUE)
    review = AccessReview.objects.get()

    def says(chief: User, choice: str) -> Callable[[], object]:
        return lambda: flows.answer(chief, review.pk, bob.public_id, choice=choice, now=DUE).choice

    found = together(says(chiefs[0], "gone"), says(chiefs[1], "keep"))
    answer = ReviewAnswer.objects.get()
    assert sorted(map(str, found)) == sorted([answer.choice, "answered"])
    bob.refresh_from_db()
    assert (bob.status == Status.ACTIVE) is (answer.choice == "keep")


def test_of_two_who_end_each_other_one_stays(place: Establishment) -> None:
    chiefs = [make_access(establishment=place, administrator=True).user for _ in range(2)]
    make_access(establishment=place)
    flows.sweep(DUE)
    review = AccessReview.objects.get()

    def ends(one: User, other: User) -> Callable[[], object]:
        return lambda: flows.answer(one, review.pk, other.public_id, choice="gone", now=DUE).choice

    found = together(ends(chiefs[0], chiefs[1]), ends(chiefs[1], chiefs[0]))
    assert sorted(map(str, found)) == ["gone", "not_yours"]
    active = [User.objects.get(pk=chief.pk).status == Status.ACTIVE for chief in chiefs]
    assert sorted(active) == [False, True]
