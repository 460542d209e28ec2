"""Acts of staff: declaration, page for one row, bulk execution."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.web.kept_typing import posted_or_kept

Row = TypeVar("Row")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class StaffAct(Generic[Row]):
    """`verb`: a function of a `flows` module, which checks, locks, journals and queues the mail.
    `button`: its text when not the label.
    """

    label: str = ""
    title: str = ""  # « Label ? » when empty
    warning: str | Callable[[Row, datetime], str] = ""
    form: Callable[..., forms.Form] = forms.Form
    verb: Callable[[Row, Actor, dict[str, Any], datetime], object]
    done: str | Callable[[Row, Any], str]  # of the row and of what the verb returned
    button: str = ""
    dangerous: bool = False
    shown: Callable[[Row], bool] = lambda row: True

    def warning_for(self, row: Row, now: datetime) -> str:
        return self.warning if isinstance(self.warning, str) else self.warning(row, now)

    def done_words(self, row: Row, result: object) -> str:
        return self.done if isinstance(self.done, str) else self.done(row, result)


def on_row(flow: Callable[..., object]) -> Callable[..., object]:
    """The verb of an act whose form has the arguments of `flow` as fields."""
    return lambda row, actor, said, now: flow(row, actor=actor, now=now, **said)


def on_key(flow: Callable[..., object]) -> Callable[..., object]:
    """The same for a `flow` that takes the key of the row."""
    return lambda row, actor, said, now: flow(row.pk, actor=actor, now=now, **said)


def offered_acts(acts: Mapping[str, StaffAct[Row]], row: Row) -> dict[str, StaffAct[Row]]:
    """The acts that the state of this row allows, by their word in the URL."""
    return {word: act for word, act in acts.items() if act.shown(row)}


class StaffActView(View, Generic[Row]):
    """GET explains the act, POST does it. A refusal is shown above the form; WrongState redirects
    to the page of the row.
    """

    template_name = "admin/act_page.html"
    acts: ClassVar[Mapping[str, StaffAct[Any]]]
    act: StaffAct[Any]
    row: Row
    form: forms.Form
    now: datetime

    # --- to override ---

    def may_act(self) -> bool:
        raise NotImplementedError

    def get_row(self) -> Row:
        raise NotImplementedError

    def row_url(self) -> str:
        raise NotImplementedError

    def done_url(self) -> str:
        return self.row_url()

    def refused_url(self) -> str:
        return self.row_url()

    def get_word(self) -> str:
        return str(self.kwargs.get("word", ""))

    def impossible_words(self) -> str:
        """Why the act is not offered."""
        return "Cette action n’est pas possible."

    def form_options(self) -> dict[str, Any]:
        return {}

    def page_context(self) -> dict[str, Any]:
        return {}

    def add_refusal(self, form: forms.Form, refusal: Refused) -> None:
        form.add_error(None, refusal.message)

    # --- the page ---

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_act():
            raise PermissionDenied
        self.row, self.now = self.get_row(), timezone.now()
        act = offered_acts(self.acts, self.row).get(self.get_word())
        if act is None:
            messages.error(request, self.impossible_words())
            return HttpResponseRedirect(self.refused_url())
        self.act = act
        self.form = act.form(posted_or_kept(request), **self.form_options())
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = {
            **admin.site.each_context(request),
            "title": self.act.title or f"{self.act.label}\u202f?",
            "form": self.form,
            "act": self.act,
            "warning": self.act.warning_for(self.row, self.now),
            "row": self.row,
            "back": self.row_url(),
            **self.page_context(),
        }
        return TemplateResponse(request, self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.form.is_valid():
            return self.get(request)
        actor = Actor.staff(request.user)  # type: ignore[arg-type]  # never anonymous
        try:
            result = self.act.verb(self.row, actor, self.form.cleaned_data, self.now)
        except Refused as refusal:
            if self.form.fields and not isinstance(refusal, WrongState):
                self.add_refusal(self.form, refusal)
                return self.get(request)
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.refused_url())
        messages.success(request, self.act.done_words(self.row, result))
        return HttpResponseRedirect(self.done_url())


@dataclass(frozen=True)
class BulkOutcome(Generic[Row]):
    """The result for one row of a bulk act."""

    item: Row | None
    done: bool
    words: str


def perform_on_each(
    act: StaffAct[Row], rows: Iterable[Row], actor: Actor, now: datetime, *, failed_words: str
) -> Iterator[BulkOutcome[Row]]:
    """Each row in a transaction of its own: a refusal or a failure stops no other row."""
    for row in rows:
        try:
            result = act.verb(row, actor, {}, now)
        except Refused as refusal:
            yield BulkOutcome(row, False, refusal.message)
        except DatabaseError:
            _log.exception("bulk act on %s", row)
            yield BulkOutcome(row, False, failed_words)
        else:
            yield BulkOutcome(row, True, act.done_words(row, result))
