"""One screen to decide: the evidence beside the acts. The rules are in `registrations.flows`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.habilitations.models import Delegation
from accounts.habilitations.permissions import Staff, may_configure, may_decide, staff_of
from accounts.models import User
from mgestion.errors import Refused, WrongState
from mgestion.outbox.messages import Message
from registrations import emails
from registrations.admin.clock import due_of, now_of
from registrations.admin.evidence import Evidence, gather, next_to_do
from registrations.admin.forms import ApproveForm, RefuseForm, proposed_role
from registrations.enums import Act, RequestStatus
from registrations.flows import decide, desk
from registrations.flows.guards import ensure_allowed, ensure_version
from registrations.models import RefusalReason, Request

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    RequestModelAdmin = ModelAdmin[Request]

QUEUE: Final = "admin:registrations_request_changelist"
TEMPLATE: Final = "admin/registrations/request/decision.html"
RELATED: Final = (
    "user",
    "department__delegation",
    "branch",
    "profile",
    "delegation",
    "dga",
    "assignee",
    "refusal_reason",
    "establishment",
)

# The word in the address, and the name of the act.
WORDS: Final = {
    "accepter": "approve",
    "refuser": "refuse",
    "prendre": "take",
    "liberer": "release",
    "reorienter": "reroute",
}
# Where the verbs' refusals are shown; the others stand above the forms.
_FIELDS: Final = {
    "unknown_role": "role",
    "reason_needed": "reason",
    "evidence_needed": "evidence",
    "text_needed": "text",
}


@dataclass
class Desk:
    """One agent before one request, during one HTTP request."""

    admin: "RequestModelAdmin"
    http: HttpRequest
    item: Request
    staff: Staff
    user: User
    now: datetime

    @classmethod
    def open(cls, admin: "RequestModelAdmin", http: HttpRequest, object_id: str) -> "Desk":
        """Out of the scope is as unknown as what does not exist (S14, S22)."""
        staff = staff_of(http.user)
        try:
            key = UUID(object_id)
        except ValueError:
            raise Http404 from None
        item = admin.get_queryset(http).select_related(*RELATED).filter(pk=key).first()
        if staff is None or item is None:
            raise Http404
        return cls(admin, http, item, staff, cast(User, http.user), now_of(http))

    @property
    def address(self) -> str:
        return reverse("admin:registrations_request_change", args=[self.item.pk])

    @property
    def version(self) -> int:
        """What the reviewer had before his eyes; nonsense is no version at all."""
        return _number(self.http.POST.get("version", ""))

    def back(self) -> HttpResponse:
        return HttpResponseRedirect(self.address)

    def page(
        self,
        *,
        approve: ApproveForm | None = None,
        refuse: RefuseForm | None = None,
        preview: Message | None = None,
        trouble: str = "",
        stale: bool = False,
    ) -> HttpResponse:
        """The page as things stand. `trouble` says why nothing was done; what was typed is kept."""
        seen = _number(self.http.POST.get("seen", "")) if stale else None
        evidence = gather(self.item, self.staff, seen=seen)
        # A form that comes back keeps what the reviewer had read, unless told what changed.
        kept = not stale and (approve is not None or refuse is not None)
        decides = may_decide(self.staff)
        can_act = decides and self.item.is_open and self.item.user_id != self.user.pk
        context = {
            **self.admin.admin_site.each_context(self.http),
            "opts": self.admin.opts,
            "title": f"Demande {self.item.reference}",
            "item": self.item,
            "evidence": evidence,
            "due": due_of(self.item, self.now),
            "can_act": can_act,
            "read_only": not decides,
            "own": self.item.user_id == self.user.pk,
            "mine": self.item.assignee_id == self.user.pk,
            "may_release": self.item.assignee_id == self.user.pk or may_configure(self.staff),
            "approve": (approve or ApproveForm(self.item)) if can_act else None,
            "refuse": (refuse or RefuseForm()) if can_act else None,
            "approval": self._approval_letter() if can_act else None,
            "delegations": self.other_delegations() if can_act else [],
            "version": self.version if kept else self.item.version,
            "seen": _number(self.http.POST.get("seen", "")) if kept else evidence.last_event,
            "preview": preview if can_act else None,
            "trouble": trouble,
            "stale": stale,
            "next_item": next_to_do(self.item, self.staff, self.user) if decides else None,
            "approved": self.item.status == RequestStatus.APPROVED,
            "refused": self.item.status == RequestStatus.REFUSED,
        }
        return TemplateResponse(self.http, TEMPLATE, context, status=409 if stale else 200)

    def _approval_letter(self) -> Message:
        return emails.approval_preview(self.item, role_label=str(proposed_role(self.item).label))

    def other_delegations(self) -> list[Delegation]:
        others = Delegation.objects.order_by("name")
        return [other for other in others if other.pk != self.item.delegation_id]

    def in_scope(self) -> bool:
        """Whether the request, as it is now, is still one of this agent's."""
        return self.admin.get_queryset(self.http).filter(pk=self.item.pk).exists()

    def reread(self) -> None:
        """The request as it stands now, after a verb said no or did its work."""
        self.item = Request.objects.select_related(*RELATED).get(pk=self.item.pk)


