"""The tag behind crispy-forms' template of a field."""

from django import template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils.safestring import SafeString

from mgestion.web import fields

register = template.Library()


@register.simple_tag(takes_context=True)
def drawn(context: Context, field: BoundField) -> SafeString:
    """`field`, with what a `FormHelper` or a layout has put beside it."""
    return fields.draw(
        field,
        element=context.get("tag") or "div",
        wrapper_class=context.get("wrapper_class") or "",
        show_errors=bool(context.get("form_show_errors", True)),
        show_labels=bool(context.get("form_show_labels", True)),
    )
