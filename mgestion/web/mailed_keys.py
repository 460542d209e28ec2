"""Keys of mailed links in addresses: one path converter, `<mailed_key:key>`.

A route that takes such a key says so with this converter, and with that alone the key is kept out
of logs and of stored mails (`mgestion.web.logging.masking`): the mask is made from the routes.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.urls import URLResolver, get_resolver, register_converter
from django.urls.converters import StringConverter

CONVERTER_NAME: Final = "mailed_key"
_PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")
_SEGMENT: Final = r"[^/?#\s\"'<>]+"
_END: Final = r"(?=[/?#\s\"'<>]|$)"


class MailedKey(StringConverter):
    """What opens something for whoever holds it: a signed id, sent by mail."""


register_converter(MailedKey, CONVERTER_NAME)


def iterate_routes(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[str]:
    """Every route of the portal in full, as written in the URL patterns."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from iterate_routes(pattern.url_patterns, route)
        else:
            yield route


def key_pattern() -> str:
    """A regular expression for the addresses that hold a key: group 1 is what stands before it."""
    known = list(iterate_routes())
    found = []
    for route in known:
        for parameter in _PARAMETER.finditer(route):
            if parameter[1] == CONVERTER_NAME:
                found.append(_match_before_key(route[: parameter.start()], known))
    return f"({'|'.join(sorted(found))}){_SEGMENT}" if found else r"(?!)()"


def _match_before_key(head: str, known: list[str]) -> str:
    # Pages that stand where a key would, like /mot-de-passe/oublie/.
    beside = {route[len(head) :].partition("/")[0] for route in known if route.startswith(head)}
    pages = sorted(re.escape(word) for word in beside if word and "<" not in word)
    literal = _SEGMENT.join(re.escape(part) for part in re.split(r"<[^>]*>", head))
    return literal + (f"(?!(?:{'|'.join(pages)}){_END})" if pages else "")