def show(admin: "RequestModelAdmin", http: HttpRequest, object_id: str) -> HttpResponse:
    if http.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return Desk.open(admin, http, object_id).page()


def act(admin: "RequestModelAdmin", word: str) -> Callable[..., HttpResponse]:
    """The view of one act. Looking at its address does nothing: it leads back to the page."""
    handler = _HANDLERS[WORDS[word]]

    def view(http: HttpRequest, object_id: str) -> HttpResponse:
        table = Desk.open(admin, http, object_id)
        if http.method != "POST":
            return table.back()
        if not may_decide(table.staff):
            raise PermissionDenied
        return handler(table)

    return view


def _approve(table: Desk) -> HttpResponse:
    form = ApproveForm(table.item, table.http.POST)
    if not form.is_valid():
        return table.page(approve=form)
    try:
        done = decide.approve(
            table.item.pk,
            version=table.version,
            actor_user=table.user,
            now=table.now,
            **form.cleaned_data,
        )
    except Refused as no:
        return _say_no(table, no, form)
    role = done.get_granted_role_display()
    letter = emails.approval_preview(done, role_label=role)
    _tell(table, f"Demande {done.reference} acceptée avec le rôle {role}.", letter)
    return table.back()


def _refuse(table: Desk) -> HttpResponse:
    """Two steps: the exact mail first, then the act (D11). « Modifier » goes back to the form."""
    form = RefuseForm(table.http.POST)
    step = table.http.POST.get("step", "")
    if not form.is_valid() or step == "edit":
        return table.page(refuse=form)
    reason, text = form.cleaned_data["refusal"], form.cleaned_data["text"]
    if step != "send":
        try:
            ensure_allowed(table.item, Act.REFUSED, for_staff=True)
            ensure_version(table.item, table.version)
        except Refused as no:
            return _say_no(table, no, form)
        return table.page(refuse=form.settled(), preview=_refusal(table.item, reason, text))
    try:
        done = decide.refuse(
            table.item.pk,
            version=table.version,
            reason=reason,
            text=text,
            internal_note=form.cleaned_data["internal_note"],
            actor_user=table.user,
            now=table.now,
        )
    except Refused as no:
        return _say_no(table, no, form)
    _tell(table, f"Demande {done.reference} refusée.", _refusal(done, reason, text))
    return table.back()


def _refusal(item: Request, reason: RefusalReason, text: str) -> Message:
    return emails.refusal_preview(
        item, label=reason.label, text=text, may_resubmit=reason.may_resubmit
    )


def _take(table: Desk) -> HttpResponse:
    over = table.http.POST.get("over") == "1"
    return _move(
        table,
        lambda: desk.take(table.item.pk, actor_user=table.user, now=table.now, over=over),
        "Vous avez pris en charge la demande {}.",
    )


def _release(table: Desk) -> HttpResponse:
    return _move(
        table,
        lambda: desk.release(table.item.pk, actor_user=table.user, now=table.now),
        "La demande {} est remise en file.",
    )


def _reroute(table: Desk) -> HttpResponse:
    code = table.http.POST.get("delegation", "")
    delegation = next((other for other in table.other_delegations() if other.code == code), None)
    if delegation is None:
        return table.page(trouble="Choisissez la délégation qui traitera la demande.")
    answer = _move(
        table,
        lambda: desk.reroute(
            table.item.pk, delegation=delegation, actor_user=table.user, now=table.now
        ),
        f"La demande {{}} est transmise à {delegation.name}, prévenue à {delegation.email}.",
    )
    return answer if table.in_scope() else HttpResponseRedirect(reverse(QUEUE))


_HANDLERS: Final[dict[str, Callable[[Desk], HttpResponse]]] = {
    "approve": _approve,
    "refuse": _refuse,
    "take": _take,
    "release": _release,
    "reroute": _reroute,
}


def _move(table: Desk, verb: Callable[[], Request], done: str) -> HttpResponse:
    try:
        item = verb()
    except Refused as no:
        messages.warning(table.http, no.message)
    else:
        messages.success(table.http, done.format(item.reference))
    return table.back()


def _say_no(table: Desk, no: Refused, form: ApproveForm | RefuseForm) -> HttpResponse:
    """Somebody was faster: who and when, or what changed. Else the field says what is missing."""
    if isinstance(no, WrongState) and no.code != "stale":
        messages.warning(table.http, f"{no.message} Rien n’a été modifié par votre envoi.")
        return table.back()
    field = _FIELDS.get(no.code)
    if field in form.fields:
        form.add_error(field, no.message)
    shown = {"approve": form} if isinstance(form, ApproveForm) else {"refuse": form}
    if no.code != "stale":
        return table.page(trouble="" if field else no.message, **cast(dict[str, Any], shown))
    if not table.in_scope():
        messages.warning(table.http, f"{no.message} Elle n’est plus dans votre périmètre.")
        return HttpResponseRedirect(reverse(QUEUE))
    table.reread()
    return table.page(trouble=no.message, stale=True, **cast(dict[str, Any], shown))


def _tell(table: Desk, done: str, letter: Message) -> None:
    messages.success(
        table.http, f"{done} Le courriel «\u00a0{letter.subject}\u00a0» part à {letter.to}."
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


__all__ = ["WORDS", "Desk", "Evidence", "act", "show"]
