"""Filters for dates and numbers; each returns "" for an empty value."""

import re
from datetime import date, datetime
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from mgestion.text import dates, french

register = template.Library()
_THIN = "\N{NARROW NO-BREAK SPACE}"
_TAGS = re.compile(r"(<[^>]*>)")
_HYPHENED_NAME = re.compile(r"\bM-[^\W\d_]+")


@register.filter
def french_date(value: date | None) -> str:
    return dates.french_date(value) if value else ""


@register.filter
def french_moment(value: datetime | None) -> str:
    return dates.french_moment(value) if value else ""


@register.filter
def french_hour(value: datetime) -> str:
    return dates.french_hour(value)


@register.filter(expects_localtime=True)
def short_moment(value: datetime | None) -> str:
    """« 17/03/2026 14:05 », Paris time, for tables; ten times faster than Django's `date`."""
    return f"{value:%d/%m/%Y %H:%M}" if value else ""


@register.filter(expects_localtime=True)
def brief_moment(value: datetime | None) -> str:
    """« 17/03 14:05 », Paris time, for a day that is near."""
    return f"{value:%d/%m %H:%M}" if value else ""


@register.filter
def siret(value: str | None) -> str:
    """14 digits as 3-3-3-5; other values unchanged."""
    text = str(value or "")
    if len(text) != 14 or not text.isascii() or not text.isdigit():
        return text
    return _THIN.join((text[:3], text[3:6], text[6:9], text[9:]))


@register.filter
def phone_fr(value: object) -> str:
    """An E.164 number in national format for France (01 99 00 12 34), else in international one."""
    import phonenumbers  # imported late: it is half of a command's start-up time

    text = str(value or "")
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return text
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code == 33
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def file_size(size: int) -> str:
    """« 3,9 Mo », « 840 ko », rounded up, in the units of the upload limits."""
    return french.format_file_size(size)


@register.filter
def keep_names_whole(heading: str) -> SafeString:
    """A heading whose « M-Gestion » does not break at its hyphen; tags in it are left alone."""
    parts = (
        part
        if part.startswith("<")
        else _HYPHENED_NAME.sub(r'<span class="nowrap">\g<0></span>', part)
        for part in _TAGS.split(conditional_escape(heading))
    )
    return SafeString("".join(parts))


@register.filter
def plural(number: int) -> str:
    """« s » from two on: 0 is singular in French, unlike in Django's `pluralize`."""
    return french.plural_ending(number)


@register.filter
def error_count(errors: ErrorDict) -> int:
    """The number of error messages of a form."""
    return sum(len(messages) for messages in errors.values())


@register.filter
def summary_label(field: BoundField) -> str:
    """The name of a field in the error summary: `short_label` where the label is a sentence."""
    return str(getattr(field.field, "short_label", "") or field.label)


@register.simple_tag
def passkey_host() -> str:
    """The host for which passkeys work; the script offers them there only."""
    return urlsplit(settings.PASSKEY_ORIGIN).hostname or ""
