"""Markup made of pieces. Each is escaped unless it is markup already.

Django's `format_html` does the same; a page that draws a hundred options or a dozen fields feels
what it costs to parse a format for each.
"""

import html
from collections.abc import Iterable, Mapping
from typing import cast

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


def escaped(value: object) -> str:
    """`value` as it may stand in a text or between double quotes."""
    if type(value) is str:  # by far the most; without the detour for lazy texts
        return html.escape(value)
    return conditional_escape(cast(str, value))  # a number too, whatever its stubs say


def joined(pieces: Iterable[object]) -> SafeString:
    return SafeString("".join(map(escaped, pieces)))


def attributes(values: Mapping[str, object]) -> SafeString:
    """` name="value"` for each; True is the bare name, False is nothing, as in Django's widgets."""
    return SafeString(
        "".join(
            f" {escaped(name)}" if value is True else f' {escaped(name)}="{escaped(str(value))}"'
            for name, value in values.items()
            if value is not False
        )
    )


def tag(name: str, values: Mapping[str, object], *inside: object) -> SafeString:
    """An element with what it holds; `values` as in `attributes`."""
    return SafeString(f"<{name}{attributes(values)}>{joined(inside)}</{name}>")


def empty_tag(name: str, values: Mapping[str, object]) -> SafeString:
    """An element that holds nothing: <input>."""
    return SafeString(f"<{name}{attributes(values)}>")
