"""What a new password, a reported loss, a changed factor end: links, known browsers, proofs."""

import re
from collections.abc import Callable

import pytest
from django.core import signing
from django.test import Client, RequestFactory

from accounts.entry.limits import known_devices
from accounts.entry.links import mailed_links
from accounts.entry.models import EntryLink
from accounts.entry.recovery import address_flows as address_flow
from accounts.entry.second_factor import factors
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.models import Mail
from tests.factories.factors import code, confirmed, give_factor, prove_mailbox
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    letters,
    log_in,
    person,
    settle,
    sign_in,
)
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
NEW = "Autobus-Vert-2027"
CLOSING = "/compte/fermeture/en-cours/"


def issue_path(purpose: str, start: str) -> str:
    """The path of a link as a mail has brought it."""
    link = mailed_links.issue_link(User.objects.get(), purpose, now=NOW)
    return f"{start}{mailed_links.sign_link_key(link)}/"


def issue_reset() -> str:
    return issue_path(mailed_links.Purpose.RESET, "/mot-de-passe/")


def issue_loss() -> str:
    return issue_path(mailed_links.Purpose.LOSS, "/signalement/")


def change_own(client: Client) -> None:
    answer = client.post(
        "/compte/mot-de-passe/", {"current": PASSWORD, "password1": NEW, "password2": NEW}
    )
    assert answer.status_code == 303


def change_by_command(client: Client) -> None:
    user = User.objects.get()
    user.set_password(NEW)  # as `manage.py changepassword` does
    user.save()


def reset_elsewhere(client: Client) -> None:
    assert Client().post(issue_reset(), {"password1": NEW, "password2": NEW}).status_code == 303


@pytest.mark.req("S20", "S19", "R106")
def test_older_links_end_with_the_password(owner: Client) -> None:
    reset, loss, thief = issue_reset(), issue_loss(), Client()
    assert thief.get(reset).status_code == thief.get(loss).status_code == 200
    stolen = {"password1": "Voleur-Rouge-2027", "password2": "Voleur-Rouge-2027"}
    for change in (change_by_command, reset_elsewhere, change_own):
        with rolled_back():
            change(owner)
            assert thief.get(reset).status_code == 410, change
            assert thief.post(reset, stolen).status_code == 410, change
            assert thief.post(loss).status_code == 410, change
            assert User.objects.get().check_password(NEW), change


@pytest.mark.req("S20")
def test_a_reset_asked_just_before_sends_nothing_afterwards() -> None:
    person()
    owner = Client()
    sign_in(owner)
    Client().post("/mot-de-passe/oublie/", {"email": ADDRESS})
    change_own(owner)
    settle()
    assert not EntryLink.objects.filter(used_at__isnull=True).exists()
    assert letters("entry.reset") == []


@pytest.mark.req("S20", "S10", "D57")
@pytest.mark.parametrize(
    ("act", "stays"),
    [
        (change_own, True),
        (reset_elsewhere, False),
        (lambda owner: Client().post(issue_loss()), False),
        (lambda owner: owner.post("/compte/sessions/fermer/"), True),
        (lambda owner: add_factor(owner), True),
    ],
    ids=["own password", "reset", "loss", "everywhere", "factor"],
)
def test_other_browsers_are_forgotten_but_the_one_that_did_it(
    user: User, owner: Client, act: Callable[[Client], object], stays: bool
) -> None:
    thief = Client()
    sign_in(thief)
    assert device_name(thief, user) and device_name(owner, user)
    act(owner)
    user.refresh_from_db()
    assert not device_name(thief, user)
    assert bool(device_name(owner, user)) is stays


@pytest.mark.req("S10")
def test_a_thief_with_a_once_known_browser_is_told_by_mail_and_counted_as_a_stranger(
    owner: Client,
) -> None:
    thief = Client()
    sign_in(thief)
    change_own(owner)
    told = Mail.objects.filter(kind="entry.new_device").count()
    log_in(thief, password=NEW)
    assert Mail.objects.filter(kind="entry.new_device").count() == told + 1


def test_a_cookie_in_another_form_is_a_strangers() -> None:
    for cookie in [["a"], ["a", "ref"], ["a", ["ref", "x"]], [], {"a": 1}, "a"]:
        request = RequestFactory().get("/")
        request.COOKIES["device"] = signing.dumps(cookie, salt="entry.device")
        assert known_devices.get_device_name(request, ADDRESS) == "", cookie


@pytest.mark.req("D50", "S19")
def test_the_proof_of_a_closure_ends_with_the_password(user: User) -> None:
    User.objects.update(status=Status.CLOSING)
    thief = Client()
    assert log_in(thief)["Location"] == CLOSING
    assert thief.get(CLOSING).status_code == 200
    user.set_password(NEW)
    user.save(update_fields=["password"])
    assert thief.post(CLOSING)["Location"] == "/cas/login"
    assert User.objects.get().status == Status.CLOSING


@pytest.mark.req("D50", "S19")
def test_giving_up_a_closure_asks_for_the_second_factor(user: User) -> None:
    give_factor(user)
    User.objects.update(status=Status.CLOSING)
    client = Client()
    assert log_in(client)["Location"] == CLOSING
    assert "double authentification" in client.get(CLOSING).text
    assert "Saisissez le code" in client.post(CLOSING).text
    assert "incorrect" in client.post(CLOSING, {"code": "000000"}).text
    assert User.objects.get().status == Status.CLOSING
    assert client.post(CLOSING, {"code": code()})["Location"] == "/cas/login"
    assert User.objects.get().status == Status.ACTIVE


def test_an_address_link_asked_before_a_new_password_ends_too(user: User) -> None:
    owner = Client()
    sign_in(owner)
    prove_mailbox(owner)
    address_flow.request_address_change(
        user, "autre@garage.example.org", mailed=owner.session["mailed_code"], now=NOW
    )
    change_own(owner)
    assert not EntryLink.objects.filter(purpose="address", used_at__isnull=True).exists()


def device_name(client: Client, user: User) -> str:
    request = RequestFactory().get("/")
    request.COOKIES["device"] = client.cookies["device"].value
    return known_devices.get_device_name(request, user.email)


def add_factor(owner: Client) -> None:
    prove_mailbox(confirmed(owner))
    owner.post("/compte/second-facteur/application/")
    page = owner.get("/compte/second-facteur/application/").text
    found = re.search(r'class="mono secret">([A-Z2-7 ]+)<', page)
    assert found
    shown = factors.get_code_at(found[1].replace(" ", ""), NOW.timestamp())
    answer = owner.post("/compte/second-facteur/application/", {"code": shown})
    assert answer.status_code == 200, answer
