"""An erasure and an act of the same person at the same moment: one winner, nothing by halves."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.entry.models import SessionRecord
from accounts.leaving.account_erasure import erase_accounts
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.enrolment.submit_flows import submit_request
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_request
from tests.effort import examples
from tests.factories.habilitations import load_reference, make_user
from tests.factories.people import PASSWORD, log_in, person
from tests.factories.registrations import make_answers, make_request
from tests.personal_data import scan
from tests.personal_data.rich import LAST_NAME, TRACES
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = examples(2, 12)


def _erasing(user: User) -> Callable[[], Any]:
    return lambda: erase_accounts([user.pk], cause="inactivity", now=timezone.now())


@pytest.mark.req("R103")
def test_a_login_and_an_erasure_leave_nobody_logged_in_and_no_trace() -> None:
    for round_ in range(ROUNDS):
        address = f"zephyrine.{LAST_NAME}{round_}@garage.example.org"
        user = person(address, last_name=LAST_NAME)
        browser = Client(raise_request_exception=False)
        answer, _ = run_together(partial(log_in, browser, address, PASSWORD), _erasing(user))
        assert answer.status_code in (200, 303, 400)
        assert not User.objects.exists()
        assert not SessionRecord.objects.exists()
        assert [one.get_decoded() for one in Session.objects.all() if one.get_decoded()] == []
        home: Any = browser.get("/compte/")
        assert home["Location"].startswith("/cas/login")
    assert scan.found(TRACES) == set()


@pytest.mark.req("R103")
def test_a_request_and_an_erasure_leave_no_request_without_its_person() -> None:
    load_reference()
    for _ in range(ROUNDS):
        user = make_user(last_name=LAST_NAME)

        def ask(user: User = user) -> str:
            try:
                answers = make_answers(last_name=LAST_NAME)
                submit_request(user=user, answers=answers, form_token=uuid4(), now=timezone.now())
            except (Refused, User.DoesNotExist) as refusal:
                return type(refusal).__name__
            return "asked"

        run_together(ask, _erasing(user))
        assert not Request.objects.exists()
    assert scan.found(TRACES) == set()


def test_an_act_on_a_request_whose_person_is_erased_meanwhile_is_refused() -> None:
    load_reference()
    request = make_request()
    erased: list[bool] = []

    def erase_before_the_lock(execute: Any, sql: str, *rest: Any) -> Any:
        if "FOR NO KEY UPDATE" in sql and not erased:
            erased.append(True)
            erase_accounts([request.user_id], cause="inactivity", now=timezone.now())
        return execute(sql, *rest)

    with transaction.atomic(), connection.execute_wrapper(erase_before_the_lock):
        with pytest.raises(Refused, match="n’existe pas ou plus"):
            lock_request(request.pk)
    assert erased


def test_two_erasures_of_the_same_people_are_one() -> None:
    users = [make_user().pk for _ in range(8)]
    counts = run_together(
        lambda: erase_accounts(users, cause="inactivity", now=timezone.now()),
        lambda: erase_accounts(list(reversed(users)), cause="inactivity", now=timezone.now()),
    )
    assert sum(count.get("accounts.account", 0) for count in counts) == 8


@pytest.mark.req("D24")
def test_two_erasures_of_the_last_two_superusers_leave_one() -> None:
    one, two = (make_user(is_superuser=True, is_staff=True) for _ in range(2))

    def attempt(user: User) -> str:
        try:
            erase_accounts([user.pk], cause="admin", now=timezone.now())
        except Refused as refusal:
            return refusal.code
        return "erased"

    outcomes = run_together(lambda: attempt(one), lambda: attempt(two))
    assert sorted(outcomes) == ["erased", "last_superuser"]
    assert User.objects.filter(is_superuser=True).count() == 1
