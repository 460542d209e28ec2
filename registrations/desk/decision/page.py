"""One screen to decide: the evidence beside the acts. The rules are in `registrations.flows`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from accounts.habilitations.permissions import may_decide
from mgestion.errors import Refused
from mgestion.outbox.messages import Message
from registrations.desk.acts import decide
from registrations.desk.acts.assign import colleagues
from registrations.desk.decision import act_forms, act_pages
from registrations.desk.decision.context import Desk
from registrations.desk.decision.forms import ApproveForm, RefuseForm, known_establishment
from registrations.desk.decision.rehearsal import Preview
from registrations.enrolment import emails, kept_form
from registrations.requests.enums import Act
from registrations.requests.models import RefusalReason, Request
from registrations.requests.request_guards import ensure_allowed, ensure_version

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    RequestModelAdmin = ModelAdmin[Request]


def show(admin: "RequestModelAdmin", http: HttpRequest, object_id: str) -> HttpResponse:
    if http.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    table = Desk.open(admin, http, object_id)
    act, said = kept_form.kept_act(http, table.now)
    form = _form_again(table, act, said) if said and may_decide(table.staff) else None
    return table.page({form[0]: form[1]}, retyped=True) if form else table.page()


def _form_again(table: Desk, act: str, said: dict[str, str]) -> tuple[str, Form] | None:
    """What was typed while the session ended, in its form: name on the page, and form."""
    item = table.item
    makers: dict[str, tuple[str, Callable[[], Form | None]]] = {
        "prolong": ("prolong", lambda: table.prolong_form(said)),
        "approve": ("approve", lambda: ApproveForm(item, said, known=known_establishment(item))),
        "refuse": ("refuse", lambda: RefuseForm(item, said)),
        "ask": ("ask", lambda: act_forms.AskForm(item, table.now, said)),
        "assign": ("assign", lambda: act_forms.AssignForm(colleagues(item, table.user), said)),
        "reroute": ("reroute", lambda: act_forms.RerouteForm(item, said)),
        "note": ("note", lambda: act_forms.NoteForm(said)),
        "reopen": ("reopen", lambda: act_forms.ReopenForm(said)),
        "told_otherwise": ("told", lambda: act_forms.ToldForm(said)),
        "suspend_access": ("access", lambda: act_forms.AccessForm(said)),
    }
    if act not in makers:
        return None
    name, make = makers[act]
    form = make()
    return (name, form) if form is not None else None


def act(admin: "RequestModelAdmin", word: str) -> Callable[..., HttpResponse]:
    """The view of one act. Looking at its address does nothing: it leads back to the page."""
    handler = _HANDLERS[WORDS[word]]

    def view(http: HttpRequest, object_id: str) -> HttpResponse:
        table = Desk.open(admin, http, object_id)
        if http.method != "POST":
            return table.back()
        if not may_decide(table.staff):
            raise PermissionDenied
        if word != "presence":
            kept_form.forget(http)
        return handler(table)

    return view


def _approve(table: Desk) -> HttpResponse:
    form = ApproveForm(table.item, table.http.POST, known=known_establishment(table.item))
    if not form.is_valid():
        return table.page({"approve": form})
    try:
        done = decide.approve(
            table.item.pk,
            version=table.version,
            actor_user=table.user,
            now=table.now,
            **form.cleaned_data,
        )
    except Refused as no:
        return table.say_no(no, "approve", form)
    role = done.get_granted_role_display()
    letter = emails.approval_preview(done, role_label=role)
    table.tell(f"Demande {done.reference} acceptée avec le rôle {role}.", letter)
    return table.back()


def _refuse(table: Desk) -> HttpResponse:
    """Two steps: the exact mail first, then the act (D11). « Modifier » goes back to the form."""
    form = RefuseForm(table.item, table.http.POST)
    step = table.http.POST.get("step", "")
    if not form.is_valid() or step == "edit":
        return table.page({"refuse": form})
    reason, text = form.cleaned_data["refusal"], form.cleaned_data["text"]
    if step != "send":
        try:
            ensure_allowed(table.item, Act.REFUSED, for_staff=True)
            ensure_version(table.item, table.version)
        except Refused as no:
            return table.say_no(no, "refuse", form)
        return table.page({"refuse": form.settled()}, preview=_preview(table.item, form))
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
        return table.say_no(no, "refuse", form)
    table.tell(f"Demande {done.reference} refusée.", _refusal(done, reason, text))
    return table.back()


def _refusal(item: Request, reason: RefusalReason, text: str) -> Message:
    return emails.refusal_preview(
        item, label=reason.label, text=text, may_resubmit=reason.may_resubmit
    )


def _preview(item: Request, form: RefuseForm) -> Preview:
    reason, text = form.cleaned_data["refusal"], form.cleaned_data["text"]
    mended = "Oui, la personne peut renvoyer une demande corrigée"
    return Preview(
        _refusal(item, reason, text),
        form,
        "admin:registrations_request_refuse",
        "Envoyer le refus",
        (
            ("Motif enregistré", str(reason)),
            (
                "Correction possible",
                mended if reason.may_resubmit else "Non, ce motif est définitif",
            ),
        ),
    )


# The word in the address, and the name of the act.
WORDS: Final = {
    "accepter": "approve",
    "refuser": "refuse",
    "prendre": "take",
    "liberer": "release",
    "attribuer": "assign",
    "reorienter": "reroute",
    "demander": "ask",
    "prolonger": "prolong",
    "ne-plus-demander": "withdraw",
    "noter": "note",
    "rouvrir": "reopen",
    "suspendre-acces": "suspend_access",
    "retablir-acces": "restore_access",
    "renvoyer": "resend",
    "prevenu-autrement": "told_otherwise",
    "presence": "still_here",
}
_HANDLERS: Final[dict[str, Callable[[Desk], HttpResponse]]] = {
    "approve": _approve,
    "refuse": _refuse,
    "take": act_pages.take,
    "release": act_pages.release,
    "assign": act_pages.assign,
    "reroute": act_pages.reroute,
    "ask": act_pages.ask,
    "prolong": act_pages.prolong,
    "withdraw": act_pages.withdraw,
    "note": act_pages.note,
    "reopen": act_pages.reopen_,
    "suspend_access": act_pages.suspend_access,
    "restore_access": act_pages.restore_access,
    "resend": act_pages.resend,
    "told_otherwise": act_pages.told_otherwise,
    "still_here": act_pages.still_here,
}
