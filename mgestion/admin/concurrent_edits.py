"""Optimistic locking of admin forms: the second of two saves is shown what the first one changed.

A change form carries a signed digest of each field. When it is posted, the row is locked and each
field compared. If another save changed something, nothing is written: untouched fields take the
new value, fields changed by both keep what was typed, and the message names the values that the
next save would replace.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final, cast

from django import forms
from django.contrib import admin
from django.core import signing
from django.db import connection, models
from django.http import HttpRequest, QueryDict
from django.utils.text import Truncator, capfirst

ROW_STATE_FIELD: Final = "row_state"
_SALT: Final = "mgestion.row_state"
_SHOWN: Final = 120  # characters of a value in the message
_UNREADABLE: Final = (
    "Ce formulaire ne correspond plus à cette ligne\u00a0: rien n’est enregistré. "
    "Relisez-la, puis enregistrez de nouveau."
)


class ConflictGuardForm(forms.BaseModelForm[Any]):
    """Mixin for the admin form of an existing row. `guarded_rows`: digests of its inlines."""

    guarded_rows: dict[str, str]

    def _scope(self) -> str:
        return f"{_SALT}:{self.instance._meta.label_lower}:{self.instance.pk}"

    @property
    def row_state(self) -> str:
        """The signed digests in the page: the row as the agent knows it."""
        posted = self.data.get(ROW_STATE_FIELD) if self.is_bound else None
        if posted and not getattr(self, "told", False):
            return str(posted)
        return signing.dumps({**self._current(), **self.guarded_rows}, salt=self._scope())

    def _current(self) -> dict[str, str]:
        return {
            name: _digest_value(field, self._stored(name)) for name, field in self.fields.items()
        }

    def _stored(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        posted = self.data.get(ROW_STATE_FIELD)
        if not posted:
            return cleaned
        try:
            known: dict[str, str] = signing.loads(posted, salt=self._scope())
        except signing.BadSignature:
            self.told = True
            self.add_error(None, _UNREADABLE)
            return cleaned
        lines = [*self._take_over(known), *self._changed_rows(known)]
        if lines:
            self.told = True
            self.add_error(
                None,
                "Cette ligne a été modifiée depuis que vous l’avez ouverte, et rien de votre "
                f"saisie n’est encore enregistré. {' '.join(lines)} Relisez, puis enregistrez.",
            )
        return cleaned

    def _take_over(self, known: dict[str, str]) -> Iterator[str]:
        """One sentence for each field that another save set to another value than this form."""
        current = self._current()
        for name, field in self.fields.items():
            if name not in known or known[name] == current[name]:
                continue
            typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            mine = _digest_value(field, self.cleaned_data.get(name, typed))
            if mine == current[name]:
                continue
            label = capfirst(field.label or name)
            value = _describe_value(field, self._stored(name))
            if mine == known[name]:
                self._refill(name, field)
                yield f"{label}\u00a0: «\u00a0{value}\u00a0», repris ci-dessous."
            else:
                yield (
                    f"{label}\u00a0: «\u00a0{value}\u00a0», que votre saisie, gardée ci-dessous, "
                    "remplacerait."
                )

    def _refill(self, name: str, field: forms.Field) -> None:
        data = cast(QueryDict, self.data).copy()
        value = field.prepare_value(self._stored(name))
        key = self.add_prefix(name)
        if isinstance(field, forms.BooleanField):
            data.pop(key, None)
            if value:
                data[key] = "on"
        elif isinstance(value, list | tuple | models.QuerySet):
            data.setlist(key, [str(each) for each in value])
        else:
            data[key] = "" if value is None else str(value)
        self.data = data

    def _changed_rows(self, known: dict[str, str]) -> Iterator[str]:
        for name, digest in self.guarded_rows.items():
            if known.get(name, digest) != digest:
                yield f"{capfirst(name)}\u00a0: la liste a changé."


class ConflictGuardAdmin(admin.ModelAdmin[Any]):
    """A ModelAdmin whose change page never overwrites a change that its reader has not seen."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm[Any]]:
        form = super().get_form(request, obj, change=change, **options)
        if obj is None or not self.has_change_permission(request, obj):
            return form
        rows = dict(self._rows_of(request, obj))
        guarded = type(form.__name__, (ConflictGuardForm, form), {"guarded_rows": rows})
        return cast("type[forms.ModelForm[Any]]", guarded)

    def _rows_of(self, request: HttpRequest, obj: Any) -> Iterator[tuple[str, str]]:
        for inline in self.get_inline_instances(request, obj):
            formset: Any = inline.get_formset(request, obj)
            key = formset.fk.name
            rows = inline.model.objects.filter(**{key: obj}).order_by("pk").values_list()
            yield str(inline.opts.verbose_name_plural), _hash_text(repr(list(rows)))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Locks the row while it is saved, so that comparison and write are atomic."""
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST" and connection.in_atomic_block:
            rows = type(row)._default_manager.filter(pk=row.pk)
            # Without the model's ordering: PostgreSQL cannot lock some of the joined rows.
            rows.select_for_update().order_by("pk").first()
            row = super().get_object(request, object_id, from_field)
        return row

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> Any:
        form = context["adminform"].form
        if isinstance(form, ConflictGuardForm):
            context["row_state"] = form.row_state
        return super().render_change_form(request, context, *args, **options)


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digest_value(field: forms.Field, value: Any) -> str:
    """A digest that is equal for a stored value and for the same value from a browser."""
    prepared = field.prepare_value(value)
    if isinstance(prepared, list | tuple | set | models.QuerySet):
        return _hash_text(repr(sorted(str(each) for each in prepared)))
    if not isinstance(field, forms.ModelChoiceField):
        try:
            prepared = field.to_python(prepared)
        except forms.ValidationError:
            pass
    if isinstance(prepared, list | tuple | set):
        return _hash_text(repr(sorted(str(each) for each in prepared)))
    text = "" if prepared is None else str(prepared)
    return _hash_text("\n".join(text.splitlines()).strip())


def _describe_value(field: forms.Field, value: Any) -> str:
    """A stored value as the page shows it."""
    prepared = field.prepare_value(value)
    several = isinstance(prepared, list | tuple | set | models.QuerySet)
    values = list(prepared) if several else [prepared]
    if isinstance(field, forms.BooleanField):
        return "oui" if value else "non"
    choices: Any = getattr(field, "choices", None)
    if choices is not None:
        known = {str(key): str(label) for key, label in choices}
        values = [known.get(str(each), each) for each in values if each not in (None, "")]
    text = ", ".join(str(each) for each in values if each is not None)
    return Truncator(" ".join(text.split())).chars(_SHOWN) or "vide"
