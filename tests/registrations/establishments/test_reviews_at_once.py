"""Two administrators, or two sweeps, at the same moment on two connections of PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from accounts.habilitations.accesses.models import Establishment
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.establishments import review_flows as flows
from registrations.establishments.models import AccessReview, ReviewAnswer
from tests.factories.habilitations import load_reference, make_access, make_establishment
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DUE = datetime(2026, 9, 17, 9, 0, tzinfo=UTC)


def choice_or_refusal(found: object) -> str:
    return found.code if isinstance(found, Refused) else str(found)


@pytest.fixture
def place(transactional_db: None) -> Establishment:
    load_reference()
    return make_establishment()


def test_two_sweeps_open_one_review(place: Establishment) -> None:
    make_access(establishment=place, administrator=True)
    make_access(establishment=place)
    found = run_together(*[lambda: flows.advance_reviews(DUE)["opened"]] * 4)
    assert sum(int(str(opened)) for opened in found) == 1
    assert AccessReview.objects.count() == 1


def test_of_two_answers_for_one_account_the_first_stands(place: Establishment) -> None:
    chiefs = [make_access(establishment=place, administrator=True).user for _ in range(2)]
    bob = make_access(establishment=place).user
    flows.advance_reviews(DUE)
    review = AccessReview.objects.get()

    def says(chief: User, choice: str) -> Callable[[], object]:
        return lambda: (
            flows.answer_review(chief, review.pk, bob.public_id, choice=choice, now=DUE).choice
        )

    found = run_together(says(chiefs[0], "gone"), says(chiefs[1], "keep"))
    answer = ReviewAnswer.objects.get()
    assert sorted(map(choice_or_refusal, found)) == sorted([answer.choice, "answered"])
    bob.refresh_from_db()
    assert (bob.status == Status.ACTIVE) is (answer.choice == "keep")


def test_of_two_who_end_each_other_one_stays(place: Establishment) -> None:
    chiefs = [make_access(establishment=place, administrator=True).user for _ in range(2)]
    make_access(establishment=place)
    flows.advance_reviews(DUE)
    review = AccessReview.objects.get()

    def ends(one: User, other: User) -> Callable[[], object]:
        return lambda: (
            flows.answer_review(one, review.pk, other.public_id, choice="gone", now=DUE).choice
        )

    found = run_together(ends(chiefs[0], chiefs[1]), ends(chiefs[1], chiefs[0]))
    assert sorted(map(choice_or_refusal, found)) == ["gone", "not_yours"]
    active = [User.objects.get(pk=chief.pk).status == Status.ACTIVE for chief in chiefs]
    assert sorted(active) == [False, True]
