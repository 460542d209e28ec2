"""The desk's acts beside the decision: each reads its form, calls its verb, says what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, JsonResponse

from accounts.models import User
from mgestion.dates import french_date
from mgestion.errors import Refused
from registrations.desk.acts import assign as desk
from registrations.desk.acts import reopen
from registrations.desk.decision import act_forms, presence
from registrations.desk.decision.context import Desk, number
from registrations.desk.decision.rehearsal import Preview, letter_of
from registrations.desk.reminders import undelivered_flows
from registrations.documents import flows as documents_flows
from registrations.requests import suspension_flows
from registrations.requests.enums import RequestStatus


def take(table: Desk) -> HttpResponse:
    over = table.http.POST.get("over") == "1"
    return table.move(
        lambda: desk.take(table.item.pk, actor_user=table.user, now=table.now, over=over),
        "Vous avez pris en charge la demande {}.",
    )


def release(table: Desk) -> HttpResponse:
    return table.move(
        lambda: desk.release(table.item.pk, actor_user=table.user, now=table.now),
        "La demande {} est remise en file.",
    )


def assign(table: Desk) -> HttpResponse:
    people = desk.colleagues(table.item, table.user)
    form = act_forms.AssignForm(people, table.http.POST)
    if not form.is_valid():
        return table.page({"assign": form})
    chosen = next(person for person in people if str(person.public_id) == form.cleaned_data["to"])

    def verb() -> str:
        desk.assign(table.item.pk, to=chosen, actor_user=table.user, now=table.now)
        return f"La demande {table.item.reference} est attribuée à {chosen}."

    return _through(table, "assign", form, verb)


def reroute(table: Desk) -> HttpResponse:
    form = act_forms.RerouteForm(table.item, table.http.POST)
    if not form.is_valid():
        return table.page({"reroute": form})
    delegation, branch = form.cleaned_data["delegation"], form.cleaned_data.get("branch")

    def verb() -> str:
        done = desk.reroute(
            table.item.pk,
            delegation=delegation,
            branch=branch,
            actor_user=table.user,
            now=table.now,
        )
        said = f"La demande {done.reference} est réorientée"
        if delegation is not None:
            said = f"La demande {done.reference} est transmise à {delegation.name}"
            return f"{said}, prévenue à {delegation.email}."
        return f"{said}\u00a0: branche {branch}, DGA {done.dga}."

    return _through(table, "reroute", form, verb)


def ask(table: Desk) -> HttpResponse:
    form = act_forms.AskForm(table.item, table.now, table.http.POST)
    if not form.is_valid():
        return table.page({"ask": form})
    said: dict[str, Any] = form.cleaned_data

    def verb() -> str:
        documents_flows.ask(
            table.item.pk,
            version=table.version,
            message=said["message"],
            documents=said["documents"],
            last_day=said["last_day"],
            actor_user=table.user,
            now=table.now,
        )
        return (
            f"Demande envoyée à {table.item.user.email}, réponse attendue jusqu’au "
            f"{french_date(said['last_day'])} inclus (heure de Paris)."
        )

    clock = "Le délai de 48\u00a0h s’arrête" if table.item.is_open else "L’accès reste ouvert"
    return _lettered(
        table,
        "ask",
        form,
        verb,
        _Letter(
            "ask",
            documents_flows.ASKED,
            "Envoyer la demande",
            (("Ensuite", f"{clock} jusqu’à la réponse"),),
        ),
    )


def prolong(table: Desk) -> HttpResponse:
    form = table.prolong_form(table.http.POST)
    if form is None:
        messages.warning(table.http, "Aucun document n’est attendu pour cette demande.")
        return table.back()
    if not form.is_valid():
        return table.page({"prolong": form})
    day = form.cleaned_data["last_day"]

    def verb() -> str:
        documents_flows.prolong(
            table.item.pk,
            version=table.version,
            last_day=day,
            actor_user=table.user,
            now=table.now,
        )
        return (
            f"Réponse attendue jusqu’au {french_date(day)} inclus (heure de Paris). "
            f"Un e-mail part à {table.item.user.email}."
        )

    return _through(table, "prolong", form, verb)


def withdraw(table: Desk) -> HttpResponse:
    return table.move(
        lambda: documents_flows.withdraw(table.item.pk, actor_user=table.user, now=table.now),
        "Plus aucun document n’est attendu pour la demande {}\u202f; la personne est prévenue.",
    )


def resend(table: Desk) -> HttpResponse:
    notice = number(table.http.POST.get("notice", ""))
    return table.move(
        lambda: undelivered_flows.resend_mail(
            table.item.pk, notice, actor_user=table.user, now=table.now
        ),
        "L’e-mail de la demande {} est renvoyé. S’il n’arrive pas, la demande reviendra en vue.",
    )


def told_otherwise(table: Desk) -> HttpResponse:
    form = act_forms.ToldForm(table.http.POST)
    if not form.is_valid():
        return table.page({"told": form})

    def verb() -> str:
        undelivered_flows.tell_otherwise(
            table.item.pk,
            number(table.http.POST.get("notice", "")),
            text=form.cleaned_data["text"],
            actor_user=table.user,
            now=table.now,
        )
        return f"Demande {table.item.reference}\u00a0: la personne a été prévenue, c’est noté."

    return _through(table, "told", form, verb)


def note(table: Desk) -> HttpResponse:
    form = act_forms.NoteForm(table.http.POST)
    if not form.is_valid():
        return table.page({"note": form})

    def verb() -> str:
        text = form.cleaned_data["text"]
        desk.note(table.item.pk, text=text, actor_user=table.user, now=table.now)
        return "Note enregistrée."

    return _through(table, "note", form, verb)


def reopen_(table: Desk) -> HttpResponse:
    form = act_forms.ReopenForm(table.http.POST)
    if not form.is_valid():
        return table.page({"reopen": form})

    def verb() -> str:
        reopen.reopen(
            table.item.pk,
            version=table.version,
            actor_user=table.user,
            now=table.now,
            **form.cleaned_data,
        )
        return (
            f"Demande {table.item.reference} rouverte, avec un nouveau délai de 48\u00a0h. "
            f"Un e-mail part à {table.item.user.email}."
        )

    after: tuple[tuple[str, str], ...]
    after = (("Ensuite", "La demande revient dans la file avec un nouveau délai de 48\u00a0h"),)
    if table.item.status == RequestStatus.APPROVED:
        before = "Le rôle précédent est rendu aussitôt" if table.item.previous_role else ""
        after = (*after, ("Accès", before or "Retiré aussitôt"))
    return _lettered(
        table, "reopen", form, verb, _Letter("reopen", reopen.REOPENED, "Rouvrir et envoyer", after)
    )


def suspend_access(table: Desk) -> HttpResponse:
    form = act_forms.AccessForm(table.http.POST)
    if not form.is_valid():
        return table.page({"access": form})

    def verb() -> str:
        reason = form.cleaned_data["reason"]
        access = suspension_flows.suspend_access(
            table.item.pk, reason=reason, actor_user=table.user, now=table.now
        )
        return (
            f"L’accès à {access.platform.name} est suspendu. "
            f"Un e-mail part à {table.item.user.email}."
        )

    after = (("Accès", "Suspendu aussitôt, sur cette plateforme seulement"),)
    return _lettered(
        table,
        "access",
        form,
        verb,
        _Letter("suspend_access", suspension_flows.SUSPENDED, "Suspendre et envoyer", after),
    )


def restore_access(table: Desk) -> HttpResponse:
    return table.move(
        lambda: suspension_flows.restore_access(
            table.item.pk, actor_user=table.user, now=table.now
        ),
        "L’accès ouvert par la demande {} est rétabli\u202f; la personne est prévenue.",
    )


def still_here(table: Desk) -> HttpResponse:
    """The open page says that it is; the answer says who else reads, and what has changed."""
    presence.note(table.item, table.user, table.now)
    others: list[User] = presence.others(table.item, table.user, table.now)
    return JsonResponse(
        {"others": [str(person) for person in others], "version": table.item.version}
    )


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail in the reviewer's own words: its kind, and how its preview speaks of the act."""

    act: str  # as in its address' name
    kind: str
    send: str
    facts: tuple[tuple[str, str], ...] = ()


def _lettered(
    table: Desk, name: str, form: Form, verb: Callable[[], str], letter: _Letter
) -> HttpResponse:
    """Two steps, as for a refusal: the exact mail first, then the act. « Modifier » goes back."""
    step = table.http.POST.get("step", "")
    if step == "edit":
        return table.page({name: form})
    if step == "send":
        return _through(table, name, form, verb)
    try:
        made = letter_of(verb, letter.kind, table.item, table.now)
    except Refused as no:
        return table.say_no(no, name, form)
    if made is None:
        return _through(table, name, form, verb)
    shown = Preview(
        made,
        form,
        f"admin:registrations_request_{letter.act}",
        letter.send,
        letter.facts,
        grave=letter.kind != documents_flows.ASKED,
    )
    return table.page({name: form}, preview=shown)


def _through(table: Desk, name: str, form: Form, verb: Callable[[], str]) -> HttpResponse:
    try:
        done = verb()
    except Refused as no:
        return table.say_no(no, name, form)
    table.succeed(done)
    return table.back()
