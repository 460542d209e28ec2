"""Another e-mail address: asked with the password, proven from the new mailbox, told to the old."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from accounts.acts import AccountAct
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.models import EntryLink, FailureCounter, PostedRequest
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.recovery import address_flows as flow
from accounts.entry.second_factor.mailed_code_flows import compute_mailed_code
from accounts.leaving.account_erasure import erase_accounts
from accounts.leaving.block_list import hash_address_forms
from accounts.legal.models import TermsRequest
from accounts.legal.terms import request_flows
from accounts.people.models import AllowedAddress, BlockedPerson, User
from accounts.profile.enums import Channel, Right
from accounts.profile.export.personal_copy import list_sections
from accounts.profile.models import RightsRequest
from accounts.profile.rights import flows as rights_flows
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.journal.models import Detail, Entry
from mgestion.outbox.models import Mail
from tests.factories.factors import give_factor, prove_mailbox
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    confirm,
    inside,
    letters,
    log_in,
    path_in,
    person,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
NEW = "jeanne.dupont@atelier.example.org"


def ask(client: Client, address: str = NEW, password: str = PASSWORD, **more: str) -> Any:
    prove_mailbox(client)
    values = {"current": password, "email": address, "email2": address, **more}
    return client.post("/compte/adresse/", values)


@pytest.mark.req("D73", "S20")
def test_who_knows_only_the_password_takes_no_account_away(user: User, owner: Client) -> None:
    """Without a second factor, a code from the present mailbox comes first."""
    for answer in (
        owner.get("/compte/adresse/"),
        owner.post("/compte/adresse/", {"current": PASSWORD, "email": NEW, "email2": NEW}),
    ):
        assert answer["Location"] == "/compte/second-facteur/code-recu/?next=%2Fcompte%2Fadresse%2F"
    with pytest.raises(Refused):
        flow.request_address_change(user, NEW, mailed="", now=NOW)
    assert not EntryLink.objects.filter(purpose=Purpose.ADDRESS).exists()
    # The road: the password again, the code, the form.
    page = owner.get("/compte/adresse/", follow=True)
    confirm(owner, next=parse_qs(urlsplit(page.redirect_chain[-1][0]).query)["next"][0])
    assert letters("entry.factor_code")[-1].to == ADDRESS
    sent = EntryLink.objects.get(purpose=Purpose.FACTOR)
    typed = {"code": compute_mailed_code(sent), "next": "/compte/adresse/"}
    answer = owner.post("/compte/second-facteur/code-recu/", typed)
    assert answer["Location"] == "/compte/adresse/"
    assert "Nouvelle adresse" in owner.get("/compte/adresse/").text


@pytest.mark.req("D73")
def test_a_second_factor_is_worth_the_code(client: Client) -> None:
    give_factor(person())
    sign_in(client, factor="application")
    assert "Nouvelle adresse" in client.get("/compte/adresse/").text


def link(kind: str = "entry.confirm_address") -> str:
    *_, message = letters(kind)
    assert message.to == NEW
    return path_in(message, "/compte/adresse/")


@pytest.mark.req("S20", "D58")
def test_the_address_changes_from_the_new_mailbox_and_the_old_one_is_told(client: Client) -> None:
    user = person()
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)
    assert ask(client).status_code == 303
    user.refresh_from_db()
    assert user.email == ADDRESS
    path = link()
    page = client.get(path).text
    assert ADDRESS in page
    assert NEW in page
    user.refresh_from_db()
    assert user.email == ADDRESS  # a GET changes nothing
    assert client.post(path)["Location"] == "/compte/"
    user.refresh_from_db()
    assert (user.email, user.email_key) == (NEW, NEW)
    assert inside(client)
    assert elsewhere.get("/compte/").status_code == 302
    (told,) = letters("entry.address_changed")
    assert told.to == ADDRESS
    assert NEW not in told.text
    entry = Entry.objects.get(act="address.changed")
    assert entry.detail.data == {"old": ADDRESS, "new": NEW}
    assert ADDRESS not in str(entry.__dict__)
    assert client.post(path).status_code == 410
    fresh = Client()
    assert log_in(fresh, ADDRESS).status_code == 200
    assert log_in(fresh, NEW).status_code == 303


@pytest.mark.req("S16")
def test_a_stolen_session_without_the_password_asks_nothing(owner: Client) -> None:
    assert "Ce mot de passe est incorrect" in ask(owner, password="Tramway-Rouge-2026").text
    assert not EntryLink.objects.filter(purpose=Purpose.ADDRESS).exists()
    FailureCounter.objects.update(failures=4)  # as after three more
    ask(owner, password="Tramway-Rouge-2026")
    assert "attendez" in ask(owner).text  # even the right one waits: it is counted
    assert not EntryLink.objects.filter(purpose=Purpose.ADDRESS).exists()


@pytest.mark.req("R17", "D13")
def test_the_rules_of_the_sign_up_hold_again(owner: Client) -> None:
    for address, said in (
        ("contact@garage.example.org", "boîte partagée"),
        ("jeanne@yopmail.com", "jetables"),
        (ADDRESS, "déjà votre adresse"),
        ("jeanne.dupont@gmial.com", "Vouliez-vous écrire"),
    ):
        assert said in ask(owner, address).text, address
    assert not EntryLink.objects.filter(purpose=Purpose.ADDRESS).exists()


@pytest.mark.req("S8")
def test_asking_says_nothing_of_who_has_the_address_and_the_key_has_the_last_word(
    user: User, client: Client
) -> None:
    other = person(NEW)
    sign_in(client)
    answer = ask(client)
    assert answer.status_code == 303
    path = link()
    assert "a déjà un compte" in client.post(path).text
    for one in (user, other):
        one.refresh_from_db()
    assert (user.email, other.email) == (ADDRESS, NEW)
    assert inside(client)
    assert not Entry.objects.filter(act="address.changed").exists()


def test_a_blocked_address_gets_no_mail_and_no_account(owner: Client) -> None:
    BlockedPerson.objects.create(digest=hash_address_forms(NEW)[0], reason="x", blocked_at=NOW)
    assert ask(owner).status_code == 303
    assert not Mail.objects.filter(kind="entry.confirm_address").exists()
    row = EntryLink.objects.get(purpose=Purpose.ADDRESS)
    with pytest.raises(Refused):
        flow.change_address(row, now=NOW)


def test_asking_again_kills_the_link_before_and_there_is_a_cool_down(owner: Client) -> None:
    ask(owner)
    first = link()
    assert "Attendez" in ask(owner).text
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        assert ask(owner, "autre.nom@atelier.example.org").status_code == 303
        assert owner.post(first).status_code == 410


@pytest.mark.req("S19")
def test_the_link_dies_in_an_hour_with_the_password_and_the_account_and_is_no_other_link(
    user: User, client: Client
) -> None:
    row = mailed_links.issue_link(user, Purpose.ADDRESS, address=NEW, now=NOW)
    key = mailed_links.sign_link_key(row)
    assert client.get(f"/mot-de-passe/{key}/").status_code == 410
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert client.post(f"/compte/adresse/{key}/").status_code == 410
    User.objects.update(status="suspended")
    assert client.post(f"/compte/adresse/{key}/").status_code == 410
    User.objects.update(status="active")
    mailed_links.end_open_links(user, now=NOW)
    assert client.post(f"/compte/adresse/{key}/").status_code == 410
    assert User.objects.get().email == ADDRESS


def test_from_another_browser_it_leads_to_the_login_and_ends_every_session(owner: Client) -> None:
    ask(owner)
    assert Client().post(link())["Location"] == "/cas/login"
    assert owner.get("/compte/").status_code == 302


@pytest.mark.req("D29")
def test_what_the_door_holds_under_the_old_address_goes(user: User, client: Client) -> None:
    post_request(Kind.SIGN_UP, ADDRESS, now=NOW)
    let_through = AllowedAddress.objects.create(pattern=ADDRESS, reason="x", added_at=NOW)
    write_journal_entry(  # as the administration's page writes it, which names no person
        AccountAct.ALLOWED_ADDRESS_ADDED,
        actor=Actor.system("tests"),
        object_type="allowed_address",
        object_id=str(let_through.pk),
        detail={"pattern": ADDRESS},
        now=NOW,
    )
    row = mailed_links.issue_link(user, Purpose.ADDRESS, address=NEW, now=NOW)
    flow.change_address(row, now=NOW)
    assert not PostedRequest.objects.filter(kind=Kind.SIGN_UP).exists()
    assert not AllowedAddress.objects.exists()
    assert not Detail.objects.filter(entry__object_type="allowed_address").exists()


@pytest.mark.req("D29", "R103")
def test_what_was_asked_under_the_old_address_is_erased_with_the_person(client: Client) -> None:
    """And what somebody else asks there afterwards is his own."""
    letter = {"right": Right.ACCESS, "channel": Channel.POST, "said": "Tout", "name": "Jeanne"}
    agent = Actor.system("tests")
    rights_flows.enter_rights_request(
        None, contact=f"À {ADDRESS}", received_on=NOW.date(), actor=agent, now=NOW, **letter
    )
    request_flows.ask_for_old_version(email=ADDRESS, asked="Celle de 2024", now=NOW)
    user = person()
    flow.change_address(
        mailed_links.issue_link(user, Purpose.ADDRESS, address=NEW, now=NOW), now=NOW
    )
    later = request_flows.ask_for_old_version(email=ADDRESS, asked="Celle de 2025", now=NOW)
    told = {section.name for section in list_sections(user)}
    assert {"legal.terms_request", "profile.rights"} <= told
    erase_accounts([user.pk], cause="closure", now=NOW)
    assert list(TermsRequest.objects.all()) == [later]
    assert (RightsRequest.objects.get().contact, RightsRequest.objects.get().person) == ("", None)


def test_only_the_case_may_change(user: User, client: Client) -> None:
    row = mailed_links.issue_link(
        user, Purpose.ADDRESS, address="Jeanne.Martin@garage.example.org", now=NOW
    )
    flow.change_address(row, now=NOW)
    user.refresh_from_db()
    assert user.email.startswith("Jeanne.Martin")
    assert user.email_key == ADDRESS
