"""Messages wait in a cookie that only its own session opens, and that nobody else reads."""

import base64

import pytest
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts.people.models import User
from mgestion.web.message_storage import SealedCookieStorage
from tests.factories.accounts import make_newcomer
from tests.factories.people import log_in, person

pytestmark = pytest.mark.django_db
_BACKEND = "accounts.entry.login.backends.PasswordBackend"


def _request(user: User | None, session_key: str, cookie: str = "") -> HttpRequest:
    client = Client()
    if user is not None:
        client.force_login(user, backend=_BACKEND)
    request = RequestFactory().get("/")
    request.session = client.session
    request.session._session_key = session_key  # noqa: SLF001
    request.user = user or client.get("/aide/").wsgi_request.user
    if cookie:
        request.COOKIES[SealedCookieStorage.cookie_name] = cookie
    return request


def _stored(user: User | None, session_key: str, said: str) -> str:
    storage = SealedCookieStorage(_request(user, session_key))
    storage.add(messages.INFO, said)
    response = HttpResponse()
    storage.update(response)
    return response.cookies[SealedCookieStorage.cookie_name].value


def _read(user: User | None, session_key: str, cookie: str) -> list[str]:
    return [str(each) for each in SealedCookieStorage(_request(user, session_key, cookie))]


@pytest.mark.req("S24")
def test_a_message_opens_in_its_own_session_only() -> None:
    one, other = make_newcomer(), make_newcomer()
    cookie = _stored(one, "a" * 32, "Adresse : zoe@garage.example.org")
    assert _read(one, "a" * 32, cookie) == ["Adresse : zoe@garage.example.org"]
    assert _read(one, "b" * 32, cookie) == []
    assert _read(other, "c" * 32, cookie) == []
    assert _read(None, "", cookie) == []


def test_the_cookie_can_be_read_by_the_portal_alone() -> None:
    cookie = _stored(make_newcomer(), "a" * 32, "Adresse : zoe@garage.example.org")
    assert "zoe" not in cookie
    assert b"zoe" not in base64.urlsafe_b64decode(cookie + "==")


@pytest.mark.parametrize("cookie", ["x", "é", "gAAAAA", "[]", "a" * 3000])
def test_nonsense_shows_nothing(cookie: str) -> None:
    assert _read(make_newcomer(), "a" * 32, cookie) == []


def test_more_than_fits_is_kept_for_later_or_dropped_and_never_a_failure() -> None:
    user = make_newcomer()
    storage = SealedCookieStorage(_request(user, "a" * 32))
    for number in range(60):
        storage.add(messages.INFO, f"{number} {base64.b64encode(bytes(range(200))).decode()}")
    response = HttpResponse()
    storage.update(response)
    cookie = response.cookies[SealedCookieStorage.cookie_name].value
    assert len(cookie) <= SealedCookieStorage.max_cookie_size
    assert _read(user, "a" * 32, cookie)[-1].startswith("59 ")


def test_a_message_survives_the_new_session_of_a_login(client: Client) -> None:
    person()
    log_in(client)
    assert "Vous êtes connecté" in client.get("/compte/").content.decode()
