"""How a field of a form is drawn, in the order the eye needs it: label, hint, error, then the field
(RGAA 11.1, 11.10).

crispy-forms asks its template `bootstrap5/field.html`, ours, which asks `draw`: one string, where a
cascade of templates for each field was four tenths of a page. Ids, classes and what names what are
crispy-forms' and Django's.
"""

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mgestion.web.markup import attributes, empty_tag, joined, tag

_STAR: Final = joined(("\n", tag("span", {"class": "asteriskField", "aria-hidden": "true"}, "*")))
# Django's templates that hold an <input> and nothing else.
_INPUTS: Final = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in (
        "input",
        "text",
        "number",
        "email",
        "url",
        "search",
        "tel",
        "password",
        "hidden",
        "file",
        "date",
        "datetime",
        "time",
        "checkbox",
    )
)


class FormRenderer(DjangoTemplates):
    """Django's own, but for an <input>: a string instead of three templates."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        if template_name in _INPUTS:
            return _input(context["widget"])
        return SafeString(super().render(template_name, context, request))


def _input(widget: dict[str, Any]) -> SafeString:
    first = {"type": widget["type"], "name": widget["name"]}
    if widget["value"] is not None:
        first["value"] = str(widget["value"])
    return SafeString(f"<input{attributes(first)}{attributes(widget['attrs'])}>")


def draw(
    field: BoundField,
    *,
    element: str = "div",
    wrapper_class: str = "",
    show_errors: bool = True,
    show_labels: bool = True,
) -> SafeString:
    """The field with all that belongs to it. The options are those of crispy-forms' `FormHelper`
    and layouts.
    """
    if field.is_hidden:
        return SafeString(field)
    errors = _errors(field) if show_errors else SafeString("")
    return tag(
        element,
        {
            "id": f"div_{field.auto_id}",
            "class": _words("mb-3", errors and "has-error", wrapper_class, field.css_classes()),
        },
        *_inside(field, errors, show_labels=show_labels),
    )


def _inside(field: BoundField, errors: SafeString, *, show_labels: bool) -> Iterator[SafeString]:
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        label = _label(field, "form-check-label")
        box = (_control(field, "form-check-input"), "\n", label, _hint(field))
        yield errors
        yield tag("div", {"class": "form-check"}, *box)
    elif field.use_fieldset:
        yield _fieldset(field, errors, show_labels=show_labels)
    else:
        if field.label and show_labels:
            yield _label(field, "form-label")
        yield _hint(field)
        yield errors
        yield _control(field, "form-select" if isinstance(widget, forms.Select) else "form-control")


def _fieldset(field: BoundField, errors: SafeString, *, show_labels: bool) -> SafeString:
    described = field.aria_describedby
    chosen = isinstance(field.field.widget, forms.RadioSelect)
    about = {"aria-describedby": described} if described else {}
    if chosen:
        # A plain group cannot say that an answer is needed.
        about |= {"role": "radiogroup"} | _demands(field)
        about |= {"aria-invalid": "true"} if errors else {}
    return tag(
        "fieldset",
        about,
        tag("legend", {"class": "form-label"}, field.label, _star(field))
        if field.label and show_labels
        else "",
        _hint(field),
        errors,
        joined(_choices(field)) if chosen else _control(field, "form-control"),
    )


def _choices(field: BoundField) -> Iterator[SafeString]:
    """Radios or check boxes; ids as Django gives them, which labels and the error summary name."""
    shape = _words("form-check-input", field.errors and "is-invalid")
    for option in field.subwidgets:
        about, name = option.data, option.id_for_label or ""
        button = {
            "type": about["type"],
            "class": shape,
            "name": about["name"],
            "value": about["value"],
            "id": name,
            "checked": bool(about["selected"]),
            "disabled": bool(field.field.disabled),
        }
        label = tag("label", {"class": "form-check-label", "for": name}, option.choice_label)
        yield tag("div", {"class": "form-check"}, empty_tag("input", button), "\n", label)


def _label(field: BoundField, shape: str) -> SafeString:
    shape = _words(shape, field.field.required and "requiredField")
    return tag("label", {"for": field.id_for_label, "class": shape}, field.label, _star(field))


def _is_mandatory(field: BoundField) -> bool:
    """Whether the field is required, or made so by one choice (`data-required`)."""
    return bool(field.field.required) or "data-required" in field.field.widget.attrs


def _star(field: BoundField) -> SafeString:
    return _STAR if _is_mandatory(field) else SafeString("")


def _demands(field: BoundField) -> dict[str, str]:
    """What a screen reader reads where others see the star, unless `required` says it already:
    Django writes it on a control, `_fieldset` on none of its radios.
    """
    widget = field.field.widget
    spoken = (
        field.field.required
        and field.form.use_required_attribute
        and widget.use_required_attribute(field.initial)
        and not isinstance(widget, forms.RadioSelect)
    )
    return {"aria-required": "true"} if _is_mandatory(field) and not spoken else {}


def _hint(field: BoundField) -> SafeString:
    if not field.help_text:
        return SafeString("")
    return tag("div", {"id": f"{field.auto_id}_helptext", "class": "form-text"}, field.help_text)


def _errors(field: BoundField) -> SafeString:
    """« » when there are none."""
    if not field.errors:
        return SafeString("")
    said = (
        tag("p", {"id": f"error_{number}_{field.auto_id}"}, tag("strong", {}, error))
        for number, error in enumerate(field.errors, 1)
    )
    return tag("div", {"id": f"{field.auto_id}_error", "class": "invalid-feedback"}, *said)


def _control(field: BoundField, shape: str) -> SafeString:
    """The widget with Bootstrap's classes, after its own and its type's, as crispy-forms adds them.

    The form's fields are its own: Django copies them for each form.
    """
    own = field.field.widget.attrs
    kind = type(field.field.widget).__name__.lower()
    words = str(own.get("class", "")).split()
    added = (kind, shape, "is-invalid") if field.errors else (kind, shape)
    own["class"] = " ".join((*words, *(word for word in added if word not in words)))
    own.update(_demands(field))
    return SafeString(field)


def _words(*words: object) -> str:
    return " ".join(str(word) for word in words if word)
