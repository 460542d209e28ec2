"""Passkeys on the account page: added, named, taken away; what is left (S11, S18)."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from fido2.utils import websafe_decode

from accounts.entry.second_factor import factors
from accounts.entry.second_factor import flows as factor_flow
from accounts.entry.second_factor.passkeys import owned_passkeys, webauthn
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from accounts.profile.export import personal_copy
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.factories.factors import confirmed, give_factor, prove_mailbox, show_code
from tests.factories.habilitations import make_staff
from tests.factories.passkeys import (
    ADD,
    ADD_OPTIONS,
    PRESENT,
    Device,
    enter,
    give_passkey,
    passkey_rows,
)
from tests.factories.people import ADDRESS, NOW, confirm, inside, letters, person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
OVERVIEW = "/compte/second-facteur/"


def add(client: Client, device: Device | None = None, **more: Any) -> Any:
    """From the button to the answer; `more` changes what the device says."""
    confirmed(client)
    if not factors.has_factor(User.objects.get(pk=client.session["_auth_user_id"])):
        prove_mailbox(client)
    options = client.post(ADD_OPTIONS).json()
    made = (device or Device()).create(options, **more)
    return client.post(ADD, {"name": "Téléphone", "passkey": made, "next": "/compte/?suite"})


def page_of(user: User) -> str:
    (row,) = passkey_rows(user)
    return f"{ADD}{owned_passkeys.describe_passkey(row).ref}/"


# --- adding ---------------------------------------------------------------------------------------


@pytest.mark.req("S18", "S20")
def test_the_first_key_comes_with_recovery_codes_and_ends_other_sessions(client: Client) -> None:
    user = person()
    elsewhere, device = Client(), Device()
    sign_in(elsewhere)
    sign_in(client)
    before = client.session.session_key
    page = add(client, device).text
    assert page.count("<li>") >= 10
    assert "/compte/?suite" in page
    assert inside(client)
    assert client.session.session_key != before
    assert session_flows.FACTOR in client.session
    assert not inside(elsewhere)
    (message,) = letters("entry.factor_changed")
    assert (message.to, "clé d’accès a été ajoutée" in message.text) == (ADDRESS, True)
    assert Entry.objects.filter(act="factor.passkey_added", person=user.public_id).count() == 1
    overview = client.get(OVERVIEW).text
    assert "Téléphone" in overview
    assert "Il vous en reste 10" in overview
    enter(Client(), device)


def test_a_second_key_leaves_the_recovery_codes_and_an_application_the_keys(client: Client) -> None:
    user = person()
    codes = give_factor(user)
    sign_in(client, factor="application")
    assert add(client)["Location"] == f"{OVERVIEW}?next=%2Fcompte%2F%3Fsuite"
    assert factors.use_code(user, codes[0], now=NOW) == "recovery"
    factors.install_application(user, factors.generate_secret(), step=0, now=NOW)
    assert len(factors.get_factor_state(user).passkeys) == 1


def test_a_new_key_is_asked_to_know_its_owner_and_to_say_nothing_of_him(user: User) -> None:
    give_passkey(user)
    asked = json.loads(json.dumps(webauthn.build_creation_options(user, b"x" * 32)["publicKey"]))
    assert websafe_decode(asked["user"]["id"]) == user.public_id.bytes
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["rp"]["id"] == "localhost"
    assert len(asked["excludeCredentials"]) == 1
    assert asked.get("attestation", "none") == "none"


def test_a_key_of_another_place_is_not_kept(user: User) -> None:
    wrong: list[dict[str, Any]] = [{"origin": "https://example.org"}, {"host": "example.org"}]
    for facts in wrong:
        with pytest.raises(webauthn.BadAnswer):
            give_passkey(user, **facts)


def test_a_key_that_would_not_open_is_refused_in_french_and_not_kept(client: Client) -> None:
    user = person()
    sign_in(client)
    page = add(client, Device(flags=PRESENT)).text
    assert "pas pu être enregistrée" in page
    assert 'value="Téléphone"' in page  # what was typed is kept
    assert not factors.has_factor(user)


def test_a_mangled_key_is_not_kept(user: User) -> None:
    challenge, device = b"x" * 32, Device()
    asked = webauthn.build_creation_options(user, challenge)
    for part in ("clientDataJSON", "attestationObject"):
        for value in (None, 1, "", "é", "AAAA", ["x"], {"a": 1}):
            changed: Any = {part: value}
            with pytest.raises(webauthn.BadAnswer):
                webauthn.store_passkey(
                    user, device.create(asked, **changed), challenge, name="x", now=NOW
                )
    assert not factors.has_factor(user)


def test_nothing_that_a_client_makes_up_is_kept(user: User, owner: Client) -> None:
    add(owner, transports=["usb", "pigeon", "\x00", 3], invention="\x00")
    (row,) = passkey_rows(user)
    assert row.data["transports"] == ["usb"]
    assert set(row.data["credential"]["response"]) == {"clientDataJSON", "attestationObject"}


def test_one_key_is_kept_once_and_ten_at_most(client: Client, settings: Any) -> None:
    user, device = person(), Device()
    sign_in(client)
    add(client, device)
    assert "pas pu être" in add(client, device).text
    settings.PASSKEYS_PER_PERSON = 1
    assert "nombre maximal" in add(client).text
    assert len(passkey_rows(user)) == 1


def test_a_challenge_makes_one_key(user: User, owner: Client) -> None:
    prove_mailbox(confirmed(owner))
    options = owner.post(ADD_OPTIONS).json()
    owner.post(ADD, {"name": "Un", "passkey": Device().create(options)})
    owner.post(ADD, {"name": "Deux", "passkey": Device().create(options)})
    assert len(passkey_rows(user)) == 1


@pytest.mark.req("S16")
def test_later_the_password_is_asked_before_any_change(client: Client, clock: Any) -> None:
    user = person()
    sign_in(client)
    clock.shift(timedelta(minutes=11))
    for path in (ADD, ADD_OPTIONS):
        assert client.post(path)["Location"].startswith(f"{OVERVIEW}verification/")
    give_passkey(user)
    for data in ({"remove": "1"}, {"name": "À moi"}):
        assert client.post(page_of(user), data)["Location"].startswith(f"{OVERVIEW}verification/")
    assert [row.data["name"] for row in passkey_rows(user)] == ["Téléphone"]


def test_pages_tell_who_has_no_script_what_else_there_is(owner: Client) -> None:
    prove_mailbox(confirmed(owner))
    page = owner.get(ADD).text
    assert re.search(r"<form[^>]* hidden>", page)
    assert "Une application de codes protège tout aussi bien" in page
    login = Client().get("/cas/login").text
    assert re.search(r'<form class="passkey"[^>]* hidden>', login)


# --- naming and taking away -----------------------------------------------------------------------


def known(client: Client, user: User) -> Device:
    """Inside with a key of theirs, and the password given again."""
    device = give_passkey(user)
    sign_in(client, user.email, factor="passkey")
    confirmed(client)
    return device


def test_a_key_is_named_by_its_owner(user: User, client: Client) -> None:
    known(client, user)
    assert client.post(page_of(user), {"name": ""}).status_code == 200
    assert client.post(page_of(user), {"name": " Portable <b> "})["Location"] == OVERVIEW
    assert "Portable &lt;b&gt;" in client.get(OVERVIEW).text
    assert not letters("entry.factor_changed")


@pytest.mark.req("S14")
def test_somebody_elses_key_does_not_exist(client: Client) -> None:
    other = person("paul.durand@garage.example.org")
    give_passkey(other)
    known(client, person())
    for path in (page_of(other), f"{ADD}{uuid4()}/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"remove": "1"}).status_code == 404
    assert len(passkey_rows(other)) == 1


@pytest.mark.req("S20")
def test_taking_the_last_one_away_takes_the_codes_and_ends_other_sessions(client: Client) -> None:
    user = person()
    device = known(client, user)
    factors.replace_recovery_codes(user, now=NOW)
    other = Client()
    enter(other, device)
    assert "Votre mot de passe suffira de nouveau" in client.get(page_of(user)).text
    assert client.post(page_of(user), {"remove": "1"})["Location"] == OVERVIEW
    assert not Authenticator.objects.exists()
    assert session_flows.FACTOR not in client.session
    assert inside(client)
    assert not inside(other)
    (message,) = letters("entry.factor_changed")
    assert "retirée" in message.text
    assert Entry.objects.filter(act="factor.passkey_removed").exists()
    enter(other, device)
    assert not inside(other)


def test_taking_one_of_two_factors_away_keeps_the_session_and_the_codes(client: Client) -> None:
    user = person()
    give_factor(user)
    known(client, user)
    assert "suffira" not in client.get(page_of(user)).text
    client.post(page_of(user), {"remove": "1"})
    assert session_flows.FACTOR in client.session
    assert factors.get_factor_state(user).codes_left == 10
    device = give_passkey(user)
    enter(client, device)
    assert "Vos clés d’accès restent" in client.get(f"{OVERVIEW}retirer/").text
    client.post(f"{OVERVIEW}retirer/")
    assert session_flows.FACTOR in client.session
    state = factors.get_factor_state(user)
    assert (state.since, len(state.passkeys), state.codes_left) == (None, 1, 10)


def test_with_keys_alone_a_recovery_code_opens_and_confirms(user: User, client: Client) -> None:
    give_passkey(user)
    (first, *_) = factors.replace_recovery_codes(user, now=NOW)
    sign_in(client)
    page: Any = show_code(client, "00000000")
    assert "Code de secours" in page.text
    assert "application" not in page.text.partition("<main")[2].partition("<aside")[0]
    show_code(client, first)
    assert inside(client)


@pytest.mark.req("S11", "S18")
@pytest.mark.usefixtures("reference")
def test_an_agent_who_takes_his_last_one_away_is_led_to_enrolment(
    client: Client, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    agent = make_staff("national")
    enter(client, give_passkey(agent))
    assert client.get("/admin/").status_code == 200
    confirm(client, "Demonstration-Agent-2026")
    assert "l’administration restera fermée" in client.get(page_of(agent)).text
    client.post(page_of(agent), {"remove": "1"})
    asked = client.get("/admin/")["Location"]
    assert asked.startswith(OVERVIEW)
    assert "Obligatoire pour les agents" in client.get(asked).text


@pytest.mark.usefixtures("reference")
def test_an_agent_may_give_the_application_up_for_a_key() -> None:
    agent = make_staff("national")
    give_factor(agent)
    give_passkey(agent)
    factor_flow.remove_application(agent, keep="", now=NOW)
    assert factors.has_factor(agent)
    assert not factors.has_application(agent)
    give_factor(agent)
    for row in passkey_rows(agent):
        row.delete()
    with pytest.raises(Refused, match="obligatoire"):
        factor_flow.remove_application(agent, keep="", now=NOW)


@pytest.mark.usefixtures("reference")
@pytest.mark.req("S19")
def test_a_reset_by_the_desk_takes_keys_too(client: Client) -> None:
    user, agent = person(), make_staff("national")
    known(client, user)
    factor_flow.reset_factors(user, actor=Actor.staff(agent), reason="Rappelée", now=NOW)
    assert not factors.has_factor(user)
    assert not inside(client)


@pytest.mark.req("S34")
def test_the_export_names_the_keys(user: User, client: Client) -> None:
    known(client, user)
    (section,) = [
        one for one in personal_copy.list_sections(user) if one.name == "entry.second_factor"
    ]
    assert section.title == "Double authentification, clés d’accès et codes de secours"
    assert "Téléphone" in [row["Nom"] for row in section.rows]
