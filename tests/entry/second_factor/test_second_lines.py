"""Second lines of defence, which the first ones hide from every other test."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.entry.limits import rate_limits
from accounts.entry.links.link_mails import send_password_link, send_unlock_link
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.login import next_targets
from accounts.entry.models import EntryLink, FailureCounter
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    letters,
    log_in,
    mailed_path,
    path_in,
    pending,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.mark.req("S8")
@pytest.mark.parametrize("address", [ADDRESS, "personne@garage.example.org"])
def test_a_failed_login_hashes_once_whether_or_not_the_account_exists(
    client: Client, now: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    person()
    stock, hashed = MD5PasswordHasher.encode, []

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(stock(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    assert log_in(client, address, "Tramway-Rouge-2026").status_code == 200
    assert hashed == ["Tramway-Rouge-2026"]


@pytest.mark.req("D16", "D57")
def test_using_one_unlock_link_uses_them_all(user: User, client: Client) -> None:
    counter = rate_limits.get_counter_key(user.email, "")
    for later in (timedelta(0), timedelta(minutes=2)):
        assert send_unlock_link(user, counter=counter, target="", now=NOW + later) == "mailed"
    at = NOW + timedelta(minutes=3)
    with time_machine.travel(at, tick=False):
        first, second = (
            path_in(letter, "/deverrouillage/") for letter in letters("entry.unlock", now=at)
        )
        assert client.post(first).status_code == 303
        assert client.post(second).status_code == 410
    assert not EntryLink.objects.filter(purpose=Purpose.UNLOCK, used_at=None).exists()


@pytest.mark.req("S4", "D57")
def test_the_first_password_opens_what_failures_had_closed_before_it(
    client: Client, now: Any, terms: Any
) -> None:
    """Anybody can fail ten times on an address that has no password yet."""
    user = pending()
    for _ in range(3):
        log_in(Client(), password="Tramway-Rouge-2026")
    send_password_link(user, target="", now=NOW)
    answers = {
        "password1": PASSWORD,
        "password2": PASSWORD,
        "terms": "on",
        "terms_version": str(terms.pk),
    }
    path = mailed_path("entry.create_password", "/inscription/mot-de-passe/")
    assert client.post(path, answers).status_code == 303
    assert not FailureCounter.objects.exists()


@pytest.mark.req("R9", "R28")
def test_a_service_stored_on_the_way_is_checked_again_when_it_is_used(reference: None) -> None:
    service = "http://127.0.0.1:8000/app/authenticate/automobile"
    assert next_targets.restore_target(service).service == service
    assert not next_targets.restore_target("https://elsewhere.example.org/")
    Platform.objects.filter(code__startswith="m-gestion").update(enabled=False)
    assert not next_targets.restore_target(service)
