"""The second factor: at login, on the account page, lost and found."""

import base64
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.entry.models import EntryLink, FailureCounter, SessionRecord
from accounts.entry.second_factor import factors
from accounts.entry.second_factor import flows as flow
from accounts.entry.second_factor.mailed_code_flows import compute_mailed_code
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.factors import (
    SECRET,
    code,
    confirmed,
    give_factor,
    prove_mailbox,
    show_code,
    show_mailed_code,
)
from tests.factories.habilitations import make_staff
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    confirm,
    inside,
    letters,
    log_in,
    mailed_path,
    person,
    settle,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
CODE_PAGE = "/compte/second-facteur/code/"
OVERVIEW = "/compte/second-facteur/"
SET_UP = "/compte/second-facteur/application/"


# --- at login -------------------------------------------------------------------------------------


@pytest.mark.req("S18")
def test_the_password_alone_opens_nothing_and_the_code_completes_the_login(client: Client) -> None:
    user = person()
    give_factor(user)
    response = log_in(client, next="/compte/?a=b")
    assert response["Location"] == CODE_PAGE
    assert not inside(client)
    assert not SessionRecord.objects.exists()
    page = client.get(CODE_PAGE)
    assert ADDRESS in page.text
    response = show_code(client, f" {code()[:3]} {code()[3:]} ")
    assert response["Location"] == "/compte/?a=b"
    assert inside(client)
    assert SessionRecord.objects.count() == 1
    for browser in (client, Client()):  # where no login waits
        assert browser.get(CODE_PAGE)["Location"] == "/cas/login"
        assert show_code(browser, "123456")["Location"] == "/cas/login"


def test_a_login_waits_for_its_code_fifteen_minutes_and_a_get_writes_nothing(
    client: Client, clock: Any
) -> None:
    give_factor(person())
    sign_in(client)
    clock.shift(timedelta(minutes=14))
    assert client.get(CODE_PAGE).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get(CODE_PAGE)["Location"] == "/cas/login"
    assert show_code(client, code(NOW + timedelta(minutes=16)))["Location"] == "/cas/login"
    assert not inside(client)


@pytest.mark.req("S19")
def test_a_code_works_once_and_within_one_step_of_drift(client: Client, clock: Any) -> None:
    give_factor(person())
    for other in (-2, 2):
        sign_in(client)
        assert show_code(client, code(later=other)).status_code == 200
    show_code(client, code())
    assert inside(client)
    again = Client()
    sign_in(again)
    show_code(again, code())
    show_code(again, code(later=-1))  # older than the one that was used
    assert not inside(again)
    show_code(again, code(later=1))
    assert inside(again)


@pytest.mark.req("S19")
def test_a_recovery_code_replaces_the_telephone_once_and_is_told(client: Client) -> None:
    user = person()
    codes = give_factor(user)
    assert len(set(codes)) == 10
    sign_in(client)
    show_code(client, f"{codes[3][:4]} {codes[3][4:]}")
    assert inside(client)
    assert factors.get_factor_state(user).codes_left == 9
    (message,) = letters("entry.factor_changed")
    assert "code de secours" in message.text
    again = Client()
    sign_in(again)
    show_code(again, codes[3])
    assert not inside(again)


@pytest.mark.req("S15")
def test_guessing_codes_is_slowed_down_then_stopped_and_only_a_mail_goes_on(
    user: User, client: Client, clock: Any
) -> None:
    codes = give_factor(user)
    sign_in(client)
    for failures in (0, 4):  # the fifth after four
        FailureCounter.objects.update(failures=failures)
        assert show_code(client, "000000").status_code == 200
    assert "Attendez 1\u00a0minute" in show_code(client, code()).text  # even the right one waits
    at = NOW + timedelta(seconds=61)
    clock.move_to(at)
    show_code(client, code(at))
    assert inside(client)
    client.post("/cas/logout")
    sign_in(client)
    show_code(client, "000000")
    FailureCounter.objects.update(failures=9)  # as after eight more
    at = NOW + timedelta(minutes=16)
    clock.move_to(at)
    sign_in(client)
    assert "Trop de codes incorrects" in show_code(client, "000000").text
    sign_in(client)
    page = show_code(client, code(at)).text
    assert "Trop de codes incorrects" in page
    assert "<h1>Saisissez votre code" in page
    show_code(client, codes[0])
    assert not inside(client)
    settle(at)
    Client().post(mailed_path("entry.unlock", "/deverrouillage/", at))
    sign_in(client)
    show_code(client, code(at))
    assert inside(client)
    refused = Entry.objects.filter(act="login.refused", reason="second_factor")
    assert refused.count() == 4
    assert set(refused.values_list("person", flat=True)) == {user.public_id}


