"""What `manage.py check` says about the texts."""

from typing import Any

from django.core.checks import CheckMessage, Error

from accounts.legal import cookies, markup, shipped


def cookies_live_13_months_at_most(**kwargs: Any) -> list[CheckMessage]:
    """A cookie that outlives 13 months breaks article 9 of the terms (R127)."""
    return [
        Error(
            f"The cookie {name} lives longer than {cookies.LONGEST.days} days.",
            hint="Shorten its setting: article 9 of the terms allows 13 months.",
            id="legal.E001",
        )
        for name in cookies.too_long()
    ]


def shipped_terms_can_be_published(**kwargs: Any) -> list[CheckMessage]:
    """The demonstration text obeys the rules that staff's texts obey."""
    found = markup.faults(shipped.body())
    return [Error(f"{shipped.FILE.name}: {fault}", id="legal.E002") for fault in found]
