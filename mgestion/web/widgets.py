"""Long lists of forms, and the engine that draws all others: a page has hundreds of small templates
of inputs, options and labels.
"""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, ClassVar

from django.forms import Select
from django.forms.renderers import BaseRenderer, DjangoTemplates, Jinja2
from django.utils.choices import BaseChoiceIterator
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


class FormRenderer(Jinja2):
    """Django's own templates of forms, by the faster of its two engines. The administration's and
    ours are for the other one.
    """

    others: ClassVar = DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("django/forms/"):
            return super().get_template(template_name)
        return self.others.get_template(template_name)


def _write_attributes(attributes: Mapping[str, Any]) -> str:
    """As Django's `flatatt`, which formats a template for each of them."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
