"""Parts of a page that a process draws once: `{% kept %}`, its holes `{% live %}`, and icons.

`{% kept here=portal_here staff=user.is_staff %}…{% endkept %}` draws its inside once for each
combination of the values that it names, and sees nothing else of the page: what is kept cannot hold
what it was not given. The values are flags and names of pages, never what a person typed nor what
the administration may edit. `{% live %}…{% endlive %}` in it is drawn for each page, with all
that the page knows: a CSRF token, a field, a nonce.
"""

import functools
import re
from typing import Final

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.template.exceptions import TemplateSyntaxError
from django.template.loader_tags import BlockNode
from django.templatetags.static import static
from django.urls import get_script_prefix, get_urlconf
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MOST: Final = 64  # combinations that one place keeps; those beyond are drawn each time
_INSIDE: Final = "_kept"
_HOLE: Final = re.compile("\0(\\d+)\0")  # no text holds a NUL: `mgestion.web.nul`
_Parts = tuple[str | Node, ...]


class LiveNode(Node):
    """Drawn for each page, inside a part that is kept."""

    # What looks for blocks and tokens that would be kept does not look in here.
    child_nodelists = ()

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.place: int | None = None  # among the holes of its part

    def render(self, context: Context) -> SafeString:
        if self.place is None or _INSIDE not in context:
            raise TemplateSyntaxError("{% live %} stands inside {% kept %}, in the same template.")
        return SafeString(f"\0{self.place}\0")


class KeptNode(Node):
    """What is drawn once for each value of its key."""

    child_nodelists = ()  # no block is in it: Django need not look for one at each page

    def __init__(self, nodelist: NodeList, names: dict[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self.names = names
        found = nodelist.get_nodes_by_type(LiveNode)
        self.holes = [node for node in found if isinstance(node, LiveNode)]
        for place, hole in enumerate(self.holes):
            hole.place = place
        self.drawn: dict[tuple[object, ...], _Parts] = {}

    def render(self, context: Context) -> SafeString:
        if self.holes and _INSIDE in context:
            raise TemplateSyntaxError("A {% kept %} with a {% live %} stands in no other one.")
        values = {name: self._value(name, said, context) for name, said in self.names.items()}
        # Addresses depend on these two beside the template; there is one language (D19).
        key = (*values.values(), get_urlconf(), get_script_prefix())
        parts = self.drawn.get(key)
        if parts is None:
            parts = self._parts(context, values)
            if len(self.drawn) < MOST:
                self.drawn[key] = parts
        return SafeString(
            "".join(
                part.nodelist.render(context) if isinstance(part, LiveNode) else str(part)
                for part in parts
            )
        )

    def _value(self, name: str, said: FilterExpression, context: Context) -> bool | str | None:
        value = said.resolve(context, ignore_failures=True)
        # Exactly these: a row would go stale, and a text that is markup equals one that is not.
        if value is None or type(value) is bool or type(value) is str:
            return value
        raise TypeError(f"{{% kept %}}: {name} is a {type(value).__name__}, not a flag nor a name")

    def _parts(self, context: Context, values: dict[str, bool | str | None]) -> _Parts:
        text = self.nodelist.render(context.new({**values, _INSIDE: True}))
        return tuple(
            self.holes[int(piece)] if odd % 2 else piece
            for odd, piece in enumerate(_HOLE.split(text))
        )


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    _, *said = token.split_contents()
    names = token_kwargs(said, parser)
    if said:
        raise TemplateSyntaxError("{% kept %} takes name=value pairs only.")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    for kind in (BlockNode, CsrfTokenNode, KeptNode):
        if nodelist.get_nodes_by_type(kind):
            raise TemplateSyntaxError(f"{{% kept %}} holds no {kind.__name__}.")
    return KeptNode(nodelist, names)


@register.tag
def live(parser: Parser, token: Token) -> LiveNode:
    nodelist = parser.parse(("endlive",))
    parser.delete_first_token()
    for kind in (BlockNode, KeptNode, LiveNode):
        if nodelist.get_nodes_by_type(kind):
            raise TemplateSyntaxError(f"{{% live %}} holds no {kind.__name__}.")
    return LiveNode(nodelist)


@register.simple_tag
@functools.cache  # the templates name each of the few drawings
def icon(name: str) -> SafeString:
    """A drawing of `static/img/icons.svg`, next to words that say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>\n',
        static("img/icons.svg"),
        name,
    )
