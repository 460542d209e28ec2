"""People, and what they do by hand: log in, read their mail."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allauth.account.utils import perform_login
from allauth.core.context import request_context
from django.conf import settings
from django.contrib.auth import get_user, login
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts.entry.demo import make_account
from accounts.entry.sessions import session_flows
from accounts.entry.sessions.session_store import SessionStore
from accounts.entry.upkeep.sweep import settle_posted_requests
from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import User, get_creation_dates
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.models import Mail
from mgestion.outbox.sending.delivery import prepare_message

NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
PASSWORD = "Tramway-Bleu-2026"
ADDRESS = "jeanne.martin@garage.example.org"


def person(address: str = ADDRESS, *, now: datetime = NOW, **fields: Any) -> User:
    """An active account whose password is PASSWORD."""
    return make_account(address, PASSWORD, now=now, **fields)


def pending(address: str = ADDRESS, *, now: datetime = NOW) -> User:
    """An account that has no password yet."""
    user = User(
        email=address,
        email_key=fold_address(address),
        status=Status.PENDING,
        **get_creation_dates(now),
    )
    user.set_unusable_password()
    user.save()
    return user


def log_in(client: Client, address: str = ADDRESS, password: str = PASSWORD, **more: str) -> Any:
    """Through the page, as a person does."""
    return client.post("/cas/login", {"username": address, "password": password, **more})


def sign_in(client: Client, address: str = ADDRESS, *, factor: str = "") -> Client:
    """As `log_in` with the right password, without the page: what it does after the password. With
    a second factor the login waits for it, unless the `factor` that was shown is given.
    """
    request = RequestFactory().post("/cas/login")
    request.META.update(client.defaults)
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    session_flows.note_factor_used(request, factor)
    with request_context(request):
        user = User.objects.get(email_key=fold_address(address))
        response = perform_login(request, user, redirect_url="/")
    request.session.save()
    client.cookies.update(response.cookies)
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def client_of(user: User) -> Client:
    """A browser in which `user` is logged in."""
    return give_session(Client(), user)


def give_session(client: Client, user: User) -> Client:
    """As Django's `force_login`, which writes an empty session first and deletes it."""
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend="accounts.entry.login.backends.PasswordBackend")
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def inside(client: Client) -> bool:
    """Whether the portal knows who it is: its root leads on, and not to the login."""
    return bool(client.get("/")["Location"] != "/cas/login")


def confirm(client: Client, password: str = PASSWORD, **more: str) -> Any:
    """The password again, as the pages that touch the second factor ask for it."""
    return client.post("/compte/second-facteur/verification/", {"password": password, **more})


def settle(now: datetime = NOW) -> dict[str, int]:
    """What the worker does with the posted rows. Returns the number of each outcome."""
    outcomes: Counter[str] = Counter()
    for name, count in settle_posted_requests(now).items():
        outcomes[name.partition(".")[2]] += count
    return dict(outcomes)


def letters(kind: str = "", person: UUID | None = None, now: datetime = NOW) -> list[Message]:
    """The mails of the outbox as they would leave now, oldest first; those with nothing to say are
    left out. What a mail promises is written down, as the delivery does.
    """
    rows = Mail.objects.order_by("created_at", "message_id")
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(person=person) if person else rows
    return [message for row in rows if (message := prepare_message(row, now))]


def path_in(message: Message, start: str) -> str:
    """The path of the portal's link that begins so, as in the mail's text."""
    found = re.search(rf"https?://[^/\s]+({re.escape(start)}[^\s?]+)", message.text)
    assert found, message.text
    return found[1]


def mailed_path(kind: str, start: str, now: datetime = NOW) -> str:
    """The path in the one mail of this kind."""
    (message,) = letters(kind, now=now)
    return path_in(message, start)
