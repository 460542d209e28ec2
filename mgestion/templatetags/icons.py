"""The `icon` tag, a builtin of every template."""

import re
from pathlib import Path
from typing import Final

from django import template
from django.utils.safestring import SafeString

register = template.Library()

_FILE: Final = Path(__file__).parents[2] / "templates" / "components" / "icons.svg"
_SYMBOL: Final = re.compile(r'<symbol id="(\w+)" viewBox="0 0 24 24">(.*?)</symbol>')
_DRAWINGS: Final = dict(_SYMBOL.findall(_FILE.read_text(encoding="utf-8")))


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of `icons.svg` inside the page, next to words that say the same."""
    return SafeString(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f"{_DRAWINGS[name]}</svg>\n"
    )
