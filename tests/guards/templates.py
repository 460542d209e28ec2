"""A variable that a template of ours names and nobody gave is an error, not an empty string.

`{% if name %}` and `{{ name|default:"…" }}` stay allowed: they say what happens without it.
Templates of other packages keep Django's behaviour.
"""

import inspect
from pathlib import Path
from types import FrameType

from django.template.base import FilterExpression, Node

OURS = Path(__file__).resolve().parents[2] / "templates"
FORGIVING = frozenset({"default", "default_if_none"})


class VariableMissing(AssertionError):
    """A template used a variable that its context does not hold."""


class UndefinedVariable(str):
    """The value of `string_if_invalid`: empty, but looking at it from a template of ours raises.

    Django tests its truth in `FilterExpression.resolve`, just before it would print it.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        frame = inspect.currentframe()
        asker = frame.f_back if frame is not None else None
        if asker is None or asker.f_code is not FilterExpression.resolve.__code__:
            return False
        expression: FilterExpression = asker.f_locals["self"]
        if any(function.__name__ in FORGIVING for function, _ in expression.filters):
            return False
        template = _template_of(asker)
        if template is not None and OURS in Path(template).parents:
            raise VariableMissing(
                f"{Path(template).relative_to(OURS)}: {{{{ {expression.token} }}}} is not in the "
                "context. Give it, or say what stands in its place with |default."
            )
        return False


def _template_of(frame: FrameType | None) -> str | None:
    """The file of the innermost template node that is being rendered."""
    while frame is not None:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and node.origin is not None:
            return str(node.origin.name)
        frame = frame.f_back
    return None
