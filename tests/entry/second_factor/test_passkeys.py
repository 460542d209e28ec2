"""Passkeys as a way in: instead of the password, and after it (S8, S11, S18)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.entry.models import FailureCounter, PasskeyChallenge, RateCounter, SessionRecord
from accounts.entry.second_factor.passkeys import webauthn
from accounts.entry.second_factor.passkeys.webauthn import PasskeyOutcome
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from mgestion.journal.models import Entry
from tests.factories.cas import SERVICE, make_platform, make_visitor
from tests.factories.factors import give_factor
from tests.factories.habilitations import make_staff
from tests.factories.passkeys import (
    OPTIONS,
    PRESENT,
    VERIFIED,
    Device,
    ask,
    enter,
    give_passkey,
    passkey_rows,
    show_passkey,
)
from tests.factories.people import ADDRESS, NOW, inside, letters, log_in, person, sign_in
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
CODE_PAGE = "/compte/second-facteur/code/"
NOT_KNOWN = "pas été reconnue"


# --- instead of the password ----------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.req("S18")
def test_a_passkey_alone_opens_a_session_that_counts_as_two_factors(client: Client) -> None:
    user = person()
    device = give_passkey(user)
    response = enter(client, device, next="/compte/?a=b")
    assert (response.status_code, response["Location"]) == (303, "/compte/?a=b")
    assert inside(client)
    assert session_flows.FACTOR in client.session
    assert session_flows.PROVEN in client.session
    (row,) = passkey_rows(user)
    assert row.last_used_at == NOW
    record = SessionRecord.objects.get()
    assert record.new_device
    entry = Entry.objects.get(act="login.succeeded")
    assert entry.person == user.public_id
    assert entry.detail.data["factor"] == "passkey"


@pytest.mark.req("S10")
def test_a_login_by_passkey_from_a_new_browser_is_told_and_the_browser_known(
    user: User, client: Client
) -> None:
    device = give_passkey(user)
    log_in(Client())  # the first login of all is not told
    enter(Client(), device)
    assert len(letters("entry.new_device")) == 0  # the password page stopped at the factor
    enter(client, device)
    assert len(letters("entry.new_device")) == 1
    enter(client, device)
    assert len(letters("entry.new_device")) == 1


@pytest.mark.req("S11", "S18")
@pytest.mark.usefixtures("reference")
def test_an_agent_reaches_the_administration_with_a_passkey_only(
    client: Client, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    agent = make_staff("national")
    device = give_passkey(agent)
    assert enter(client, device)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.req("R8")
@pytest.mark.usefixtures("reference", "terms")
def test_the_service_is_kept_and_its_ticket_leaves_with_the_answer(client: Client) -> None:
    device = give_passkey(make_visitor(make_platform()))
    response = enter(client, device, service=SERVICE)
    assert response.status_code == 303
    assert response["Location"].startswith(f"{SERVICE}?ticket=ST-")


@pytest.mark.req("S8")
def test_what_is_asked_names_nobody_and_is_the_same_for_everybody(client: Client) -> None:
    give_passkey(person())
    asked = ask(client)["publicKey"]
    assert asked.get("allowCredentials", []) == []
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "localhost"
    assert ADDRESS not in json.dumps(asked)


@pytest.mark.req("S8")
def test_an_unknown_key_and_a_wrong_signature_get_the_same_answer(client: Client) -> None:
    user = person()
    device = give_passkey(user)
    stranger, forger = Device(handle=b"x" * 16), Device(handle=device.handle, id=device.id)
    pages = [enter(Client(), one) for one in (stranger, forger, Device(handle=b""))]
    assert {page.status_code for page in pages} == {200}
    assert all(NOT_KNOWN in page.text for page in pages)
    assert not inside(client)
    refused = Entry.objects.filter(act="login.refused")
    assert sorted(refused.values_list("reason", flat=True)) == [
        "passkey",
        "passkey",
        "passkey_wrong",
    ]


def test_another_origin_or_an_unverified_person_is_refused() -> None:
    user, challenge = person(), b"x" * 32
    device = give_passkey(user)
    asked = webauthn.build_request_options(user, challenge)
    wrong: list[dict[str, Any]] = [
        {"flags": PRESENT},  # nobody was recognised by the device
        {"flags": VERIFIED},  # nobody was there
        {"origin": "http://localhost.example.org"},
        {"origin": "http://sous.localhost:8000"},
        {"origin": "http://127.0.0.1:8000"},
        {"host": "example.org"},
        {"cross_origin": True},
    ]
    for facts in wrong:
        answer = replace(device, **facts).get(asked)
        outcome = webauthn.verify_assertion(user, answer, challenge, alone=True, now=NOW)
        assert outcome is PasskeyOutcome.WRONG, facts
    outcome = webauthn.verify_assertion(user, device.get(asked), challenge, alone=True, now=NOW)
    assert outcome is PasskeyOutcome.RIGHT


@pytest.mark.both
def test_a_challenge_counts_once_in_its_own_session_and_for_five_minutes(
    client: Client, clock: Any
) -> None:
    device = give_passkey(person())
    answer = device.get(ask(client))
    twin = Client()  # a session that knows of the same challenge
    session = twin.session
    session.update(dict(client.session))
    session.save()
    assert client.post("/cas/login", {"passkey": answer}).status_code == 303
    assert client.post("/cas/login", {"passkey": answer}).status_code == 200
    assert NOT_KNOWN in twin.post("/cas/login", {"passkey": answer}).text
    assert not inside(twin)
    thief, victim = Client(), Client()
    ask(thief)
    stolen = device.get(ask(victim))
    assert thief.post("/cas/login", {"passkey": stolen}).status_code == 200
    assert not inside(thief)
    late = device.get(ask(victim))
    clock.shift(timedelta(minutes=5))
    assert NOT_KNOWN in victim.post("/cas/login", {"passkey": late}).text
    assert not inside(victim)


def test_a_challenge_for_one_purpose_is_none_for_another(user: User, client: Client) -> None:
    device = give_passkey(user)
    sign_in(client)
    answer = device.get(ask(client, "prove"))
    client.post("/cas/login", {"passkey": answer})
    assert not inside(client)
    answer = device.get(ask(client, "enter"))
    assert NOT_KNOWN in client.post(CODE_PAGE, {"passkey": answer}).text
    assert not inside(client)


def test_a_counter_that_does_not_grow_is_a_copy_refused_and_told(
    user: User, client: Client
) -> None:
    device = give_passkey(user, counter=5)
    enter(Client(), device)
    for counter in (4, 5):  # signs with 5 or 6: the last one was 6
        with rolled_back():
            copy = Device(counter=counter, handle=device.handle, key=device.key, id=device.id)
            assert "semble avoir été copiée" in enter(client, copy).text
            assert not inside(client)
            (message,) = letters("entry.factor_changed")
            assert "copiée" in message.text
            assert Entry.objects.filter(act="login.refused", reason="passkey_copied").exists()
        client = Client()


def test_nonsense_is_answered_in_french(client: Client) -> None:
    ask(client)
    page = client.post("/cas/login", {"passkey": '{"response":{}}'})
    assert page.status_code == 200
    assert NOT_KNOWN in page.text


def test_nonsense_is_nobodys_answer(user: User) -> None:
    give_passkey(user)
    for typed in ("", "{}", "[]", "null", "\x1f", "[" * 9000, '{"response":{}}'):
        assert webauthn.find_answer_owner(typed) is None, typed
        outcome = webauthn.verify_assertion(user, typed, b"x" * 32, alone=True, now=NOW)
        assert outcome is PasskeyOutcome.WRONG, typed


def test_a_mangled_answer_is_wrong(user: User) -> None:
    challenge, device = b"x" * 32, give_passkey(user)
    answered = device.get(webauthn.build_request_options(user, challenge))
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for value in (None, 1, "", "é", "AAAA", ["x"], {"a": 1}):
            answer = json.loads(answered)
            answer["response"][part] = value
            outcome = webauthn.verify_assertion(
                user, json.dumps(answer), challenge, alone=False, now=NOW
            )
            good = part == "userHandle" and value in (None, "")
            wanted = PasskeyOutcome.RIGHT if good else PasskeyOutcome.WRONG
            assert outcome is wanted, (part, value)


@pytest.fixture
def few_tries(settings: Any) -> None:
    settings.LOGINS_PER_IP = (3, timedelta(minutes=1))


@pytest.mark.req("S15")
@pytest.mark.usefixtures("few_tries")
def test_asking_is_limited_by_network(client: Client) -> None:
    answers = [client.post(OPTIONS, {"purpose": "enter"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


@pytest.mark.req("S3")
@pytest.mark.usefixtures("few_tries")
def test_a_login_by_passkey_takes_its_question_and_its_count_back() -> None:
    """Colleagues behind one address ask, answer and are in, more of them than may fail."""
    device = give_passkey(person())
    for _ in range(2):  # two posts each: the question, then the answer
        assert enter(Client(), device).status_code == 303
    counts = RateCounter.objects.filter(key__regex="^(login|passkey):")
    assert set(counts.values_list("count", flat=True)) == {0}


@pytest.mark.req("S3")
@pytest.mark.usefixtures("few_tries")
def test_a_second_factor_that_succeeds_takes_its_count_back() -> None:
    device = give_passkey(person())
    for _ in range(2):  # two posts each: the password, then the key
        browser = Client()
        sign_in(browser)
        assert show_passkey(browser, device).status_code == 303
    assert not RateCounter.objects.filter(key__regex="^(login|passkey):", count__gt=0).exists()


@pytest.mark.req("D57")
def test_strangers_failures_do_not_close_the_door_to_a_passkey(client: Client) -> None:
    device = give_passkey(person())
    log_in(Client(), password="Faux-Mot-2026")
    FailureCounter.objects.update(failures=5, open_until=NOW + timedelta(minutes=1))
    assert "attendez" in log_in(client).text.lower()
    enter(client, device)
    assert inside(client)


def test_what_a_visitor_asked_for_leaves_no_long_session(client: Client, clock: Any) -> None:
    ask(client)
    row = Session.objects.get()
    assert row.expire_date == NOW + timedelta(minutes=15)
    assert PasskeyChallenge.objects.count() == 1
    from accounts.entry.upkeep.purge import purge_entry_rows

    clock.shift(timedelta(minutes=16))
    purge_entry_rows(NOW + timedelta(minutes=16))
    assert not PasskeyChallenge.objects.exists()
    assert not Session.objects.exists()


def test_nobody_in_particular_is_asked_nothing_else(client: Client) -> None:
    for purpose in ("", "prove", "confirm", "enrol", "autre"):
        response = client.post(OPTIONS, {"purpose": purpose})
        assert response.status_code == 409, purpose
        assert "Rechargez" in response.json()["message"]


def test_a_session_has_a_new_id_after_a_passkey(client: Client) -> None:
    device = give_passkey(person())
    ask(client)
    before = client.session.session_key
    enter(client, device)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert "passkey_challenge" not in client.session


# --- after the password ---------------------------------------------------------------------------


@pytest.mark.req("S18")
def test_after_the_password_a_passkey_completes_the_login(user: User, client: Client) -> None:
    device = give_passkey(user)
    assert log_in(client, next="/compte/?a=b")["Location"] == CODE_PAGE
    assert not inside(client)
    assert "Utiliser une clé d’accès" in client.get(CODE_PAGE).text
    asked = ask(client, "prove")["publicKey"]
    assert len(asked["allowCredentials"]) == 1
    response = show_passkey(client, device)
    assert response["Location"] == "/compte/?a=b"
    assert session_flows.FACTOR in client.session


def test_a_key_of_somebody_else_is_no_second_factor(client: Client) -> None:
    give_passkey(person())
    other = give_passkey(person("paul.durand@garage.example.org"))
    sign_in(client)
    assert NOT_KNOWN in show_passkey(client, other).text
    other.handle = b""
    assert NOT_KNOWN in show_passkey(client, other).text
    assert not inside(client)


def test_with_an_application_too_either_will_do_and_without_no_key_is_offered(
    user: User, client: Client
) -> None:
    give_factor(user)
    sign_in(client)
    assert "data-passkey" not in client.get(CODE_PAGE).text
    device = give_passkey(user)
    show_passkey(client, device)
    assert inside(client)


@pytest.mark.req("S16")
def test_a_passkey_confirms_who_it_is_before_something_sensitive(
    user: User, owner: Client, clock: Any
) -> None:
    device = give_passkey(user)
    clock.shift(timedelta(minutes=11))
    asked = owner.post("/compte/second-facteur/codes/")["Location"]
    page = owner.get(asked).text
    assert "Confirmer avec une clé d’accès" in page
    wrong = Device(handle=device.handle, id=device.id)
    refused = owner.post(asked, {"passkey": wrong.get(ask(owner, "confirm"))})
    assert NOT_KNOWN in refused.text
    done = owner.post(asked, {"passkey": device.get(ask(owner, "confirm"))})
    assert done["Location"] == "/compte/second-facteur/"
    assert owner.post("/compte/second-facteur/codes/").status_code == 200


# --- the account's state --------------------------------------------------------------------------


@pytest.mark.req("D42")
def test_a_closed_account_is_told_to_the_holder_of_its_key_only(client: Client) -> None:
    device = give_passkey(person(status="suspended"))
    assert "suspendu" in enter(client, device).text
    page = enter(client, Device(handle=device.handle, id=device.id)).text
    assert "suspendu" not in page
    assert NOT_KNOWN in page
    assert Entry.objects.filter(act="login.refused", reason="suspended").count() == 1


def test_the_host_of_passkeys_is_the_published_one() -> None:
    from mgestion.settings import env

    def origin(mode: str, url: str) -> str:
        blank = dict.fromkeys(env.Environment.__dataclass_fields__, None)
        return env.Environment(**{**blank, "mode": mode, "public_url": url}).passkey_origin  # type: ignore[arg-type]

    assert origin("embedded", "http://127.0.0.1:8123") == "http://localhost:8123"
    assert origin("production", "https://Portail.Example.org") == "https://portail.example.org"
    assert origin("production", "https://portail.example.org:443") == "https://portail.example.org"
    assert origin("production", "https://p.example.org:8443") == "https://p.example.org:8443"
    assert webauthn.get_relying_party_host() == "localhost"
