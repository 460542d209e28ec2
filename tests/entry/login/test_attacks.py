"""Ways round the door that somebody might try, each with what stops it (S8, S15, S19, S20)."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.entry.links import mailed_links
from accounts.entry.models import FailureCounter
from accounts.entry.second_factor import factors
from accounts.entry.second_factor.passkeys import owned_passkeys
from accounts.entry.sessions import session_flows
from accounts.entry.upkeep.purge import purge_entry_rows
from accounts.leaving.account_erasure import erase_accounts
from accounts.people.models import User
from tests.factories.factors import code, give_factor, show_code
from tests.factories.passkeys import enter, give_passkey, show_passkey
from tests.factories.people import ADDRESS, NOW, PASSWORD, inside, log_in, person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
CODE_PAGE = "/compte/second-facteur/code/"


# --- between the password and the second factor ---------------------------------------------------


@pytest.mark.req("R103")
def test_a_login_that_waits_keeps_no_address_and_not_for_long(client: Client, clock: Any) -> None:
    give_factor(person())
    log_in(client, service="", next="/compte/")
    stored = Session.objects.get()
    assert ADDRESS not in str(stored.get_decoded())
    assert stored.expire_date == NOW + timedelta(minutes=15)
    clock.shift(timedelta(minutes=15, seconds=1))
    purge_entry_rows(NOW + timedelta(minutes=15, seconds=1))
    assert not Session.objects.exists()


def test_a_complete_login_has_the_ordinary_life_again(client: Client) -> None:
    give_factor(person())
    assert log_in(client).cookies["sessionid"]["max-age"] == 900
    response: Any = show_code(client, code())
    assert response.cookies["sessionid"]["max-age"] == ""  # ends with the browser
    assert Session.objects.get().expire_date == NOW + timedelta(hours=10)
    assert ADDRESS not in str(Session.objects.get().get_decoded())


@pytest.mark.req("D50")
def test_the_proof_of_a_closing_account_is_no_long_session_either(client: Client) -> None:
    person(status="closing", revivable_until=NOW + timedelta(days=3))
    log_in(client)
    assert Session.objects.get().expire_date == NOW + timedelta(minutes=15)


def test_an_account_erased_meanwhile_leads_back_to_the_login(user: User, client: Client) -> None:
    give_factor(user)
    sign_in(client)
    erase_accounts([user.pk], cause="closure", now=NOW)
    assert client.get(CODE_PAGE)["Location"] == "/cas/login"
    assert show_code(client, code())["Location"] == "/cas/login"


@pytest.mark.req("S20")
def test_a_password_typed_before_it_was_changed_waits_for_nothing(client: Client) -> None:
    user = person()
    give_factor(user)
    sign_in(client)
    session_flows.end_all_sessions(
        user, reason="password", now=NOW
    )  # what a change of password does
    assert show_code(client, code())["Location"] == "/cas/login"
    assert not inside(client)
    sign_in(client)
    User.objects.filter(pk=user.pk).update(password=f"{user.password}x")
    assert client.get(CODE_PAGE)["Location"] == "/cas/login"


# --- a stolen session -----------------------------------------------------------------------------


@pytest.mark.req("S16", "S20")
def test_a_stolen_session_changes_no_key_of_the_account(client: Client, clock: Any) -> None:
    user = person()
    give_factor(user)
    give_passkey(user)
    sign_in(client, factor="application")
    before = (user.password, user.email, factors.get_factor_state(user))
    clock.shift(timedelta(minutes=11))
    (row,) = owned_passkeys.select_passkeys(user)
    key = reverse("entry:passkey", args=[owned_passkeys.describe_passkey(row).ref])
    new = {"password1": "Peniche-Verte-2027", "password2": "Peniche-Verte-2027"}
    mail = {"email": "voleur@example.net", "email2": "voleur@example.net"}
    wrong = {"current": "Faux-Mot-2026"}
    for path, data in (
        ("/compte/mot-de-passe/", {**wrong, **new}),
        ("/compte/mot-de-passe/", new),
        ("/compte/adresse/", {**wrong, **mail}),
        ("/compte/adresse/", mail),
        ("/compte/second-facteur/application/", {}),
        ("/compte/second-facteur/codes/", {}),
        ("/compte/second-facteur/retirer/", {}),
        ("/compte/second-facteur/cles/", {"name": "x", "passkey": "{}"}),
        ("/compte/second-facteur/cles/creation/", {}),
        (key, {"remove": "1"}),
        ("/compte/fermeture/", {"password": "Faux-Mot-2026"}),
    ):
        client.post(path, data)
    user.refresh_from_db()
    assert (user.password, user.email, factors.get_factor_state(user)) == before
    assert user.status == "active"


@pytest.mark.req("R105", "R106", "S19")
def test_a_key_that_a_thief_has_added_opens_nothing_alone_after_a_reported_loss(
    user: User, client: Client
) -> None:
    # Added too long ago to be set aside: the owner's, or a thief's who has waited.
    device = give_passkey(user, now=NOW - settings.FACTOR_PROBATION)
    enter(client, device)
    assert inside(client)
    link = mailed_links.issue_link(user, mailed_links.Purpose.LOSS, now=NOW)
    client.post(reverse("entry:loss", args=[mailed_links.sign_link_key(link)]))
    assert not inside(client)
    page = enter(client, device).text
    assert "ne suffit plus" in page
    assert not inside(client)
    user.refresh_from_db()
    user.set_password(PASSWORD)
    user.save()
    # …and is still asked for after the password: the mailbox is not worth the factor.
    assert log_in(client)["Location"] == CODE_PAGE
    show_passkey(client, device)
    assert inside(client)
    assert "depuis un signalement" in client.get("/compte/second-facteur/").text


# --- one account, many spellings ------------------------------------------------------------------


@pytest.mark.req("S15", "D57")
def test_other_spellings_of_an_address_fill_the_same_counter() -> None:
    person()
    spellings = (
        "JEANNE.MARTIN@GARAGE.EXAMPLE.ORG",
        " jeanne.martin@garage.example.org ",
        "Jeanne.Martin@Garage.Example.Org",
        "jeanne.martin@garage。example.org",
        "jeanne.martin@garage.example.org\u200b",
    )
    for typed in spellings:
        log_in(Client(), typed, "Faux-Mot-2026")
    assert {counter.failures for counter in FailureCounter.objects.all()} == {len(spellings)}
    assert FailureCounter.objects.count() == 1
    assert "ttendez" in log_in(Client()).text


# --- session ids ----------------------------------------------------------------------------------


@pytest.mark.req("S20")
def test_an_id_that_was_planted_before_is_worth_nothing_after(user: User, client: Client) -> None:
    give_factor(user)
    thief = Client()
    log_in(thief, password="Faux-Mot-2026")
    planted = "a" * 32
    client.cookies["sessionid"] = planted
    sign_in(client)
    waiting = client.cookies["sessionid"].value
    show_code(client, code())
    assert inside(client)
    for key in (planted, waiting):
        thief.cookies["sessionid"] = key
        assert not inside(thief)
