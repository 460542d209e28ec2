"""What the DPO may do with a request, one page an act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from accounts.enums import Status
from accounts.models import User
from accounts.profile import flows_rights
from accounts.profile.enums import OPEN, RequestState, Right
from accounts.profile.models import RightsRequest
from mgestion.journal.actors import Actor

_LONGEST = 4000


def _words(
    label: str,
    help_text: str,
    *,
    required: bool = True,
    rows: int = 6,
    missing: str = "Écrivez ce texte\u00a0: la personne doit le lire.",
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=_LONGEST,
        required=required,
        error_messages={
            "required": missing,
            "max_length": f"Soyez plus bref\u00a0: {_LONGEST}\u00a0signes au plus.",
        },
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class PlainForm(forms.Form):
    """Nothing to say: the button is the act."""


class ExtendForm(forms.Form):
    reason = _words(
        "Motif de la prolongation",
        "La complexité de la demande ou le nombre de demandes\u00a0: la personne le lira.",
    )


class AnswerForm(forms.Form):
    text = _words("Réponse", "Ce qui a été fait. La personne lira ce texte tel quel.")


class RefuseForm(forms.Form):
    reason = _words(
        "Motif du refus",
        "Le message rappelle à la personne qu’elle peut saisir la CNIL ou un juge.",
    )


class CloseForm(forms.Form):
    note = _words(
        "Note interne",
        "Pourquoi elle se ferme sans réponse\u00a0: retirée, reçue deux fois…",
        missing="Dites pourquoi cette demande se ferme sans réponse.",
    )


class NotesForm(forms.Form):
    notes = _words("Notes internes", "La personne peut les demander.", required=False, rows=8)


@dataclass(frozen=True, slots=True)
class Act:
    """`shown`: the states in which the page offers it."""

    label: str
    title: str
    warning: str
    form: type[forms.Form]
    do: Callable[[UUID, Actor, dict[str, Any], datetime], Any]
    shown: tuple[str, ...]
    done: str
    dangerous: bool = False


ACTS: dict[str, Act] = {
    "accuser": Act(
        "Noter l’accusé de réception",
        "L’accusé de réception est parti\u202f?",
        "Pour une personne sans compte\u00a0: la lettre ou l’e-mail est envoyé hors du portail.",
        PlainForm,
        lambda pk, actor, said, now: flows_rights.acknowledge(pk, actor=actor, now=now),
        (RequestState.RECEIVED,),
        "Accusé de réception noté.",
    ),
    "repondre": Act(
        "Répondre",
        "Répondre à cette demande",
        "La personne est prévenue par e-mail si elle a un compte\u202f; sinon, envoyez-lui cette "
        "réponse par lettre.",
        AnswerForm,
        lambda pk, actor, said, now: flows_rights.answer(pk, actor=actor, now=now, **said),
        OPEN,
        "Réponse enregistrée.",
    ),
    "prolonger": Act(
        "Prolonger de deux mois",
        "Prolonger le délai de deux mois\u202f?",
        "Une seule fois, et seulement dans le premier mois (RGPD 12.3).",
        ExtendForm,
        lambda pk, actor, said, now: flows_rights.extend(pk, actor=actor, now=now, **said),
        OPEN,
        "Délai prolongé. La personne en est prévenue si elle a un compte.",
    ),
    "refuser": Act(
        "Refuser",
        "Refuser cette demande\u202f?",
        "Un refus dit pourquoi, et comment le contester (RGPD 12.4).",
        RefuseForm,
        lambda pk, actor, said, now: flows_rights.refuse(pk, actor=actor, now=now, **said),
        OPEN,
        "Refus enregistré.",
        dangerous=True,
    ),
    "fermer-le-compte": Act(
        "Fermer le compte",
        "Fermer le compte de cette personne\u202f?",
        "Le compte est fermé dès maintenant et supprimé définitivement sous 15\u00a0jours\u202f; "
        "la personne reçoit un accusé et peut y renoncer d’ici là. Répondez ensuite à la demande.",
        PlainForm,
        lambda pk, actor, said, now: flows_rights.close_account(pk, actor=actor, now=now),
        OPEN,
        "Fermeture du compte lancée. Il reste à répondre à la personne.",
        dangerous=True,
    ),
    "clore": Act(
        "Clore",
        "Clore cette demande\u202f?",
        "Une demande close ne change plus, ses notes exceptées.",
        CloseForm,
        lambda pk, actor, said, now: flows_rights.close(pk, actor=actor, now=now, **said),
        OPEN,
        "Demande close.",
    ),
    "noter": Act(
        "Modifier les notes",
        "Notes internes",
        "Pour les agents chargés des droits des personnes.",
        NotesForm,
        lambda pk, actor, said, now: flows_rights.annotate(pk, actor=actor, now=now, **said),
        tuple(RequestState),
        "Notes enregistrées.",
    ),
}


def offered(row: RightsRequest, today: date) -> list[tuple[str, Act]]:
    """What the page of this request offers now. One statement for an erasure, else none."""
    hidden = set()
    if row.extended_at is not None or today > row.due_on:
        hidden.add("prolonger")
    if row.right != Right.ERASURE or not _has_open_account(row):
        hidden.add("fermer-le-compte")
    return [
        (word, act) for word, act in ACTS.items() if row.state in act.shown and word not in hidden
    ]


def _has_open_account(row: RightsRequest) -> bool:
    if row.person is None:
        return False
    return User.objects.filter(public_id=row.person, status=Status.ACTIVE).exists()


def account_link(user: User) -> str:
    """The account's page, for those who may see it."""
    address = reverse("admin:accounts_user_change", args=[user.pk])
    return format_html('<a href="{}">{}</a> ({})', address, user.email, user.get_status_display())
