"""Reads the variables that hold web addresses, hosts and cookies."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

_HOST = re.compile(
    r"\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\]"
)


def read_hosts(text: str) -> list[str]:
    hosts = [host.strip() for host in text.split(",")]
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS=* trusts any Host header: name the hosts.")
    wrong = [host for host in hosts if not _HOST.fullmatch(host)]
    if wrong:
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS: {wrong[0]!r} is no host name in lower case, without scheme or port."
        )
    return hosts


def read_public_url(text: str, hosts: Sequence[str]) -> str:
    parts = split_address(text.rstrip("/"))
    if (
        parts is None
        or parts.scheme != "https"
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
        or parts.username is not None
    ):
        raise ImproperlyConfigured(
            f"PUBLIC_URL={text!r} must be https:// and a host, no path: mails' links begin with it."
        )
    if parts.hostname not in hosts:
        raise ImproperlyConfigured(f"PUBLIC_URL's host {parts.hostname!r} is not in ALLOWED_HOSTS.")
    return text.rstrip("/")


def read_port(variables: Mapping[str, str], name: str, default: int) -> int:
    text = variables.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ImproperlyConfigured(f"{name}={text!r} is not a number.")
    port = int(text)
    if not 1 <= port <= 65535:
        raise ImproperlyConfigured(f"{name}={port}: choose a number from 1 to 65535.")
    return port


def read_company_directory(variables: Mapping[str, str], *, loopback: bool = False) -> str:
    """The URL template of the company directory, "" for none. `loopback`: the demo's own may be
    plain http on this machine.
    """
    address = variables.get("COMPANY_DIRECTORY_URL", "").strip()
    if not address:
        return ""
    parts = split_address(address)
    local = loopback and parts is not None and parts.hostname in ("127.0.0.1", "localhost")
    schemes = ("https", "http") if local else ("https",)
    if (
        parts is None
        or parts.scheme not in schemes
        or not parts.hostname
        or "{siret}" not in address
    ):
        raise ImproperlyConfigured(
            f"COMPANY_DIRECTORY_URL={address!r} must be https://… with {{siret}} where the number "
            "goes."
        )
    return address


def read_measurement_script(variables: Mapping[str, str]) -> str:
    """The URL of the audience measurement script, "" for none; its origin is added to the CSP."""
    url = variables.get("MEASUREMENT_SCRIPT_URL", "").strip()
    parts = split_address(url)
    if url and (
        parts is None
        or parts.scheme != "https"
        or not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc)
    ):
        raise ImproperlyConfigured(
            f"MEASUREMENT_SCRIPT_URL={url!r} must be https:// and a host, in lower case."
        )
    return url


def read_measurement_site(variables: Mapping[str, str]) -> str:
    text = variables.get("MEASUREMENT_SITE_ID", "").strip()
    if not re.fullmatch(r"[\w.-]{0,100}", text, re.ASCII):
        raise ImproperlyConfigured(
            f"MEASUREMENT_SITE_ID={text!r}: letters, digits, dots and hyphens, 100 at most."
        )
    return text


def read_measurement_cookies(variables: Mapping[str, str]) -> dict[str, int]:
    """« _pk_id=393,_pk_ses=0 » → days by name, shown on the page « Gestion des cookies »."""
    text = variables.get("MEASUREMENT_COOKIES", "").strip()
    found: dict[str, int] = {}
    for item in text.split(",") if text else []:
        name, _, days = item.strip().partition("=")
        if not re.fullmatch(r"[\w.-]+", name) or not re.fullmatch(r"[0-9]{1,4}", days):
            raise ImproperlyConfigured(
                f"MEASUREMENT_COOKIES: {item!r} is not name=days (0 = ends with the browser)."
            )
        found[name] = int(days)
    return found


def split_address(text: str) -> SplitResult | None:
    """None for what cannot be an address: a port that is no number, a broken IPv6 host."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return None if re.search(r"\s", text) else parts


def read_sentry_dsn(variables: Mapping[str, str]) -> str:
    """ "" for none. The address holds a public key and the number of a project."""
    text = variables.get("SENTRY_DSN", "").strip()
    parts = split_address(text)
    if text and (
        parts is None
        or parts.scheme != "https"
        or not parts.hostname
        or not parts.username
        or not re.fullmatch(r"/(?:.+/)?[0-9]+", parts.path)
    ):
        raise ImproperlyConfigured(
            "SENTRY_DSN must be https://key@host/number, as the Sentry server gives it."
        )
    return text
