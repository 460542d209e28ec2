"""Tags that lead from a staff page to what belongs to its row."""

from typing import Any

from django import template
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey
from django.http import HttpRequest

from mgestion.admin.related_rows import list_related_groups
from mgestion.admin.row_kinds import RowLink, get_row_url, select_open_rows
from mgestion.templatetags.lists import yes_or_no

register = template.Library()


@register.inclusion_tag("admin/related_rows.html")
def related_rows(http: HttpRequest, row: Any, css_class: str = "module") -> dict[str, Any]:
    """The section « Liens » of the page of `row`; nothing for a row that has no relations."""
    groups = list_related_groups(http, row) if row is not None else []
    return {
        "css_class": css_class,
        "groups": [group for group in groups if group.count],
        "empty": [group.title for group in groups if not group.count],
    }


@register.simple_tag
def readonly_value(http: HttpRequest, field: Any) -> Any:
    """A field to read. A foreign key is a link where this agent may open the row, else its name:
    Django's own would lead them to a refusal.
    """
    shown = field.field
    try:
        column, _, value = lookup_field(shown["field"], field.form.instance, field.model_admin)
    except (FieldDoesNotExist, AttributeError, ValueError):
        return yes_or_no(field.contents())
    if not isinstance(column, ForeignKey) or value is None:
        return yes_or_no(field.contents())
    rows = select_open_rows(http, type(value))
    opens = rows is not None and rows.filter(pk=value.pk).exists()
    return RowLink(str(value), get_row_url(value) if opens else "").__html__()
