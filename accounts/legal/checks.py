"""What `manage.py check` says about the texts."""

from typing import Any

from django.core.checks import CheckMessage, Error

from accounts.legal.consent import cookie_register
from accounts.legal.terms import markup, shipped_terms


def cookies_live_13_months_at_most(**kwargs: Any) -> list[CheckMessage]:
    """A cookie that outlives 13 months breaks article 9 of the terms (R127)."""
    return [
        Error(
            f"The cookie {name} lives longer than {cookie_register.LONGEST.days} days.",
            hint="Shorten its setting: article 9 of the terms allows 13 months.",
            id="legal.E001",
        )
        for name in cookie_register.too_long()
    ]


def shipped_terms_can_be_published(**kwargs: Any) -> list[CheckMessage]:
    """The demonstration text obeys the rules that staff's texts obey."""
    found = markup.faults(shipped_terms.body())
    return [Error(f"{shipped_terms.FILE.name}: {fault}", id="legal.E002") for fault in found]
