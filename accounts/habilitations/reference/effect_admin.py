"""A table whose change says what it would move before it is saved."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.habilitations.reference.base_admin import TableAdmin
from accounts.habilitations.reference.routing_effects import TableEffect, list_effects

CHOICE = "effect"
MOVE, KEEP = "move", "keep"


class TableWithEffects(TableAdmin):
    """Two steps when something would move: the counts and the choice, then the change."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and object_id and CHOICE not in request.POST:
            page = self._preview(request, object_id)
            if page is not None:
                return page
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _preview(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """None when nothing would move, or when the usual page has something to say first."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_change_permission(request, row):
            return None
        before = self.get_object(request, unquote(object_id))
        form = self.get_form(request, row, change=True)(request.POST, instance=row)
        if not form.is_valid():
            return None
        effects = list(self._effects(before, form))
        if not effects:
            return None
        posted = [
            (name, value)
            for name, values in request.POST.lists()
            if name != "csrfmiddlewaretoken"
            for value in values
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Modifier\u00a0: {before}",
            "row": before,
            "effects": effects,
            "offers": [effect.offer for effect in effects if effect.offer],
            "posted": posted,
        }
        return TemplateResponse(request, "admin/habilitations/effects.html", context)

    def _effects(self, before: Any, form: Any) -> Iterator[TableEffect]:
        changes = {
            name: (getattr(before, name), form.cleaned_data[name]) for name in form.changed_data
        }
        return list_effects(before, changes)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = self.get_object(request, str(obj.pk)) if change else None
        effects = list(self._effects(before, form)) if before is not None else []
        super().save_model(request, obj, form, change)
        if request.POST.get(CHOICE) != MOVE:
            return
        now = timezone.now()
        for effect in effects:
            if not effect.offer:
                continue
            moved = effect.move(request.user, now)  # type: ignore[arg-type]  # the admin lets no anonymous in
            said = f"{moved.done} demande{'s' if moved.done > 1 else ''} déplacée"
            messages.info(request, f"{said}{'s' if moved.done > 1 else ''}.")
            for reason in moved.left:
                messages.warning(request, f"Laissée en l’état\u00a0: {reason}")
