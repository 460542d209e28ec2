"""The texts of the mails, for the national administrator: the list, one text, its preview."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import ndiff
from typing import Any, Final
from uuid import UUID

from django import forms
from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from mgestion import slots
from mgestion.admin.titles import PortalModelAdmin
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue import texts
from mgestion.outbox.catalogue.checking import build_sample_content, find_problems
from mgestion.outbox.catalogue.kinds import MailKind, Placeholder, ValueType
from mgestion.outbox.catalogue.rendering import MailSource, read_original_source, render_source
from mgestion.outbox.models import MailText
from mgestion.web.kept_typing import posted_or_kept

# As in a mailbox: inline styles, nothing that runs, nothing that loads from elsewhere; shown in a
# frame of the portal's own page.
_PREVIEW_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_HISTORY: Final = 20


class TextForm(forms.Form):
    """`seen`: the number of the text that the page showed."""

    subject = forms.CharField(label="Objet", max_length=200)
    body = forms.CharField(
        label="Texte",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 26, "class": "vLargeTextField"}),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, kind: MailKind, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for problem in find_problems(self.kind, self.source):
                self.add_error("body", problem)
        return cleaned

    @property
    def source(self) -> MailSource:
        said = self.cleaned_data
        return MailSource(said["subject"], said["body"].replace("\r\n", "\n").strip())


@dataclass(frozen=True, slots=True)
class TextLine:
    """One mail in the list."""

    kind: MailKind
    subject: str
    latest: MailText | None
    is_faulty: bool

    @property
    def is_changed(self) -> bool:
        return self.latest is not None and not self.latest.is_original


@dataclass(frozen=True, slots=True)
class PastText:
    """A row of the history, and what it changed: (« added » or « removed », line)."""

    row: MailText
    author: str
    changes: list[tuple[str, str]]


class MailTextAdmin(PortalModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="outbox_mailtext_changelist"),
            path("<str:mail_kind>/", view(self.edit_view), name="outbox_mailtext_edit"),
            path(
                "<str:mail_kind>/apercu/",
                view(require_POST(self.preview_view)),
                name="outbox_mailtext_preview",
            ),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        latest = texts.get_latest_texts()
        faulty = {row.kind for row in texts.list_faulty_texts()}
        rooms: dict[str, list[TextLine]] = {}
        for code, kind in slots.mail_kinds.items():
            row = latest.get(code)
            changed = row is not None and not row.is_original
            subject = (
                row.subject if row and changed else read_original_source(kind.template).subject
            )
            line = TextLine(kind, subject, row, code in faulty)
            rooms.setdefault(_get_app_name(kind), []).append(line)
        context = {
            **self.admin_site.each_context(request),
            "title": "Textes des e-mails",
            "rooms": sorted(rooms.items()),
        }
        return TemplateResponse(request, "admin/outbox/mailtext/change_list.html", context)

    def edit_view(self, request: HttpRequest, mail_kind: str) -> HttpResponse:
        """`step` of a POST: « preview » writes nothing, « save » and « restore » do."""
        kind = self._open(request, mail_kind)
        latest = texts.get_latest_text(kind.code)
        source = texts.get_current_source(kind)
        step = request.POST.get("step")
        if step == "restore":
            return self._restore(request, kind)
        initial = {
            "subject": source.subject,
            "body": source.body,
            "seen": latest.number if latest else 0,
        }
        form = TextForm(kind, posted_or_kept(request), initial=initial)
        preview = None
        if request.method == "POST" and form.is_valid():
            if step == "save" and self._save(request, kind, form):
                return HttpResponseRedirect(_get_list_url())
            preview = render_source(kind, form.source, build_sample_content(kind))
        context = {
            **self.admin_site.each_context(request),
            "title": f"E-mail «\u00a0{kind.label}\u00a0»",
            "form": form,
            "kind": kind,
            "placeholders": [(one, _describe_usage(one)) for one in kind.placeholders],
            "latest": latest,
            "original": read_original_source(kind.template),
            "preview": preview,
            "history": _list_past_texts(kind),
        }
        return TemplateResponse(request, "admin/outbox/mailtext/edit.html", context)

    def preview_view(self, request: HttpRequest, mail_kind: str) -> HttpResponse:
        """The HTML part of what was typed, exactly as it would leave; nothing is written."""
        kind = self._open(request, mail_kind)
        form = TextForm(kind, request.POST)
        if not form.is_valid():
            return HttpResponse("Ce texte est à corriger.", status=400, content_type="text/plain")
        response = HttpResponse(render_source(kind, form.source, build_sample_content(kind)).html)
        response["Content-Security-Policy"] = _PREVIEW_POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _open(self, request: HttpRequest, mail_kind: str) -> MailKind:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if mail_kind not in slots.mail_kinds:
            raise Http404
        return slots.mail_kinds[mail_kind]

    def _save(self, request: HttpRequest, kind: MailKind, form: TextForm) -> bool:
        seen = form.cleaned_data["seen"]
        try:
            texts.change_mail_text(
                kind, form.source, seen=seen, actor=_get_actor(request), now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
            latest = texts.get_latest_text(kind.code)
            # The next attempt is made knowing what stands now: the page shows it.
            form.data = {**form.cleaned_data, "seen": latest.number if latest else 0}
            return False
        words = f"Texte de l’e-mail «\u00a0{kind.label}\u00a0» enregistré."
        self.message_user(request, words, messages.SUCCESS)
        return True

    def _restore(self, request: HttpRequest, kind: MailKind) -> HttpResponse:
        seen = request.POST.get("seen", "")
        try:
            texts.restore_original_text(
                kind,
                seen=int(seen) if seen.isdecimal() else 0,
                actor=_get_actor(request),
                now=timezone.now(),
            )
        except WrongState as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:outbox_mailtext_edit", args=[kind.code]))
        words = f"L’e-mail «\u00a0{kind.label}\u00a0» a retrouvé son texte d’origine."
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(_get_list_url())


def _get_app_name(kind: MailKind) -> str:
    config = apps.app_configs.get(kind.room)
    return str(config.verbose_name) if config is not None else kind.room


def _get_list_url() -> str:
    return reverse("admin:outbox_mailtext_changelist")


def _get_actor(request: HttpRequest) -> Actor:
    return Actor.staff(request.user)  # type: ignore[arg-type]  # never anonymous


def _describe_usage(one: Placeholder) -> str:
    """How it is written in a text."""
    match one.type:
        case ValueType.LINK:
            return f"[mots du lien]({{{{ {one.name} }}}})"
        case ValueType.FLAG:
            return f"{{% if {one.name} %}} … {{% else %}} … {{% endif %}}"
        case _:
            return f"{{{{ {one.name} }}}}"


def _list_past_texts(kind: MailKind) -> list[PastText]:
    """The last texts, the newest first, each beside the one before it."""
    rows = list(MailText.objects.filter(kind=kind.code).order_by("-number")[: _HISTORY + 1])
    names = _get_author_names(row.written_by for row in rows)
    sources = [_get_source(kind, row) for row in [*rows, None]]
    return [
        PastText(row, names.get(row.written_by, "un compte supprimé"), _list_changes(before, after))
        for row, after, before in zip(rows[:_HISTORY], sources, sources[1:], strict=False)
    ]


def _get_source(kind: MailKind, row: MailText | None) -> MailSource:
    if row is None or row.is_original:
        return read_original_source(kind.template)
    return MailSource(row.subject, row.body)


def _list_changes(before: MailSource, after: MailSource) -> list[tuple[str, str]]:
    words = {"+ ": "added", "- ": "removed"}
    lines = ndiff(
        [before.subject, *before.body.splitlines()], [after.subject, *after.body.splitlines()]
    )
    return [(words[one[:2]], one[2:]) for one in lines if one[:2] in words and one[2:].strip()]


def _get_author_names(references: Iterable[UUID]) -> dict[UUID, str]:
    known = set(references)
    found: dict[UUID, str] = {}
    for find in slots.people.values() if known else ():
        found |= find(known)
    return found
