"""Reads how mails that come back are read. No message shows a password or a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote

from django.core.exceptions import ImproperlyConfigured

from mgestion.settings.keys import Keys
from mgestion.settings.options import parse_email
from mgestion.settings.web_addresses import split_address

_PARAMETERS: Final = {"ssl_ca_certs"}


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """An IMAP folder over TLS. `authority`: a file of certificates, "" for the system's."""

    host: str
    port: int
    username: str
    password: str
    folder: str
    authority: str


@dataclass(frozen=True, slots=True)
class BounceSettings:
    address: str = ""
    mailbox: MailboxSettings | None = None
    webhook_secret: str = ""


NO_BOUNCES: Final = BounceSettings()


def read_bounces(variables: Mapping[str, str], keys: Keys) -> BounceSettings:
    """ImproperlyConfigured for what cannot work; an absent or empty variable is none."""
    return BounceSettings(
        address=_read_address(variables.get("BOUNCE_ADDRESS", "").strip()),
        mailbox=_read_mailbox(variables.get("BOUNCE_MAILBOX_URL", "").strip()),
        webhook_secret=_read_secret(variables.get("BOUNCE_WEBHOOK_SECRET", "").strip(), keys),
    )


def _read_address(text: str) -> str:
    try:
        return parse_email(text) if text else ""
    except ValueError:
        raise ImproperlyConfigured(
            f"BOUNCE_ADDRESS={text!r}: one address, to which servers send back what they cannot "
            "deliver."
        ) from None


def _read_mailbox(text: str) -> MailboxSettings | None:
    if not text:
        return None
    parts = split_address(text)
    if parts is None or parts.scheme != "imaps" or not parts.hostname or parts.port == 0:
        raise ImproperlyConfigured(
            "BOUNCE_MAILBOX_URL must be imaps://user:password@host[:port][/folder]: TLS, and "
            "characters such as @ in the user's name percent-encoded."
        )
    if not parts.username or not parts.password:
        raise ImproperlyConfigured("BOUNCE_MAILBOX_URL names no user or no password.")
    query = parse_qs(parts.query, keep_blank_values=True)
    if set(query) - _PARAMETERS or parts.fragment:
        raise ImproperlyConfigured(
            "BOUNCE_MAILBOX_URL knows one parameter, ?ssl_ca_certs=/path of an authority of your "
            "own; percent-encode # and ? in a password."
        )
    return MailboxSettings(
        host=parts.hostname,
        port=parts.port or 993,
        username=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        authority=query.get("ssl_ca_certs", [""])[-1],
    )


def _read_secret(text: str, keys: Keys) -> str:
    if text and (len(text) < 32 or len(set(text)) < 10 or not text.isascii() or " " in text):
        raise ImproperlyConfigured(
            "BOUNCE_WEBHOOK_SECRET is too weak: at least 32 random characters, or leave it out."
        )
    if text and text in (keys.secret, *keys.fallbacks, *keys.hashes, *keys.factors):
        raise ImproperlyConfigured(
            "BOUNCE_WEBHOOK_SECRET must differ from the keys: a mail provider knows it."
        )
    return text
