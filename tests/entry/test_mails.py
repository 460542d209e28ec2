"""The mails of the entry: what each says, and what none may say."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.models import EntryLink, SessionRecord
from accounts.entry.recovery import flows as recovery_flows
from accounts.entry.second_factor import flows as second_factor_flows
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion import slots
from mgestion.journal.actors import Actor
from mgestion.outbox import flows as outbox
from tests.factories.factors import give_factor
from tests.factories.people import NOW, letters, pending, person
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db
LINK_KINDS = {
    "entry.create_password": Purpose.SIGN_UP,
    "entry.account_exists": Purpose.RESET,
    "entry.reset": Purpose.RESET,
    "entry.unlock": Purpose.UNLOCK,
    "entry.loss_link": Purpose.LOSS,
    "entry.confirm_address": Purpose.ADDRESS,
    "entry.factor_code": Purpose.FACTOR,
}


def queue(kind: str, **fields: Any) -> User:
    """One mail of this kind, to an account that it suits."""
    user = (
        pending()
        if kind == "entry.create_password"
        else person(first_name="Jeanne", last_name="Martin")
    )
    with transaction.atomic():
        if kind == "entry.new_device":
            record = SessionRecord.objects.create(
                user=user, session_key="x", epoch=0, started_at=NOW, seen_at=NOW, new_device=True
            )
            outbox.queue_mail(kind, subject=record.id, person=user.public_id, now=NOW)
        elif kind in ("entry.address_changed", "entry.loss_reported"):
            outbox.queue_mail(
                kind,
                person=user.public_id,
                data={"to": "avant@garage.example.org", "at": NOW.isoformat()},
                now=NOW,
            )
        elif kind in LINK_KINDS:
            link = mailed_links.issue_link(user, LINK_KINDS[kind], now=NOW, **fields)
            outbox.queue_mail(kind, subject=link.id, person=user.public_id, now=NOW)
        elif kind == "entry.factor_changed":
            give_factor(user)
            second_factor_flows.renew_recovery_codes(user, keep="", now=NOW)
        else:
            recovery_flows.set_password(
                user, password_hash="x", reason="reset", actor=Actor.person(user), now=NOW
            )
    return user


ENTRY_KINDS = sorted(kind for kind in slots.mail_kinds if kind.startswith("entry."))


@pytest.mark.req("S56", "S57", "S58", "S59", "R50")
def test_each_is_polite_typeset_signed_and_tells_why_and_where_the_rights_are() -> None:
    for kind in ENTRY_KINDS:
        with rolled_back():
            check_letter(kind)


def check_letter(kind: str) -> None:
    queue(kind)
    (message,) = letters(kind)
    assert len(message.subject) <= 70
    assert message.text.startswith(("Bonjour,", "Bonjour Jeanne Martin,"))
    for body in (message.text, message.html):
        assert "Cordialement" in body
        assert "Vous recevez ce message" in body
        assert "204 Rond-Point du Pont de Sèvres" in body
        assert "/confidentialite/" in body
        assert not re.search(r"\b(ton|tes|toi|tu)\b", body)
    text = re.sub(r"https?://\S+", "", message.text)
    assert "'" not in text
    assert not re.search(r"[^\u00a0\s]:|[ ][:;?!]|«[^\u00a0]|[^\u00a0]»", text)
    # Text and HTML hold the same links, in full.
    in_text = set(re.findall(r"https?://[^\s<\"]+", message.text))
    assert in_text == set(re.findall(r'href="(https?://[^"]+)"', message.html))
    shown = re.sub(r"<[^>]+>", " ", message.html)
    assert all(url in shown for url in in_text if "/confid" not in url)


def test_a_mail_of_a_closed_account_or_a_used_link_is_not_sent() -> None:
    for kind in LINK_KINDS:
        with rolled_back():
            user = queue(kind)
            User.objects.update(status=Status.SUSPENDED)
            assert letters(kind) == [], kind
            User.objects.update(status=user.status)
            assert len(letters(kind)) == 1, kind
            mailed_links.end_open_links(user, now=NOW)
            assert letters(kind) == [], kind


@pytest.mark.req("D16")
def test_a_late_mail_brings_a_link_that_still_lives_its_whole_life() -> None:
    user = queue("entry.reset")
    late = NOW + timedelta(hours=5)
    (message,) = letters(now=late)
    assert "mardi 17 mars 2026 à 16\u00a0h\u00a000" in message.text
    (link,) = EntryLink.objects.filter(user=user)
    assert link.expires_at == late + timedelta(minutes=60)


@pytest.mark.req("R28")
def test_the_login_link_takes_the_target_along() -> None:
    queue("entry.account_exists", target="/compte/?a=b")
    (message,) = letters()
    assert "/cas/login?next=%2Fcompte%2F%3Fa%3Db" in message.text