@pytest.mark.req("S19")
def test_a_new_password_does_not_go_round_the_factor_nor_open_its_counter(
    user: User, client: Client, clock: Any
) -> None:
    give_factor(user)
    sign_in(client)
    show_code(client, "000000")
    FailureCounter.objects.update(failures=4)
    show_code(client, "000000")
    client.post("/mot-de-passe/oublie/", {"email": ADDRESS})
    settle(NOW)
    new = {"password1": "Peniche-Verte-2027", "password2": "Peniche-Verte-2027"}
    assert client.post(mailed_path("entry.reset", "/mot-de-passe/"), new).status_code == 303
    assert log_in(client, password="Peniche-Verte-2027")["Location"] == CODE_PAGE
    assert "Attendez" in show_code(client, code()).text
    assert not inside(client)


def test_an_account_suspended_between_password_and_code_stays_out(client: Client) -> None:
    user = person()
    give_factor(user)
    sign_in(client)
    User.objects.filter(pk=user.pk).update(status="suspended")
    assert "suspendu" in show_code(client, code()).text
    assert not SessionRecord.objects.exists()


@pytest.mark.req("D33")
def test_trap_8_an_idle_account_comes_back_after_the_code_and_not_before(client: Client) -> None:
    user = person(status="deactivated_inactive")
    give_factor(user)
    sign_in(client)
    user.refresh_from_db()
    assert user.status == "deactivated_inactive"
    show_code(client, code())
    user.refresh_from_db()
    assert user.status == "active"
    assert inside(client)


# --- at rest --------------------------------------------------------------------------------------


@pytest.mark.req("S25")
def test_trap_5_secrets_are_encrypted_and_follow_a_rotation_of_the_key(settings: Any) -> None:
    user = person()
    codes = give_factor(user)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored
    assert all(one not in stored for one in codes)
    old = list(settings.FACTOR_KEYS)
    settings.FACTOR_KEYS = ["a-new-key", *old]
    assert factors.use_code(user, code(), now=NOW) == "application"
    assert factors.use_code(user, codes[0], now=NOW) == "recovery"
    settings.FACTOR_KEYS = ["a-new-key"]
    later = NOW + timedelta(minutes=5)
    assert factors.use_code(user, code(later), now=later) == "application"
    assert factors.use_code(user, codes[1], now=later) == "recovery"


# --- on the account page --------------------------------------------------------------------------


def secret_on(page: str) -> str:
    start = page.index("otpauth://")
    address = page[start : page.index('"', start)].replace("&amp;", "&")
    return parse_qs(urlsplit(address).query)["secret"][0]


def enrol(client: Client, at: datetime = NOW) -> Any:
    confirm(client)
    show_mailed_code(client)
    assert client.post(SET_UP, {"next": "/compte/?suite"})["Location"].startswith(SET_UP)
    page = client.get(f"{SET_UP}?next=/compte/?suite").text
    assert 'src="data:image/svg+xml;base64,' in page
    secret = secret_on(page)
    return client.post(
        SET_UP, {"code": factors.get_code_at(secret, at.timestamp()), "next": "/compte/?suite"}
    )


@pytest.mark.req("S16", "S18")
def test_a_session_stolen_right_after_the_login_makes_no_factor_of_the_thiefs(
    user: User, owner: Client
) -> None:
    """The password of the login does not count, whatever the page."""
    for path in (SET_UP, *(f"{OVERVIEW}{page}/" for page in ("codes", "cles", "cles/creation"))):
        assert owner.post(path)["Location"].startswith(f"{OVERVIEW}verification/?next=")
    give_factor(user)
    sign_in(owner, factor="application")
    for path in (f"{OVERVIEW}codes/", f"{OVERVIEW}retirer/"):
        asked = owner.post(path)["Location"]
        assert asked.startswith(f"{OVERVIEW}verification/?next=")
    page = owner.get(asked).text
    assert "même si vous venez de vous connecter" in page and 'name="code"' not in page
    assert factors.get_factor_state(user).codes_left == 10
    assert owner.post(asked, {"password": PASSWORD})["Location"] == OVERVIEW
    assert owner.post(f"{OVERVIEW}codes/").status_code == 200


@pytest.mark.req("S18", "S20")
def test_trap_4_enrolling_asks_the_password_once_and_no_factor(user: User, client: Client) -> None:
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    before = client.session.session_key
    response = enrol(client)
    page = response.text
    assert page.count("<li>") >= 10
    assert "/compte/?suite" in page
    assert inside(client)
    assert client.session.session_key != before
    assert session_flows.FACTOR in client.session
    assert not inside(elsewhere)
    (message,) = letters("entry.factor_changed")
    assert message.to == ADDRESS
    assert Entry.objects.filter(act="factor.added", person=user.public_id).count() == 1
    assert client.get(SET_UP)["Location"] == OVERVIEW  # the secret is shown for one enrolment


def test_trap_5_the_code_that_proved_the_application_is_used_up(user: User, owner: Client) -> None:
    prove_mailbox(confirmed(owner))
    owner.post(SET_UP)
    secret = secret_on(owner.get(SET_UP).text)
    assert secret not in str(dict(owner.session.items()))  # encrypted there too
    assert owner.post(SET_UP, {"code": "000000"}).status_code == 200
    assert not factors.has_factor(user)
    first = factors.get_code_at(secret, NOW.timestamp())
    owner.post(SET_UP, {"code": first})
    assert factors.use_code(user, first, now=NOW) == ""


