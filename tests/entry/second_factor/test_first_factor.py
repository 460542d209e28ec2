"""A first second factor needs the mailbox (D73); a stranger’s does not lock the owner out."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from accounts.entry.acts import EntryAct
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.models import EntryLink, SetAsideFactor
from accounts.entry.recovery import loss_flows
from accounts.entry.second_factor import factors, mailed_code_flows
from accounts.entry.second_factor import flows as factor_flow
from accounts.entry.second_factor.passkeys import owned_passkeys, passkey_flows
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from mgestion.outbox.sending import delivery
from tests.factories.factors import MAILED, SECRET, code, confirmed, give_factor
from tests.factories.habilitations import make_staff
from tests.factories.passkeys import ADD, ADD_OPTIONS, give_passkey
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    client_of,
    confirm,
    inside,
    letters,
    log_in,
    path_in,
    person,
    settle,
    sign_in,
)
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
SET_UP = "/compte/second-facteur/application/"
CODE_PAGE = "/compte/second-facteur/code/"
NEW = "Autobus-Vert-2027"


@pytest.mark.req("D73", "S4", "S19")
def test_who_knows_only_the_password_adds_nothing(user: User, owner: Client) -> None:
    confirm(owner)
    for path in (SET_UP, ADD, ADD_OPTIONS):
        assert owner.post(path, {"name": "x"})["Location"].startswith(MAILED)
    for path in (SET_UP, ADD):
        assert owner.get(path)["Location"].startswith(MAILED)
    assert owner.post(MAILED, {"code": "12345678"}).status_code == 200
    assert not factors.has_factor(user)
    with pytest.raises(Refused):
        factor_flow.enrol_application(user, SECRET, code(), mailed="", keep="", now=NOW)
    with pytest.raises(Refused):
        passkey_flows.enrol_passkey(user, "{}", b"x", name="x", mailed="no id", keep="", now=NOW)


@pytest.mark.req("D73")
def test_the_code_leaves_with_the_password_and_opens_the_page(user: User, owner: Client) -> None:
    owner.post(SET_UP)  # « Configurer une application »
    answer = confirm(owner, next=SET_UP)
    assert answer["Location"] == SET_UP
    assert owner.get(SET_UP)["Location"].startswith(MAILED)
    page = owner.get(f"{MAILED}?next={SET_UP}").text
    assert ADDRESS in page and "Saisissez le code" in page
    (letter,) = letters("entry.factor_code")
    assert letter.to == ADDRESS
    assert "/signalement/" in letter.text and "connaît votre mot de passe" in letter.text
    found = re.search(r"^(\d{4} \d{4})$", letter.text, re.MULTILINE)
    assert found
    assert owner.post(MAILED, {"code": found[1], "next": SET_UP})["Location"] == SET_UP
    assert "secret" in owner.get(SET_UP).text
    assert not EntryLink.objects.filter(purpose="factor", used_at__isnull=True).exists()
    assert not factors.has_factor(user)
    # It is asked once.
    assert owner.get(MAILED)["Location"] == "/compte/second-facteur/"
    assert owner.get(ADD).status_code == 200


@pytest.mark.req("D73")
def test_the_code_is_counted_used_once_and_short_lived(user: User, owner: Client) -> None:
    confirm(owner)
    owner.post(MAILED)
    link = EntryLink.objects.get(purpose="factor")
    right = mailed_code_flows.compute_mailed_code(link)
    assert settings.MAILED_CODE_TRIES == 5
    with override_settings(MAILED_CODE_TRIES=2):
        for _ in range(2):
            assert "incorrect" in owner.post(MAILED, {"code": "00000000"}).text
        assert "ne peut plus servir" in owner.post(MAILED, {"code": right}).text
    assert mailed_code_flows.is_mailed_code_lacking(user, link.id.hex, NOW)
    assert Entry.objects.filter(act="login.refused", reason="mailed_code").count() == 2
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        owner.post(MAILED)
        link = EntryLink.objects.get(purpose="factor", used_at__isnull=True)
    with time_machine.travel(NOW + timedelta(minutes=2) + settings.MAILED_CODE_LIFE, tick=False):
        confirm(owner)
        typed = {"code": mailed_code_flows.compute_mailed_code(link)}
        assert "ne peut plus servir" in owner.post(MAILED, typed).text


@pytest.mark.req("D73")
def test_a_code_counts_for_the_session_that_asked(client: Client) -> None:
    person()
    owner = Client()
    for browser in (owner, client):
        sign_in(browser)
        confirm(browser)
    owner.post(MAILED)
    link = EntryLink.objects.get(purpose="factor")
    assert (
        "ne peut plus"
        in client.post(MAILED, {"code": mailed_code_flows.compute_mailed_code(link)}).text
    )
    mailed_links.end_open_links(link.user, now=NOW)  # ended by something else: nobody has shown it
    assert mailed_code_flows.is_mailed_code_lacking(link.user, link.id.hex, NOW)


@pytest.mark.req("D73", "S25")
def test_the_stored_mail_does_not_keep_the_code(client: Client, settings: Any) -> None:
    settings.EMBEDDED = False
    person()
    sign_in(client)
    confirm(client)
    client.post(MAILED)
    digits = mailed_code_flows.compute_mailed_code(EntryLink.objects.get(purpose="factor"))
    (letter,) = letters("entry.factor_code")
    for part, stored in zip(
        (letter.text, letter.html), delivery.mask_stored_parts(letter), strict=True
    ):
        assert digits[:4] in part and digits[:4] not in stored
        assert "***" in stored


@pytest.mark.req("D73")
def test_another_factor_needs_the_one_that_is_there_and_no_mail(user: User, client: Client) -> None:
    give_factor(user)
    sign_in(client, factor="application")
    confirmed(client)
    assert client.get(ADD).status_code == 200
    assert client.get(MAILED)["Location"] == "/compte/second-facteur/"
    assert not Mail.objects.filter(kind="entry.factor_code").exists()


def report_loss() -> Client:
    """The owner follows the road of /signalement/ to a new password and logs in."""
    owner = Client()
    owner.post("/signalement/", {"email": ADDRESS})
    settle()
    path = path_in(letters("entry.loss_link")[-1], "/signalement/")
    onward = owner.post(path)["Location"]
    assert owner.post(onward, {"password1": NEW, "password2": NEW}).status_code == 303
    return owner


@pytest.mark.req("R105", "R106", "S4")
def test_a_strangers_recent_factor_does_not_stop_the_owner(user: User, client: Client) -> None:
    give_factor(user)  # a stranger's, of today
    give_passkey(user)
    sign_in(client)
    page = client.get(CODE_PAGE).text
    assert "n’est pas la vôtre" in page and "/signalement/" in page
    assert "contact@opcomobilites.fr" in page
    owner = report_loss()
    assert log_in(owner, password=NEW)["Location"] == "/m-gestion/"
    assert inside(owner)
    assert "mise de côté" in owner.get("/compte/second-facteur/").text
    assert SetAsideFactor.objects.filter(user=user).count() == 3
    assert not Authenticator.objects.filter(user=user).exists()
    assert Entry.objects.filter(act="factor.set_aside", person=user.public_id).exists()


@pytest.mark.req("S19", "R106")
def test_an_older_factor_and_an_agents_stay() -> None:
    old = person()
    give_factor(old, now=NOW - settings.FACTOR_PROBATION - timedelta(minutes=1))
    loss_flows.report_loss(mailed_links.issue_link(old, Purpose.LOSS, now=NOW), now=NOW)
    assert factors.has_factor(old)
    agent = make_staff("national")
    give_factor(agent)
    loss_flows.report_loss(mailed_links.issue_link(agent, Purpose.LOSS, now=NOW), now=NOW)
    assert factors.has_factor(agent)
    assert not SetAsideFactor.objects.exists()


@pytest.mark.req("R106")
def test_an_agent_gives_them_back_or_erases_them(user: User) -> None:
    give_factor(user)
    loss_flows.report_loss(mailed_links.issue_link(user, Purpose.LOSS, now=NOW), now=NOW)
    agent = make_staff("national")
    client = client_of(agent)
    panel = client.get(reverse("admin:accounts_user_change", args=[user.pk])).text
    assert "mis de côté" in panel
    for word, has in (("facteurs-rendre", True), ("facteurs-supprimer", False)):
        with rolled_back():
            act = reverse("admin:entry_account_act", args=[user.public_id, word])
            assert client.post(act, {"note": "Identité vérifiée par téléphone."}).status_code == 302
            assert factors.has_factor(user) is has
            assert not SetAsideFactor.objects.exists()
            said = letters("entry.factor_changed", person=user.public_id)[-1].text
            assert ("rendu" if has else "supprimé") in said
            with pytest.raises(Refused):
                factor_flow.give_back_factors(user, actor=Actor.staff(agent), reason="x", now=NOW)


@pytest.mark.req("S19", "S4")
def test_after_a_reset_a_recent_passkey_needs_the_password(user: User) -> None:
    give_passkey(user)
    old = owned_passkeys.select_passkeys(user).get()
    give_passkey(user)
    Authenticator.objects.filter(pk=old.pk).update(
        created_at=NOW - settings.FACTOR_PROBATION - timedelta(minutes=1)
    )
    link = mailed_links.issue_link(user, mailed_links.Purpose.RESET, now=NOW)
    path = f"/mot-de-passe/{mailed_links.sign_link_key(link)}/"
    assert Client().post(path, {"password1": NEW, "password2": NEW}).status_code == 303
    alone = {
        row.pk: owned_passkeys.opens_alone(row) for row in owned_passkeys.select_passkeys(user)
    }
    assert alone.pop(old.pk) is True
    assert list(alone.values()) == [False]


@pytest.mark.req("R105", "S59")
def test_each_mail_of_a_change_leads_to_the_report_before_its_button() -> None:
    user = person(last_name="Martin", first_name="Jeanne")
    sign_in(Client())
    owner = Client()
    sign_in(owner)
    identity = {"last_name": "Autre", "first_name": "J", "phone": "0199001235"}
    owner.post("/compte/identite/", identity)
    factor_flow.write_factor_change(user, EntryAct.FACTOR_ADDED, Actor.person(user), now=NOW)
    owner.post("/compte/mot-de-passe/", {"current": PASSWORD, "password1": NEW, "password2": NEW})
    for kind in (
        *("entry.password_changed", "entry.factor_changed", "entry.new_device"),
        "profile.identity_changed",
    ):
        (letter,) = letters(kind)
        assert "/signalement/" in letter.text and "/mot-de-passe/" not in letter.text, kind
        for part in (letter.text, letter.html):
            report = part.index("Signaler une perte ou un vol")
            assert part.index("Si ce n’est pas vous") < report, kind


@pytest.mark.req("R105")
def test_the_help_page_leads_to_the_report(client: Client) -> None:
    page = client.get("/aide/").text
    part = page[page.index("Quelqu’un utilise mon compte") :]
    assert part.index("/signalement/") < part.index("</p>")
