"""django-allauth's traps that were met before: each stays shut (as far as our decisions leave it
standing).
"""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.entry.login.adapter import AccountAdapter
from accounts.entry.login.forms import LoginForm
from accounts.people.enums import Status
from accounts.people.models import User
from tests.factories.people import ADDRESS, NOW, log_in, person, sign_in

pytestmark = pytest.mark.django_db


def test_the_login_keeps_its_password_field_and_is_no_login_by_code() -> None:
    assert set(LoginForm().fields) == {"username", "password"}
    assert "password1" in app_settings.SIGNUP_FIELDS
    assert not app_settings.LOGIN_BY_CODE_ENABLED


@pytest.mark.req("S18")
def test_allauth_has_no_page_of_its_own_here() -> None:
    for name in ("account_login", "account_signup", "account_reset_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert not get_adapter().is_open_for_signup(None)


def test_mail_never_leaves_through_allauth() -> None:
    with pytest.raises(NotImplementedError):
        get_adapter().send_mail("account/email/x", ADDRESS, {})


def test_the_table_of_addresses_is_neither_read_nor_filled(owner: Client, now: Any) -> None:
    assert not EmailAddress.objects.exists()


class Interrupts:
    """A second factor that has not been given yet."""

    key = "interrupts"

    def __init__(self, controller: Any, request: Any, login: Any) -> None:
        pass

    def handle(self) -> tuple[HttpResponse, bool]:
        return HttpResponse("code ?"), True


@pytest.mark.both
@pytest.mark.req("D21")
def test_an_account_revives_after_every_stage_never_before(
    client: Client, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(status=Status.DEACTIVATED_INACTIVE, revivable_until=NOW + timedelta(days=1))
    with monkeypatch.context() as patched:
        stage = f"{__name__}.Interrupts"
        patched.setattr("allauth.account.stages.import_callable", lambda path: Interrupts)
        patched.setattr(AccountAdapter, "get_login_stages", lambda self: [stage])
        sign_in(client)
    assert User.objects.get().status == Status.DEACTIVATED_INACTIVE
    assert "_auth_user_id" not in client.session
    assert log_in(Client()).status_code == 303
    assert User.objects.get().status == Status.ACTIVE


def test_no_shape_of_proxy_headers_breaks_the_login(now: Any, settings: Any) -> None:
    person()
    for count, forwarded, remote in (
        (0, "", "127.0.0.1"),
        (0, "", ""),
        (0, "203.0.113.9", ""),
        (1, "", ""),
        (1, "1.1.1.1, 203.0.113.9", "127.0.0.1"),
        (1, "nonsense", ""),
        (3, "1.1.1.1, 203.0.113.9", ""),  # shorter than the chain
    ):
        settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        answer = log_in(Client(headers=headers, REMOTE_ADDR=remote))
        assert answer.status_code == 303, (count, forwarded, remote)


def test_a_spoofed_forwarded_header_is_no_way_round_the_limit(now: Any, settings: Any) -> None:
    settings.LOGINS_PER_IP = (3, timedelta(minutes=1))
    for number in range(3):
        log_in(
            Client(headers={"X-Forwarded-For": f"203.0.113.{number}"}),
            f"p{number}@garage.example.org",
            "x",
        )
    assert log_in(Client(headers={"X-Forwarded-For": "203.0.113.99"})).status_code == 429