@pytest.mark.req("S16")
def test_later_the_password_is_asked_again_and_counted(client: Client, clock: Any) -> None:
    user = person()
    sign_in(client)
    clock.shift(timedelta(minutes=11))
    asked = client.post(SET_UP)["Location"]
    assert asked.startswith("/compte/second-facteur/verification/?next=")
    assert 'name="code"' not in client.get(asked).text
    wrong = {"password": "Tramway-Rouge-2026"}
    for failures in (0, 4):  # the fifth after four
        FailureCounter.objects.update(failures=failures)
        client.post(asked, wrong)
    page = client.post(asked, wrong).text
    assert "attendez" in page.lower()
    clock.shift(timedelta(minutes=2))
    assert client.post(asked, {"password": PASSWORD})["Location"] == SET_UP
    assert not factors.has_factor(user)


@pytest.mark.req("S16", "S18")
def test_who_confirms_to_enrol_lands_on_the_enrolment_without_a_second_click(
    user: User, owner: Client
) -> None:
    asked = owner.post(SET_UP, {"next": "/compte/?suite"})["Location"]
    assert "otpauth" not in owner.get(SET_UP, follow=True).text
    assert not factors.has_factor(user)
    onward = owner.post(asked, {"password": PASSWORD})["Location"]
    waiting = owner.get(onward)["Location"]  # for the code that the confirmation has sent (D73)
    typed = {"code": compute_mailed_code(EntryLink.objects.get(purpose="factor"))}
    page = owner.post(waiting, typed, follow=True).text
    now_code = factors.get_code_at(secret_on(page), NOW.timestamp())
    assert 'name="next" value="/compte/?suite"' in page
    owner.post(SET_UP, {"code": now_code})
    assert factors.has_factor(user)


def test_a_session_opened_before_the_factor_shows_it_before_touching_it(client: Client) -> None:
    user = person()
    sign_in(client)
    give_factor(user)
    asked = client.post("/compte/second-facteur/codes/")["Location"]
    assert asked.startswith("/compte/second-facteur/verification/")
    assert client.post(asked, {"password": PASSWORD, "code": "000000"}).status_code == 200
    assert client.post(asked, {"password": PASSWORD, "code": code()})["Location"] == OVERVIEW
    assert client.post("/compte/second-facteur/codes/").status_code == 200


def test_new_recovery_codes_make_the_old_ones_worthless(user: User, client: Client) -> None:
    old = give_factor(user)
    sign_in(client, factor="application")
    confirmed(client)
    elsewhere = Client()
    elsewhere.force_login(user, backend="accounts.entry.login.backends.PasswordBackend")
    assert inside(elsewhere)
    page = client.post("/compte/second-facteur/codes/").text
    # As with every change of the factor: the other sessions end, this one goes on.
    assert elsewhere.get("/compte/").status_code == 302
    assert inside(client)
    assert old[0][:4] + " " + old[0][4:] not in page
    assert factors.use_code(user, old[0], now=NOW) == ""
    assert factors.get_factor_state(user).codes_left == 10
    assert [message for message in letters("entry.factor_changed") if "secours" in message.text]


@pytest.mark.req("S20")
def test_a_user_may_give_it_up_and_is_told(user: User, client: Client) -> None:
    give_factor(user)
    sign_in(client, factor="application")
    confirmed(client)
    assert client.get("/compte/second-facteur/retirer/").status_code == 200
    assert client.post("/compte/second-facteur/retirer/").status_code == 303
    assert not Authenticator.objects.exists()
    assert session_flows.FACTOR not in client.session
    assert inside(client)
    assert Entry.objects.filter(act="factor.removed", person=user.public_id).exists()
    assert log_in(Client())["Location"] != CODE_PAGE


@pytest.mark.usefixtures("reference")
@pytest.mark.req("S19")
def test_an_agent_resets_a_lost_factor_with_a_reason_and_never_his_own(client: Client) -> None:
    user, agent = person(), make_staff("national")
    give_factor(user)
    sign_in(client, factor="application")
    flow.reset_factors(user, actor=Actor.staff(agent), reason="Rappelée au standard", now=NOW)
    assert not inside(client)
    assert not factors.has_factor(user)
    entry = Entry.objects.get(act="factor.reset")
    assert (entry.actor_kind, entry.actor) == ("staff", str(agent.public_id))
    assert entry.detail.data == {"note": "Rappelée au standard"}
    (message,) = letters("entry.factor_changed", person=user.public_id)
    assert "agent" in message.text
    give_factor(agent)
    with pytest.raises(Refused):
        flow.reset_factors(agent, actor=Actor.staff(agent), reason="x", now=NOW)
    with pytest.raises(Refused):
        flow.reset_factors(user, actor=Actor.staff(agent), reason="x", now=NOW)


@pytest.mark.req("S18")
def test_the_codes_are_those_of_the_standard() -> None:
    """The examples of RFC 6238, appendix B (SHA-1), in six digits."""
    for moment, shown in [
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ]:
        secret = base64.b32encode(b"12345678901234567890").decode()
        assert factors.get_code_at(secret, moment) == shown
