"""The acts of the decision page: the form, the verb and the words of each, and how one is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse

from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue.rendering import Message
from mgestion.staff_acts import StaffAct
from registrations.conversation import flows as conversation_flows
from registrations.desk.acts import assign as desk
from registrations.desk.acts import decide, reopen
from registrations.desk.decision.act_words import (
    PreviewFacts,
    describe_approval,
    describe_last_day,
    describe_message,
    describe_refusal,
    describe_rerouting,
    list_asking_facts,
    list_refusal_facts,
    list_reopening_facts,
)
from registrations.desk.decision.context import DeskPage, parse_number
from registrations.desk.decision.rehearsal import (
    MailPreview,
    answer_faults,
    answer_letter,
    answer_refusal,
    build_mail_of_act,
    is_live_preview,
)
from registrations.desk.opinions import opinion_flows
from registrations.desk.reminders import undelivered_flows
from registrations.documents import flows as documents_flows
from registrations.documents.intake import discard_on_failure, receive_files
from registrations.requests import suspension_flows
from registrations.requests.signed_in_views import read_form_token


@dataclass(frozen=True, kw_only=True)
class DeskAct(StaffAct[DeskPage]):
    """`word`: in its address. `place`: the name of its form on the page; an act without one is a
    single button. `letter`: the kind of the mail that is shown before the act is done, and `facts`
    what stands beside it. `done` in words may name parts of `page` and of what the verb returned.
    """

    word: str
    place: str = ""
    letter: str = ""
    facts: Callable[[DeskPage, dict[str, Any]], PreviewFacts] = lambda page, said: ()

    def done_words(self, row: DeskPage, result: object) -> str:
        if isinstance(self.done, str):
            return self.done.format(page=row, done=result)
        return self.done(row, result)


def make_verb(
    flow: Callable[..., object], *fields: str, versioned: bool = False, number: str = ""
) -> Callable[[DeskPage, Actor, dict[str, Any], datetime], object]:
    """The verb that hands to `flow` what the form holds, or these fields of it. `versioned`: with
    the version that was read. `number`: the posted number of the row that the act is about.
    """

    def verb(page: DeskPage, actor: Actor, said: dict[str, Any], now: datetime) -> object:
        row = [parse_number(page.http.POST.get(number, ""))] if number else []
        given = {name: said[name] for name in fields or said}
        if versioned:
            given["version"] = page.version
        return flow(page.item.pk, *row, actor_user=page.user, now=now, **given)

    return verb


def perform_desk_act(page: DeskPage, name: str) -> HttpResponse:
    act = DESK_ACTS[name]
    said: dict[str, Any] = {}
    form: Form | None = None
    if is_live_preview(page.http):
        return _answer_live_preview(page, act)
    if act.place:
        form = page.make_form(act.place, page.http.POST)
        if form is None:
            messages.warning(page.http, "Aucun document n’est attendu pour cette demande.")
            return page.back()
        if not form.is_valid() or (act.letter and page.http.POST.get("step") == "edit"):
            return page.show({act.place: form})
        said = form.cleaned_data

    verb = partial(act.verb, page, Actor.staff(page.user), said, page.now)
    try:
        if form is not None and act.letter and not page.sends:
            letter = build_mail_of_act(verb, act.letter, page.item, page.now)
            if letter is not None:
                return _show_mail_preview(page, name, form, letter)
        page.remember_place()
        result = verb()
    except Refused as refusal:
        if form is not None:
            return page.say_no(refusal, act.place, form)
        messages.warning(page.http, refusal.message)
    else:
        messages.success(page.http, act.done_words(page, result))
        return page.go_on()
    return page.back()


def _answer_live_preview(page: DeskPage, act: DeskAct) -> HttpResponse:
    """What would leave if the form were sent as it stands."""
    form = page.make_form(act.place, page.http.POST) if act.letter else None
    if form is None:
        return HttpResponse(status=406)
    if not form.is_valid():
        return answer_faults(form)
    said = form.cleaned_data
    verb = partial(act.verb, page, Actor.staff(page.user), said, page.now)
    try:
        letter = build_mail_of_act(verb, act.letter, page.item, page.now)
    except Refused as refusal:
        return answer_refusal(refusal)
    if letter is None:
        return HttpResponse(status=406)
    return answer_letter(letter, act.facts(page, said))


def _show_mail_preview(page: DeskPage, name: str, form: Form, letter: Message) -> HttpResponse:
    """The exact mail first; the act when it is sent from there."""
    act = DESK_ACTS[name]
    preview = MailPreview(
        letter,
        form,
        f"admin:registrations_request_{name}",
        act.button,
        act.facts(page, form.cleaned_data),
        grave=act.letter != documents_flows.ASKED_MAIL,
    )
    settle = getattr(form, "settled", None)  # with the text as it was shown
    return page.show({act.place: settle() if settle else form}, preview=preview)


def _assign_to_colleague(page: DeskPage, actor: Actor, said: dict[str, Any], now: Any) -> object:
    people = desk.list_eligible_colleagues(page.item, page.user)
    chosen = next(person for person in people if str(person.public_id) == said["to"])
    return desk.assign_request(page.item.pk, to=chosen, actor_user=page.user, now=now)


def _write_to_applicant(page: DeskPage, actor: Actor, said: dict[str, Any], now: Any) -> object:
    """With the files that are kept; where all are refused, nothing is sent."""
    words = {**said}
    files = words.pop("attachments")
    taken = receive_files(files)
    with discard_on_failure(taken.received):
        if files and not taken.received:
            raise Refused("files_refused", " ".join(taken.refused))
        done = conversation_flows.write_to_applicant(
            page.item.pk,
            version=page.version,
            form_token=read_form_token(page.http.POST),
            files=taken.received,
            actor_user=page.user,
            now=now,
            **words,
        )
    for sentence in taken.refused:
        messages.warning(page.http, f"{sentence} Le reste est envoyé.")
    return done


DESK_ACTS: Final[Mapping[str, DeskAct]] = {
    "approve": DeskAct(
        word="accepter",
        place="approve",
        verb=make_verb(decide.approve_request, versioned=True),
        done=describe_approval,
    ),
    "refuse": DeskAct(
        word="refuser",
        place="refuse",
        letter="registrations.refused",
        button="Envoyer le refus",
        facts=list_refusal_facts,
        verb=lambda page, actor, said, now: decide.refuse_request(
            page.item.pk,
            version=page.version,
            reason=said["refusal"],
            text=said["text"],
            internal_note=said["internal_note"],
            actor_user=page.user,
            now=now,
        ),
        done=describe_refusal,
    ),
    "take": DeskAct(
        word="prendre",
        verb=lambda page, actor, said, now: desk.take_request(
            page.item.pk, actor_user=page.user, now=now, over=page.http.POST.get("over") == "1"
        ),
        done="Vous avez pris en charge la demande {page.item.reference}.",
    ),
    "release": DeskAct(
        word="liberer",
        verb=make_verb(desk.release_request),
        done="La demande {page.item.reference} est remise en file.",
    ),
    "assign": DeskAct(
        word="attribuer",
        place="assign",
        verb=_assign_to_colleague,
        done="La demande {page.item.reference} est attribuée à {done.assignee}.",
    ),
    "reroute": DeskAct(
        word="reorienter",
        place="reroute",
        verb=make_verb(desk.reroute_request),
        done=describe_rerouting,
    ),
    "ask": DeskAct(
        word="demander",
        place="ask",
        letter=documents_flows.ASKED_MAIL,
        button="Envoyer la demande",
        facts=list_asking_facts,
        verb=make_verb(
            documents_flows.ask_for_documents, "message", "documents", "last_day", versioned=True
        ),
        done=lambda page, done: (
            f"Demande envoyée à {page.item.user.email}, réponse {describe_last_day(done)}."
        ),
    ),
    "prolong": DeskAct(
        word="prolonger",
        place="prolong",
        verb=make_verb(documents_flows.prolong_asking, versioned=True),
        done=lambda page, done: (
            f"Réponse {describe_last_day(done)}. Un e-mail part à {page.item.user.email}."
        ),
    ),
    "withdraw": DeskAct(
        word="ne-plus-demander",
        verb=make_verb(documents_flows.withdraw_asking),
        done="Plus aucun document n’est attendu pour la demande {page.item.reference}\u202f; la "
        "personne est prévenue.",
    ),
    "message": DeskAct(
        word="ecrire", place="message", verb=_write_to_applicant, done=describe_message
    ),
    "message_read": DeskAct(
        word="marquer-comme-lu",
        verb=make_verb(conversation_flows.mark_read_by_desk, versioned=True),
        done="Message de la demande {page.item.reference} marqué comme lu.",
    ),
    "note": DeskAct(
        word="noter",
        place="note",
        verb=make_verb(desk.write_internal_note),
        done="Note enregistrée.",
    ),
    "reopen": DeskAct(
        word="rouvrir",
        place="reopen",
        letter=reopen.REOPENED_MAIL,
        button="Rouvrir et envoyer",
        facts=list_reopening_facts,
        verb=make_verb(opinion_flows.reopen_request_afresh, versioned=True),
        done="Demande {page.item.reference} rouverte, avec un nouveau délai de 48\u00a0h. Un "
        "e-mail part à {page.item.user.email}.",
    ),
    "suspend_access": DeskAct(
        word="suspendre-acces",
        place="access",
        letter=suspension_flows.ACCESS_SUSPENDED_MAIL,
        button="Suspendre et envoyer",
        facts=lambda page, said: (("Accès", "Suspendu aussitôt, sur cette plateforme seulement"),),
        verb=make_verb(suspension_flows.suspend_access),
        done="L’accès à {done.platform.name} est suspendu. Un e-mail part à "
        "{page.item.user.email}.",
    ),
    "restore_access": DeskAct(
        word="retablir-acces",
        verb=make_verb(suspension_flows.restore_access),
        done="L’accès ouvert par la demande {page.item.reference} est rétabli\u202f; la personne "
        "est prévenue.",
    ),
    "resend": DeskAct(
        word="renvoyer",
        verb=make_verb(undelivered_flows.resend_mail, number="notice"),
        done="L’e-mail de la demande {page.item.reference} est renvoyé. S’il n’arrive pas, la "
        "demande reviendra en vue.",
    ),
    "told_otherwise": DeskAct(
        word="prevenu-autrement",
        place="told",
        verb=make_verb(undelivered_flows.record_told_otherwise, number="notice"),
        done="Demande {page.item.reference}\u00a0: la personne a été prévenue, c’est noté.",
    ),
    "ask_opinion": DeskAct(
        word="demander-avis",
        place="opinion",
        verb=make_verb(opinion_flows.ask_opinion, "colleague", "dga", "question"),
        done="L’avis est demandé. Un e-mail part, sans le contenu de la demande.",
    ),
    "give_opinion": DeskAct(
        word="donner-avis",
        place="give",
        verb=make_verb(opinion_flows.give_opinion, number="opinion"),
        done="Votre avis sur la demande {page.item.reference} est enregistré. Qui l’a demandé est "
        "prévenu.",
    ),
    "withdraw_opinion": DeskAct(
        word="retirer-avis",
        verb=make_verb(opinion_flows.withdraw_opinion, number="opinion"),
        done="Cet avis n’est plus attendu.",
    ),
}
