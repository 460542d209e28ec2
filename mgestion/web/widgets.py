"""Form widgets of the portal: written by one function, where Django renders a template for each
input, its attributes, and each option of a list.
"""

from html import escape
from typing import Any

from django.forms import Select, TextInput
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString


class LineInput(TextInput):
    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        attributes = {"type": self.input_type, "name": name, "value": self.format_value(value)}
        return format_html(
            "<input{}>", flatatt(self.build_attrs(self.attrs, {**attributes, **(attrs or {})}))
        )


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
        return format_html("<select{}>{}</select>", flatatt(attributes), SafeString(options))
