"""Parts of a crispy layout. crispy-forms compiles the template of an `HTML` or of a legend at each
drawing of a form; these do not.
"""

from typing import Any

from crispy_forms.layout import Fieldset
from django.forms import BaseForm
from django.template import Context
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString


class IncludedTemplate:
    """A template between two fields, drawn with the page's context."""

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, form: BaseForm, context: Context, **said: Any) -> SafeString:
        template: Any = get_template(self.name)
        drawn: SafeString = template.template.render(context)
        return drawn


class FormSection(Fieldset):  # type: ignore[misc]  # crispy-forms has no types
    """Fields under a legend, which is plain text."""

    def __init__(self, legend: str, *fields: Any, css_class: str = "form-section") -> None:
        super().__init__(legend, *fields, css_class=css_class)

    def render(self, form: BaseForm, context: Context, **said: Any) -> SafeString:
        return format_html(
            '<fieldset class="{}"><legend>{}</legend>{}</fieldset>',
            self.css_class,
            self.legend,
            self.get_rendered_fields(form, context, **said),
        )
