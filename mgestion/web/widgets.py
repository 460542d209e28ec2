"""Forms of the portal: written by one function, where Django renders a template for each input, its
attributes, and each option of a list.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final

from django.forms import Select
from django.forms.renderers import BaseRenderer, DjangoTemplates
from django.http import HttpRequest
from django.utils.choices import BaseChoiceIterator
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


class PlainChoices(BaseChoiceIterator):
    """Codes and labels without groups; in each pair of a list Django looks for groups, twice."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


class LongSelect(Select):
    """A list of many options without groups, such as the hundred départements."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        chosen = self.format_value(value)
        options = "\n".join(
            f'<option value="{escape(str(key))}"{" selected" * (str(key) in chosen)}>'
            f"{escape(str(label))}</option>"
            for key, label in self.choices
        )
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return SafeString(f"<select{_write_attributes(attributes)}>{options}</select>")


class PlainRenderer(DjangoTemplates):
    """Writes what Django's templates of the same names do."""

    def render(
        self, template_name: str, context: Any, request: HttpRequest | None = None
    ) -> SafeString:
        write = _WRITERS.get(template_name)
        if write is None or (template_name == _ERRORS and context["errors"]):
            return SafeString(super().render(template_name, context, request))
        return SafeString(write(context))


def _write_input(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    facts = {"type": widget["type"], "name": widget["name"], "value": widget["value"]}
    return f"<input{_write_attributes(facts)}{_write_attributes(widget['attrs'])}>"


def _write_area(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    attributes = _write_attributes({"name": widget["name"], **widget["attrs"]})
    return f"<textarea{attributes}>\n{conditional_escape(widget['value'] or '')}</textarea>"


def _write_select(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    parts = []
    for group, options, _ in widget["optgroups"]:
        written = "".join(
            f'\n  <option value="{conditional_escape(str(option["value"]))}"'
            f"{_write_attributes(option['attrs'])}>{conditional_escape(option['label'])}</option>"
            for option in options
        )
        label = f'\n  <optgroup label="{conditional_escape(group)}">' if group else ""
        parts.append(f"{label}{written}" + "\n  </optgroup>" * bool(group))
    attributes = _write_attributes({"name": widget["name"], **widget["attrs"]})
    return f"<select{attributes}>{''.join(parts)}\n</select>"


def _write_label(context: Mapping[str, Any]) -> str:
    label, tag = conditional_escape(context["label"]), context["tag"]
    if not context["use_tag"]:
        return label
    return f"<{tag}{_write_attributes(context['attrs'] or {})}>{label}</{tag}>"


_ERRORS: Final = "django/forms/errors/list/default.html"  # most fields have none
_INPUTS: Final = ("text", "hidden", "email", "number", "password", "tel", "date", "search", "url")
_WRITERS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    **{f"django/forms/widgets/{kind}.html": _write_input for kind in _INPUTS},
    "django/forms/widgets/textarea.html": _write_area,
    "django/forms/widgets/select.html": _write_select,
    "django/forms/label.html": _write_label,
    _ERRORS: lambda _: "",
}


def _write_attributes(attributes: Mapping[str, Any]) -> str:
    """As Django's `flatatt`, which formats a template for each of them."""
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
