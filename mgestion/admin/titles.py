"""The base class of admin pages, with French titles, choices and messages, and common filters."""

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

from mgestion.admin.concurrent_edits import ConflictGuardAdmin
from mgestion.admin.related_rows import RelatedFilter, is_related_list
from mgestion.web.kept_typing import forget_typing, kept_data, say_again

CHOOSE = "Choisissez"
NOTHING = "–"  # an optional choice, or a missing value


class PortalModelAdmin(ConflictGuardAdmin):
    """Pages titled by their table or row; Django says « Sélectionnez l’objet … »."""

    # « Ajouter une plateforme »: the button, the page and its breadcrumb.
    add_title: str = ""
    delete_title: str = ""
    deleted_words: str = "Supprimé"
    # Singular and plural of the list's count, where the model's names do not fit.
    counted: tuple[str, str] | None = None
    formfield_overrides: ClassVar = {
        # The browser's own calendar instead of Django's script, which mentions the server's clock.
        models.DateField: {
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        },
        # Without the link « Actuellement … Modifier … » above the field.
        models.URLField: {
            "assume_scheme": "https",
            "widget": forms.URLInput(attrs={"class": "vURLField"}),
        },
    }

    # One button a page.
    one_button: ClassVar = {"show_save_and_continue": False, "show_save_and_add_another": False}

    def get_list_filter(self, request: HttpRequest) -> Any:
        """With the filter of « Tout voir », which shows itself only when it is in the address."""
        chosen = super().get_list_filter(request)
        return [RelatedFilter, *chosen] if is_related_list(self.model) else chosen

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
        """Restores what was posted after the session had ended, with its errors."""
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
        """Redirects to the list; Django goes to the home page, with a message half in French."""
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
        """Says what was done: `obj.done_words` where a flow set it."""
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
            db_field.get_choices(
                include_blank=asked, blank_choice=[("", _get_empty_choice(db_field))]
            ),
        )
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("empty_label", _get_empty_choice(db_field))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the buttons that edit the related table in a popup."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    # The journal records changes under the agent's public id; Django's admin log would keep names
    # and addresses in a text that no erasure reaches.
    def log_addition(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_change(self, *args: Any) -> None: ...  # type: ignore[override]

    def log_deletions(self, *args: Any) -> None: ...  # type: ignore[override]


class RecordAdmin(PortalModelAdmin):
    """Nobody adds, changes or deletes these rows by hand: flows do."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EmptyValueFilter(admin.EmptyFieldListFilter):
    """Filters by whether a field is empty, with words of its own instead of « Vide, Non vide »."""

    words = ("Tout", "Non", "Oui")  # all, empty, filled
    said_title = ""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.title = self.said_title or self.title

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for words, choice in zip(self.words, super().choices(changelist), strict=True):
            _, opened, number = str(choice["display"]).partition(" (")  # the counts, if asked for
            yield {**choice, "display": f"{words}{opened}{number}"}


class DateFilter(admin.DateFieldListFilter):
    """Titled « date » for columns named « le »."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.title = "date"


def _get_empty_choice(db_field: Any) -> str:
    return NOTHING if db_field.blank else CHOOSE
