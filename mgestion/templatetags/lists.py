"""The lists and the read-only fields of the administration, as Django has drawn their cells."""

import re
from typing import Any, Final

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst

register = template.Library()

# Django's drawing of a boolean, whose text for who does not see it is English.
_ICON: Final = re.compile(r'<img src="[^"]*icon-(yes|no|unknown)[^"]*\.svg" alt="[^"]*">')
_SAID: Final = {"yes": "Oui", "no": "Non", "unknown": "–"}


@register.filter
def yes_or_no(drawn: Any) -> Any:
    """« Oui » and « Non » in words. What people typed is escaped by then and cannot look alike."""
    if not isinstance(drawn, SafeString) or "<img " not in drawn:
        return drawn
    said = _ICON.sub(lambda icon: f'<span class="said-{icon[1]}">{_SAID[icon[1]]}</span>', drawn)
    return SafeString(said)


@register.simple_tag
def list_cells(row: list[str], headers: list[dict[str, Any]]) -> SafeString:
    """The cells of a row. Each carries its column's name, which stands before it where the table
    is a stack of cards, and its role, which a browser forgets with the table's display.
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
        cells.append(start + SafeString(yes_or_no(cell)[3:]))  # as Django drew the rest
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
    """`ending` from two on: in French zero is singular. « aux » after a comma: « al,aux »."""
    one, comma, many = ending.rpartition(",")
    return (many if comma else ending) if abs(int(number or 0)) > 1 else one
