"""What can be known to be wrong before the first request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.template import Engine

from mgestion import slots

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_LOCAL_BACKEND = "mgestion.outbox.backends.LocalBackend"


@register
def letters_are_whole(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A subject comes with its text and its HTML, and the other way round (S58)."""
    found: list[CheckMessage] = []
    for folder in Engine.get_default().dirs:
        for subject in sorted(Path(folder).rglob("*_subject.txt")):
            stem = subject.name.removesuffix("_subject.txt")
            for suffix in (".txt", ".html"):
                if not subject.with_name(stem + suffix).exists():
                    text = f"{subject.relative_to(folder)} has no {stem}{suffix} beside it."
                    found.append(Error(text, id="mgestion.E001"))
    return found


@register
def mail_kinds_are_well_named(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """`<room>.<mail>`, short enough for the row's column."""
    return [
        Error(f"Mail kind {kind!r}: <room>.<mail>, at most 60 characters.", id="mgestion.E002")
        for kind in slots.mail_kinds
        if len(kind) > 60 or kind.count(".") != 1 or kind.startswith(".") or kind.endswith(".")
    ]


@register
def embedded_stays_on_this_machine(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The demo shows everybody's mails: it answers on the loopback, and reaches nobody."""
    if settings.EMBEDDED:
        strangers = [host for host in settings.ALLOWED_HOSTS if host not in _LOOPBACK]
        # Django's test runner adds its own host to the list.
        if strangers and strangers != ["testserver"]:
            text = f"Embedded mode answers to {', '.join(strangers)}."
            return [Error(text, hint="Set MGESTION_MODE=production.", id="mgestion.E003")]
    elif settings.EMAIL_BACKEND == _LOCAL_BACKEND:
        return [Error("Production would keep its mails to itself.", id="mgestion.E004")]
    return []


@register(deploy=True)
def production_stands_behind_a_proxy(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """TLS ends at a proxy: with none trusted, every visitor has the proxy's address."""
    if settings.EMBEDDED or settings.TRUSTED_PROXY_COUNT:
        return []
    text = "TRUSTED_PROXY_COUNT=0: all visitors share the proxy's address and its limit of logins."
    hint = "Set the number of proxies that append to X-Forwarded-For, 1 in most cases."
    return [Warning(text, hint=hint, id="mgestion.W001")]
