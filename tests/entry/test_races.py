"""Many at once, on real connections: one outcome, no error page."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.entry.limits import rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.login import adapter
from accounts.entry.models import (
    EntryLink,
    FailureCounter,
    PostedRequest,
    RateCounter,
    SessionRecord,
)
from accounts.entry.posted_requests import Kind
from accounts.entry.second_factor.passkeys import passkey_flows as passkey_flow
from accounts.entry.sign_up import first_password as password_flow
from accounts.entry.sign_up.flows import decide_sign_up
from accounts.entry.upkeep.sweep import settle_posted_requests
from accounts.legal.models import TermsAcceptance
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import User
from accounts.people.querysets import UserManager
from mgestion.errors import Refused
from mgestion.outbox.models import Mail
from tests.factories.factors import code, give_factor, show_code
from tests.factories.people import ADDRESS, NOW, log_in, pending, person
from tests.servers.processes import wait_until
from tests.together import a_connection_waits, run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def at_once(times: int, act: Callable[[int], object]) -> list[Any]:
    return run_together(*(partial(act, number) for number in range(times)))


@pytest.mark.req("D15", "S8")
def test_sign_ups_of_one_address_at_once_make_one_account_and_one_mail() -> None:
    def post(number: int) -> int:
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        address = ADDRESS.upper() if number % 2 else ADDRESS
        return client.post("/inscription/", {"email": address, "email2": address}).status_code

    assert at_once(8, post) == [303] * 8
    assert PostedRequest.objects.count() == 8
    outcomes: Counter[str] = sum(at_once(3, lambda number: settle_posted_requests(NOW)), Counter())
    assert outcomes == {"sign_up.created": 1, "sign_up.cooldown": 7}
    assert User.objects.count() == 1
    assert EntryLink.objects.count() == Mail.objects.count() == 1


def _decided(row: PostedRequest) -> str:
    with transaction.atomic():
        return decide_sign_up(row, NOW)


def _row() -> PostedRequest:
    return PostedRequest.objects.create(
        kind=Kind.SIGN_UP, email=ADDRESS, email_key=ADDRESS, created_at=NOW
    )


@pytest.mark.req("D15")
def test_two_workers_that_both_find_no_account_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [_row(), _row()]
    both_looked = threading.Barrier(2)
    look = UserManager.with_address

    def look_then_meet(self: UserManager, address: str) -> User | None:
        found = look(self, address)
        both_looked.wait(timeout=60)
        return found

    monkeypatch.setattr(UserManager, "with_address", look_then_meet)
    assert sorted(at_once(2, lambda number: _decided(rows[number]))) == ["cooldown", "created"]
    assert User.objects.count() == 1


@pytest.mark.req("D16")
def test_two_workers_with_two_rows_of_one_person_send_one_mail() -> None:
    person()
    rows = [_row(), _row()]

    decided_first = threading.Event()

    @transaction.atomic
    def decide_first() -> str:
        outcome = decide_sign_up(rows[0], NOW)
        decided_first.set()
        wait_until(a_connection_waits)
        return outcome

    def decide_second() -> str:
        assert decided_first.wait(60)
        return _decided(rows[1])

    assert run_together(decide_first, decide_second) == ["mailed", "cooldown"]
    assert Mail.objects.count() == 1


@pytest.mark.req("D16", "R19")
def test_of_posts_of_one_link_at_once_one_makes_the_password() -> None:
    terms = load_shipped_terms(NOW)
    link = mailed_links.issue_link(pending(), Purpose.SIGN_UP, now=NOW)

    def create(number: int) -> str:
        password_flow.create_password(link, password_hash=f"hash-{number}", terms=terms, now=NOW)
        return f"hash-{number}"

    results = at_once(4, create)
    refusals = [result.code for result in results if isinstance(result, Refused)]
    assert refusals == ["link_used"] * 3
    assert User.objects.get().password in results
    assert TermsAcceptance.objects.count() == 1


@pytest.mark.req("S3")
def test_parallel_guesses_do_not_get_past_the_counter() -> None:
    key = rate_limits.get_counter_key(ADDRESS, "")
    tried = at_once(8, lambda number: rate_limits.reserve_attempt(key, now=NOW).allowed)
    assert Counter(tried) == {True: 5, False: 3}


def _read_counts() -> tuple[list[int], list[int]]:
    """Of the addresses, and of the networks."""
    failures = FailureCounter.objects.values_list("failures", flat=True)
    return list(failures), list(RateCounter.objects.values_list("count", flat=True))


@pytest.mark.req("S3")
def test_both_counts_stand_for_everybody_before_a_password_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person()
    seen: list[Any] = []

    def look(user: User, password: str) -> bool:
        seen.extend(run_together(_read_counts))  # on another connection
        return True

    monkeypatch.setattr(User, "check_password", look)
    assert log_in(Client()).status_code == 303
    assert seen == [([1], [1])]
    assert _read_counts() == ([], [0])


@pytest.mark.req("S3", "S15")
@pytest.mark.parametrize("of_one", ["address", "network"])
def test_of_parallel_guesses_only_the_allowed_ones_are_compared(
    of_one: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LOGINS_PER_IP = (5, timedelta(minutes=1))  # as many as an address has before it waits
    people = [person(f"p{number}@garage.example.org").email for number in range(8)]
    compared: list[str] = []

    def look(user: User, password: str) -> bool:
        compared.append(user.email)
        return False

    monkeypatch.setattr(User, "check_password", look)

    def guess(number: int) -> Any:
        if of_one == "address":
            return log_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), people[0]).status_code
        return log_in(Client(), people[number]).status_code

    with time_machine.travel(NOW, tick=False):
        answers = Counter(at_once(8, guess))
    assert answers == ({200: 8} if of_one == "address" else {200: 5, 429: 3})
    assert len(compared) == 5


@pytest.mark.req("S3")
def test_a_login_is_written_to_the_disk_twice() -> None:
    """The counts before the password is looked at; all the rest after it."""
    person()
    with CaptureQueriesContext(connection) as seen:
        assert log_in(Client()).status_code == 303
    words = [query["sql"].split(" ")[0] for query in seen.captured_queries]
    written = [word for word in words if word != "SELECT"]
    assert written[:5] == ["BEGIN", "INSERT", "INSERT", "COMMIT", "BEGIN"]
    assert written[-1] == "COMMIT"
    assert written.count("BEGIN") == 2  # so that nothing is written outside of them


@pytest.mark.req("S3")
def test_a_login_that_breaks_off_leaves_no_session_and_stays_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(adapter, "write_account_entry", fail)
    client = Client(raise_request_exception=False)
    assert log_in(client).status_code == 500
    assert _read_counts() == ([1], [1])
    assert not SessionRecord.objects.exists() and not Session.objects.exists()


def test_parallel_events_are_all_counted() -> None:
    at_once(8, lambda number: rate_limits.count_event("x", (10, timedelta(minutes=1)), now=NOW))
    assert RateCounter.objects.get().count == 8


@pytest.mark.req("S20")
def test_a_login_and_a_deletion_of_the_row_never_answer_with_an_error() -> None:
    person()

    def race(number: int) -> Any:
        if number == 0:
            User.objects.update(session_epoch=7)
            return 303
        return log_in(Client(REMOTE_ADDR=f"203.0.113.{number}")).status_code

    assert set(at_once(4, race)) <= {303, 200}


@pytest.mark.req("S18")
def test_of_two_answers_to_one_challenge_at_once_one_counts() -> None:
    row = passkey_flow.create_challenge("enter", now=NOW)
    taken = at_once(2, lambda _: passkey_flow.take_challenge(row.id.hex, "enter", now=NOW))
    assert sorted(bool(one) for one in taken) == [False, True]


@pytest.mark.req("S19")
def test_of_two_logins_with_one_code_at_once_one_completes() -> None:
    give_factor(person())
    clients = [Client(), Client()]
    for client in clients:
        log_in(client)
    with time_machine.travel(NOW, tick=False):
        for client in clients:
            log_in(client)
        answers = at_once(2, lambda number: show_code(clients[number], code()).status_code)
    assert sorted(answers) == [200, 303]
