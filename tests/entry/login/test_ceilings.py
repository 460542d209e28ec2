"""What strangers can have sent to one mailbox (S23), and what the owner still gets (D57)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import QuerySet
from django.test import Client

from accounts.entry import metrics
from accounts.entry.limits.mail_ceilings import MAILBOX_FULL
from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind, post_request
from accounts.people.models import User
from mgestion.outbox.models import Mail
from tests.factories.people import ADDRESS, NOW, letters, log_in, path_in, person, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def sign_up(address: str) -> Any:
    return Client().post("/inscription/", {"email": address, "email2": address})


def mailed_ways_back() -> QuerySet[PostedRequest]:
    return PostedRequest.objects.filter(kind__in=(Kind.RESET, Kind.LOSS))


@pytest.mark.req("S23", "S8")
def test_many_tags_are_one_mailbox() -> None:
    for tag in range(6):
        post_request(Kind.SIGN_UP, f"jo.dupont+{tag}@garage.example.org", now=NOW)
    answer = sign_up("jo.dupont+6@garage.example.org")
    assert answer["Location"].partition("?")[0] == "/inscription/envoye/"  # whatever is sent
    settle()
    assert Mail.objects.filter(kind="entry.create_password").count() == 5
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP, outcome="created").count() == 7
    sign_up("li.durand@garage.example.org")
    settle()
    assert Mail.objects.filter(kind="entry.create_password").count() == 6


@pytest.mark.req("S23", "S4")
def test_sign_ups_under_tags_do_not_use_up_the_way_back() -> None:
    person()
    local, _, domain = ADDRESS.partition("@")
    for tag in range(6):
        post_request(Kind.SIGN_UP, f"{local}+{tag}@{domain}", now=NOW)
    settle()
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP).count() == 6
    assert Mail.objects.filter(kind="entry.create_password").count() == 5
    for path in ("/mot-de-passe/oublie/", "/signalement/"):
        Client().post(path, {"email": ADDRESS})
    settle()
    assert mailed_ways_back().filter(outcome="mailed").count() == 2


@pytest.mark.req("S23", "S8")
def test_resets_from_many_networks_stop_at_the_ceilings_of_an_hour_and_of_a_day(
    settings: Any,
) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert settings.MAILS_PER_MAILBOX == ((5, hour), (20, day))
    settings.MAILS_PER_MAILBOX = ((2, hour), (7, day))
    person()
    for minute in range(0, 4 * 60, 20):
        at = NOW + timedelta(minutes=minute)
        if minute in (0, 40):  # the page says the same when a ceiling is reached
            with time_machine.travel(at, tick=False):
                client = Client(REMOTE_ADDR=f"203.0.113.{minute // 20}")
                answer = client.post("/mot-de-passe/oublie/", {"email": ADDRESS})
                assert answer["Location"] == "/mot-de-passe/envoye/"
        else:
            post_request(Kind.RESET, ADDRESS, now=at)
        settle(at)
    rows = PostedRequest.objects.order_by("created_at").values_list("outcome", flat=True)
    full = MAILBOX_FULL
    assert list(rows) == [*["mailed", "mailed", full] * 2, "mailed", *[full] * 5]


@pytest.mark.req("S23")
def test_the_hours_ceiling_and_the_figures() -> None:
    person()
    for minute in range(0, 16, 2):
        at = NOW + timedelta(minutes=minute)
        post_request(Kind.RESET, ADDRESS, now=at)
        settle(at)
    rows = PostedRequest.objects.order_by("created_at")
    outcomes = list(rows.values_list("outcome", flat=True))
    assert outcomes == ["mailed"] * 5 + ["capped"] * 3  # D16 comes first within 15 minutes
    at = NOW + timedelta(minutes=30)
    post_request(Kind.RESET, ADDRESS, now=at)
    settle(at)
    assert (
        PostedRequest.objects.filter(kind=Kind.RESET).latest("created_at").outcome == MAILBOX_FULL
    )
    said = metrics.measure_entry(at)
    assert said["entry_mails_asked_last_hour"] == 5
    assert said["entry_mails_refused_by_ceiling_last_hour"] == 1


@pytest.mark.req("D57", "S4")
def test_strangers_who_fill_a_mailbox_do_not_stop_its_owner() -> None:
    person()
    owner = Client()
    log_in(owner)
    for minute in range(0, 10, 2):
        at = NOW + timedelta(minutes=minute)
        post_request(Kind.RESET, ADDRESS, now=at)
        settle(at)
    at = NOW + timedelta(minutes=30)
    with time_machine.travel(at, tick=False):
        for path in ("/mot-de-passe/oublie/", "/signalement/"):
            Client().post(path, {"email": ADDRESS})
        settle(at)
        assert mailed_ways_back().filter(outcome=MAILBOX_FULL).count() == 2
        for path in ("/mot-de-passe/oublie/", "/signalement/"):
            owner.post(path, {"email": ADDRESS})
        settle(at)
    assert mailed_ways_back().filter(known=True, outcome="mailed").count() == 2


@pytest.mark.req("D57", "D16")
def test_a_second_lock_within_the_cooldown_is_mailed_when_the_first_link_is_used() -> None:
    user = person()
    counter = "x:others"

    def lock() -> None:
        post_request(Kind.UNLOCK, user.email, counter=counter, now=NOW)
        settle()

    lock()
    lock()  # the first link still works: one mail
    assert Mail.objects.filter(kind="entry.unlock").count() == 1
    path = path_in(letters("entry.unlock")[0], "/deverrouillage/")
    assert Client().post(path).status_code == 303
    lock()
    assert Mail.objects.filter(kind="entry.unlock").count() == 2
    counter = "x:known:y"
    lock()  # another counter, which the link in the mailbox does not open
    assert Mail.objects.filter(kind="entry.unlock").count() == 3


@pytest.mark.req("D16", "S8")
def test_the_page_says_the_truth_about_a_second_request(client: Client) -> None:
    person()
    for _ in range(2):
        page = client.post("/mot-de-passe/oublie/", {"email": ADDRESS}, follow=True).text
        settle()
        assert "vient d’y partir" not in page
        assert "il n’en part pas d’autre" in page
    assert Mail.objects.filter(kind="entry.reset").count() == 1
    assert User.objects.count() == 1
