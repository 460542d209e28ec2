"""Tags and filters for the lists and read-only fields of the admin."""

import re
from typing import Any, Final

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst

register = template.Library()

# Django's icon of a boolean, whose alternative text is English.
_ICON: Final = re.compile(r'<img src="[^"]*icon-(yes|no|unknown)[^"]*\.svg" alt="[^"]*">')
_SAID: Final = {"yes": "Oui", "no": "Non", "unknown": "–"}


@register.filter
def yes_or_no(drawn: Any) -> Any:
    """Replaces Django's boolean icons by words. Values are escaped before, so none can look like an
    icon.
    """
    if not isinstance(drawn, SafeString) or "<img " not in drawn:
        return drawn
    said = _ICON.sub(lambda icon: f'<span class="said-{icon[1]}">{_SAID[icon[1]]}</span>', drawn)
    return SafeString(said)


@register.simple_tag
def list_cells(row: list[str], headers: list[dict[str, Any]]) -> SafeString:
    """The cells of a row, each with its column's name, shown on small screens where rows are cards,
    and its ARIA role, which browsers drop when `display` changes.
    """
    cells = []
    for number, cell in enumerate(row):
        header = headers[number] if number < len(headers) else {}
        name = capfirst(strip_tags(str(header.get("text", ""))).strip())
        start = (
            format_html('<th scope="row" role="rowheader" data-label="{}"', name)
            if cell.startswith("<th")
            else format_html('<td role="cell" data-label="{}"', name)
        )
        cells.append(start + SafeString(yes_or_no(cell)[3:]))  # the rest is Django's HTML
    return SafeString("".join(cells))


@register.simple_tag
def how_many(changelist: Any) -> str:
    """« 0 compte », « 1 compte », « 1 234 comptes »."""
    number = changelist.result_count
    opts = changelist.opts
    one, many = getattr(changelist.model_admin, "counted", None) or (
        opts.verbose_name,
        opts.verbose_name_plural,
    )
    figures = f"{number:,}".replace(",", "\u202f")
    return f"{figures}\u00a0{one if number < 2 else many}"


@register.filter
def plural(number: Any, ending: str = "s") -> str:
    """The plural ending from two on (in French zero is singular); « al,aux » gives both endings."""
    one, comma, many = ending.rpartition(",")
    return (many if comma else ending) if abs(int(number or 0)) > 1 else one
