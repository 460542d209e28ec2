"""What every page of the administration has in common: titles, choices and lists that read like
French.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst

from mgestion.admin.concurrent_edits import GuardedEdits
from mgestion.web.kept_typing import forget_typing, kept_data, say_again

CHOOSE = "Choisissez"
NOTHING = "–"  # of a choice that may stay open, and of a value that is not there


class Titled(GuardedEdits):
    """The name of the table or of the row: Django would say « Sélectionnez l’objet … »."""

    # « Ajouter une plateforme »: of the button, of the page that it leads to and of its trail.
    add_title: str = ""
    delete_title: str = ""
    deleted_words: str = "Supprimé"
    # How many of what a list says that it holds, where the model's own names do not count well.
    counted: tuple[str, str] | None = None
    formfield_overrides: ClassVar = {
        # The browser's own calendar: Django's is a script, and speaks of the server's clock.
        models.DateField: {
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        },
        # Without the link « Actuellement … Modifier … » above the field.
        models.URLField: {
            "assume_scheme": "https",
            "widget": forms.URLInput(attrs={"class": "vURLField"}),
        },
    }

    # One clear act a page; what is saved is read on the list.
    one_button: ClassVar = {"show_save_and_continue": False, "show_save_and_add_another": False}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            forget_typing(request)
        elif kept_data(request) is not None:
            say_again(request)
        name = capfirst(str(self.opts.verbose_name))
        title = name if object_id else self.add_words
        shown = {"title": title, **self.one_button, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, shown)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm[Any]]:
        """What was typed while the session ended is in the form again, with its faults."""
        form = super().get_form(request, obj, change=change, **options)
        data = kept_data(request) if request.method == "GET" else None
        if data is None:
            return form
        typed = {"__init__": lambda self, *args, **named: form.__init__(self, data, **named)}
        return cast("type[forms.ModelForm[Any]]", type(form.__name__, (form,), typed))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = self.delete_title or f"Supprimer\u00a0: {self.opts.verbose_name}"
        shown = {"title": title, **(extra_context or {})}
        return super().delete_view(request, object_id, shown)

    @property
    def add_words(self) -> str:
        return self.add_title or f"Ajout\u00a0: {self.opts.verbose_name}"

    def _page(self, name: str) -> str:
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Django's own way to say it, half in French, leads to the home."""
        words = "Cette ligne n’existe pas, ou n’existe plus."
        self.message_user(request, words, messages.WARNING)
        return redirect(self._page("changelist"))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._saved(request, obj, self.response_post_save_add)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._saved(request, obj, self.response_post_save_change)

    def _saved(
        self, request: HttpRequest, obj: Any, leave: Callable[[HttpRequest, Any], HttpResponse]
    ) -> HttpResponse:
        """What was done, in a row's own words where a verb left some (`obj.done_words`)."""
        said = getattr(obj, "done_words", None) or f"Enregistré\u00a0: {obj}."
        self.message_user(request, said, messages.SUCCESS)
        if "_continue" in request.POST:
            return redirect(self._page("change"), obj.pk)
        return leave(request, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        self.message_user(request, f"{self.deleted_words}\u00a0: {obj_display}.", messages.SUCCESS)
        return redirect(self._page("changelist"))

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = None
    ) -> list[tuple[str, str]]:
        first = default_choices or [("", "Choisissez une action")]
        return super().get_action_choices(request, first)

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        asked = db_field.blank or not db_field.has_default()
        kwargs.setdefault(
            "choices",
            db_field.get_choices(include_blank=asked, blank_choice=[("", _first(db_field))]),
        )
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("empty_label", _first(db_field))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the pencil and the cross that open another table in a window of its own."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    # The journal tells it, under the agent's opaque id; Django's own log would keep names and
    # addresses in a text that nothing erases.
    def log_addition(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_change(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_deletions(self, *args: Any) -> None: ...  # type: ignore[override]


class Whether(admin.EmptyFieldListFilter):
    """By whether a field says something, in words of its own: Django says « Vide, Non vide »."""

    words = ("Tout", "Non", "Oui")  # all, empty, filled
    said_title = ""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.title = self.said_title or self.title

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for words, choice in zip(self.words, super().choices(changelist), strict=True):
            _, opened, number = str(choice["display"]).partition(" (")  # the counts, if asked for
            yield {**choice, "display": f"{words}{opened}{number}"}


class Dates(admin.DateFieldListFilter):
    """A date whose column is called « le » is filtered by « date »."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.title = "date"


def _first(db_field: Any) -> str:
    return NOTHING if db_field.blank else CHOOSE
