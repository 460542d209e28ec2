"""Filters of crispy-forms' field template (`templates/bootstrap5/field.html`)."""

from django import template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def is_mandatory(field: BoundField) -> bool:
    """Whether the field is required, always or for some choice (`data-required`)."""
    return field.field.required or "data-required" in field.field.widget.attrs


@register.filter
def control(field: BoundField, css_class: str) -> SafeString:
    """The widget with Bootstrap's classes, and `aria-required` without `required`."""
    widget = field.field.widget
    classes = [widget.attrs.get("class"), css_class, "is-invalid" if field.errors else ""]
    attributes: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    has_required = (
        field.field.required
        and field.form.use_required_attribute
        and widget.use_required_attribute(field.initial)
    )
    if is_mandatory(field) and not has_required:
        attributes["aria-required"] = "true"
    return field.as_widget(attrs=attributes)
