"""Django system checks."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.template import TemplateDoesNotExist

from mgestion import slots
from mgestion.outbox.catalogue.checking import find_original_problems

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_LOCAL_BACKEND = "mgestion.outbox.sending.backends.LocalBackend"


@register
def mails_have_their_text(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Each kind of mail has a valid text."""
    found: list[CheckMessage] = []
    for code, kind in slots.mail_kinds.items():
        try:
            problems = find_original_problems(kind)
        except TemplateDoesNotExist:
            problems = (f"there is no {kind.template}",)
        found += [Error(f"{code}: {problem}", id="mgestion.E001") for problem in problems]
    return found


@register
def mail_kinds_are_well_named(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Codes are `<app>.<mail>` and fit the column."""
    return [
        Error(f"Mail kind {kind!r}: <app>.<mail>, at most 60 characters.", id="mgestion.E002")
        for kind in slots.mail_kinds
        if len(kind) > 60 or kind.count(".") != 1 or kind.startswith(".") or kind.endswith(".")
    ]


@register
def embedded_stays_on_this_machine(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The demo shows all mails, so it answers on the loopback only and sends none."""
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
    """TLS ends at a proxy: without a trusted one, all visitors share the proxy's address."""
    if settings.EMBEDDED or settings.TRUSTED_PROXY_COUNT:
        return []
    text = "TRUSTED_PROXY_COUNT=0: all visitors share the proxy's address and its limit of logins."
    hint = "Set the number of proxies that append to X-Forwarded-For, 1 in most cases."
    return [Warning(text, hint=hint, id="mgestion.W001")]
