"""What `manage.py check` says about the texts."""

from typing import Any

from django.core.checks import CheckMessage, Error

from accounts.legal.consent import cookie_register
from accounts.legal.terms import markup, shipped_terms


def check_cookie_lives(**kwargs: Any) -> list[CheckMessage]:
    """A cookie that outlives 13 months breaks article 9 of the terms."""
    return [
        Error(
            f"The cookie {name} lives longer than {cookie_register.LONGEST.days} days.",
            hint="Shorten its setting: article 9 of the terms allows 13 months.",
            id="legal.E001",
        )
        for name in cookie_register.list_too_long_cookies()
    ]


def check_shipped_terms(**kwargs: Any) -> list[CheckMessage]:
    """The demonstration texts obey the rules that staff's texts obey."""
    return [
        Error(f"{file.name}: {fault}", id="legal.E002")
        for file in (shipped_terms.FILE, shipped_terms.CONDITIONS_FILE)
        for fault in markup.list_markup_faults(file.read_text(encoding="utf-8"))
    ]
