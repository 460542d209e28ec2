"""Whatever is posted: no error page, nothing half-written."""

import itertools
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.login.next_targets import restore_target
from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.web.safe_redirect import local_path
from tests.effort import examples
from tests.factories.people import NOW, pending

pytestmark = pytest.mark.django_db
_quiet = settings(
    max_examples=examples(8, 300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_numbers = itertools.count()
_text = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "",
            "\x00",
            "a@b",
            "jeanne@garage.example.org",
            "'\"<>&",
            "\u202e",
            "a" * 300 + "@b.fr",
            "on",
            "-1",
        ]
    ),
)


def _client() -> Client:
    number = next(_numbers)
    return Client(REMOTE_ADDR=f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}")


@_quiet
@given(
    st.dictionaries(st.sampled_from(["email", "email2", "choice", "service", "next", "x"]), _text)
)
def test_sign_up(values: dict[str, str]) -> None:
    before = PostedRequest.objects.filter(kind=Kind.SIGN_UP).count()
    status = _client().post("/inscription/", values).status_code
    assert status in (200, 303, 403)
    assert PostedRequest.objects.filter(kind=Kind.SIGN_UP).count() - before == (status == 303)


@_quiet
@given(st.dictionaries(st.sampled_from(["username", "password", "service", "next", "lt"]), _text))
def test_login(values: dict[str, str]) -> None:
    assert _client().post("/cas/login", values).status_code in (200, 403)


@_quiet
@given(st.dictionaries(st.sampled_from(["email", "service", "next"]), _text))
def test_reset(values: dict[str, str]) -> None:
    before = PostedRequest.objects.filter(kind=Kind.RESET).count()
    status = _client().post("/mot-de-passe/oublie/", values).status_code
    assert status in (200, 303, 403)
    assert PostedRequest.objects.filter(kind=Kind.RESET).count() - before == (status == 303)


@_quiet
@given(
    st.dictionaries(st.sampled_from(["password1", "password2", "terms", "terms_version"]), _text)
)
def test_first_password(terms: Any, values: dict[str, str]) -> None:
    user = User.objects.first() or pending()
    link = mailed_links.issue_link(user, Purpose.SIGN_UP, now=NOW)
    import time_machine

    with time_machine.travel(NOW, tick=False):
        response = _client().post(
            f"/inscription/mot-de-passe/{mailed_links.sign_link_key(link)}/", values
        )
    assert response.status_code in (200, 303)
    user.refresh_from_db()
    link.refresh_from_db()
    assert (
        (user.status == Status.ACTIVE)
        == (link.used_at is not None)
        == (response.status_code == 303)
    )


@pytest.mark.req("R28", "S23")
@given(
    st.one_of(st.text(max_size=80), st.from_regex(r"[/\\]{1,3}[a-z.:@]{0,10}.*", fullmatch=True))
)
@settings(_quiet, max_examples=examples(40, 1000))
def test_a_stored_target_never_leaves_the_portal_unchecked(text: str) -> None:
    """No service is registered here: only a local path can come back."""
    target = restore_target(text.replace("\x00", ""))
    assert not target.service
    assert target.next == local_path(text.replace("\x00", "")) if target.next else True
    assert not target.next.startswith(("//", "/\\"))
