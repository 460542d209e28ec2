"""Failures in a row: growing delay, lock, unlock by mail; strangers never touch the owner's counter
(D57).
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.entry.acts import EntryAct
from accounts.entry.limits import rate_limits
from accounts.entry.login.flows import LoginCircumstances, try_password
from accounts.entry.models import FailureCounter, PostedRequest, RateCounter
from accounts.entry.posted_requests import Kind
from accounts.people.models import User
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.people import ADDRESS, NOW, letters, log_in, path_in, person, settle

pytestmark = [pytest.mark.django_db, pytest.mark.both]
WRONG = "Tramway-Rouge-2026"
LOCKED = "la connexion à ce compte depuis cet appareil est bloquée"


def fail(client: Client, times: int, start: datetime = NOW) -> tuple[datetime, str]:
    """Fail so many times, waiting as long as asked. The moment after, and what the last answer
    said.
    """
    at, text = start, ""
    for _ in range(times):
        with time_machine.travel(at, tick=False):
            text = log_in(client, ADDRESS, WRONG).text
        at += timedelta(minutes=16)
    return at, text


def lock(client: Client, at: datetime = NOW) -> None:
    """As ten failures in a row, of which nine are told to the counter alone."""
    with time_machine.travel(at, tick=False):
        log_in(client, ADDRESS, WRONG)
        FailureCounter.objects.update(failures=9, open_until=None)
        assert LOCKED in log_in(client, ADDRESS, WRONG).text


@pytest.mark.req("S1", "S3", "S15")
def test_the_delay_grows_after_four_free_failures() -> None:
    minutes = [
        rate_limits.get_delay_after(failures).total_seconds() / 60 for failures in range(1, 10)
    ]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8, 15]


@pytest.mark.req("S3")
def test_the_right_password_is_refused_during_the_delay_and_accepted_after_it(
    client: Client,
) -> None:
    person()
    with time_machine.travel(NOW, tick=False):
        for _ in range(5):
            text = log_in(client, password=WRONG).text
        assert "attendez 1\u00a0minute avant" in text
        assert log_in(client).status_code == 200
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        assert log_in(client).status_code == 200
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert log_in(client).status_code == 303
    assert not FailureCounter.objects.exists()


@pytest.mark.req("S3", "D57")
def test_the_eleventh_attempt_is_refused_even_with_the_right_password(client: Client) -> None:
    person()
    at, text = fail(client, 10)
    assert LOCKED in text
    with time_machine.travel(at + timedelta(days=30), tick=False):
        response = log_in(client)
    assert response.status_code == 200
    assert LOCKED in response.text


@pytest.mark.req("S8")
def test_an_address_without_account_locks_in_the_same_words(client: Client) -> None:
    lock(client)  # nobody has the address
    assert PostedRequest.objects.filter(kind=Kind.UNLOCK).count() == 1
    assert settle() == {"unknown": 1}
    assert not Mail.objects.exists()


@pytest.mark.req("D57", "S4")
def test_strangers_failures_never_keep_the_owner_out(client: Client, now: Any) -> None:
    person()
    assert log_in(client).status_code == 303
    lock(Client())
    client.post("/cas/logout")
    assert log_in(client).status_code == 303
    assert log_in(Client()).status_code == 200


@pytest.mark.req("D57")
def test_a_known_device_has_a_limit_of_its_own(owner: Client, now: Any) -> None:
    owner.post("/cas/logout")
    lock(owner)
    assert log_in(owner).status_code == 200
    assert log_in(Client()).status_code == 303


@pytest.mark.req("D57")
def test_a_device_of_another_person_or_a_forged_one_is_a_stranger(now: Any) -> None:
    person()
    person("autre.personne@garage.example.org")
    others, forged = Client(), Client()
    log_in(others, "autre.personne@garage.example.org")
    others.post("/cas/logout")
    forged.cookies["device"] = "WyJmb3JnZWQiXQ:1aaaaa:forged"
    for client in (others, forged):
        log_in(client, password=WRONG)
    (counter,) = FailureCounter.objects.all()
    assert (counter.key.endswith(":others"), counter.failures) == (True, 2)


@pytest.mark.req("D57", "S4", "S24")
def test_the_mail_opens_the_door_again_by_a_post_only(user: User, client: Client, now: Any) -> None:
    lock(client)
    assert settle() == {"mailed": 1}
    (message,) = letters("entry.unlock")
    assert message.to == user.email
    path = path_in(message, "/deverrouillage/")
    assert client.get(path).status_code == 200
    assert FailureCounter.objects.get().failures == 10
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (303, "/cas/login")
    assert client.post(path).status_code == 410
    # The browser of the mail is a known device from now on.
    lock(Client())
    assert log_in(client).status_code == 303


@pytest.mark.req("R127", "D46")
def test_the_device_cookie_lives_less_than_thirteen_months_and_names_nobody(
    client: Client, now: Any
) -> None:
    person()
    response = log_in(client)
    cookie = response.cookies["device"]
    assert 0 < int(cookie["max-age"]) <= 393 * 86400
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert "jeanne" not in cookie.value


@pytest.mark.req("S3", "S15")
def test_a_network_that_tries_too_often_gets_the_429_page(now: Any, settings: Any) -> None:
    """Up to the limit of the setting the right password of that network enters."""
    assert settings.LOGINS_PER_IP == (30, timedelta(minutes=1))
    settings.LOGINS_PER_IP = (3, timedelta(minutes=1))
    person()
    for number in range(2):
        log_in(Client(), f"personne{number}@garage.example.org", WRONG)
    assert log_in(Client()).status_code == 303
    log_in(Client(), "personne@garage.example.org", WRONG)
    response = log_in(Client(), "encore@garage.example.org", WRONG)
    assert response.status_code == 429
    assert response["Retry-After"]


# --- one public address, many people -------------------------------------------------------------


def network_count() -> int:
    return sum(RateCounter.objects.filter(key__startswith="login:").values_list("count", flat=True))


@pytest.mark.req("S3", "D57")
def test_people_behind_one_address_log_in_however_many_they_are(now: Any, settings: Any) -> None:
    settings.LOGINS_PER_IP = (3, timedelta(minutes=1))
    person()
    for _ in range(4):
        assert log_in(Client()).status_code == 303
    assert network_count() == 0


@pytest.mark.req("S3", "S15")
def test_successes_of_ones_own_account_launder_no_failure(now: Any, settings: Any) -> None:
    """Whoever guesses and logs in to their own account in between is refused at the same guess."""
    settings.LOGINS_PER_IP = (3, timedelta(minutes=1))
    person()
    for number in range(3):
        assert log_in(Client(), f"cible{number}@garage.example.org", WRONG).status_code == 200
        assert log_in(Client()).status_code == (303 if number < 2 else 429)
    assert log_in(Client(), "cible@garage.example.org", WRONG).status_code == 429
    assert network_count() >= 3


def test_a_success_takes_back_one_count_of_its_own_window_and_never_below_none() -> None:
    rate = (30, timedelta(minutes=1))
    for _ in range(2):
        rate_limits.count_event("x", rate, now=NOW)
    rate_limits.uncount_event("x", rate, now=NOW)
    rate_limits.uncount_event("x", rate, now=NOW + timedelta(minutes=1))
    assert RateCounter.objects.get(key="x").count == 1
    for _ in range(3):
        rate_limits.uncount_event("x", rate, now=NOW)
    assert RateCounter.objects.get(key="x").count == 0


def test_the_wait_is_the_rest_of_the_window() -> None:
    rate = (1, timedelta(minutes=1))
    start = NOW.replace(second=0, microsecond=0)
    assert rate_limits.count_event("x", rate, now=start) == 0
    assert rate_limits.count_event("x", rate, now=start + timedelta(seconds=20)) == 40
    assert (
        rate_limits.count_event("x", rate, now=start + timedelta(seconds=59, milliseconds=900)) == 1
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("S25")
def test_a_refused_login_is_journaled_whatever_follows() -> None:
    """The line is committed by itself, never in a transaction that may be undone."""
    fail(Client(), 1)
    assert Entry.objects.filter(act=EntryAct.LOGIN_REFUSED).count() == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        try_password(ADDRESS, lambda: None, where=LoginCircumstances(), now=NOW)
