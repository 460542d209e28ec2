"""What the DPO may do with a request, one page an act."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile.enums import OPEN, RequestState, Right
from accounts.profile.models import RightsRequest
from accounts.profile.rights import flows as rights_flows
from mgestion.staff_acts import StaffAct, StaffActView, on_key
from mgestion.text.dates import paris_date

_LONGEST = 4000


def _build_text_field(
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


class ExtendForm(forms.Form):
    reason = _build_text_field(
        "Motif de la prolongation",
        "La complexité de la demande ou le nombre de demandes\u00a0: la personne le lira.",
    )


class RightsAnswerForm(forms.Form):
    text = _build_text_field("Réponse", "Ce qui a été fait. La personne lira ce texte tel quel.")


class RefuseForm(forms.Form):
    reason = _build_text_field(
        "Motif du refus",
        "Le message rappelle à la personne qu’elle peut saisir la CNIL ou un juge.",
    )


class CloseForm(forms.Form):
    note = _build_text_field(
        "Note interne",
        "Pourquoi elle se ferme sans réponse\u00a0: retirée, reçue deux fois…",
        missing="Dites pourquoi cette demande se ferme sans réponse.",
    )


class NotesForm(forms.Form):
    notes = _build_text_field(
        "Notes internes", "La personne peut les demander.", required=False, rows=8
    )


def _is_in_state(*states: str) -> Callable[[RightsRequest], bool]:
    return lambda row: row.state in states


def _may_extend(row: RightsRequest) -> bool:
    in_time = paris_date(timezone.now()) <= row.due_on
    return row.state in OPEN and row.extended_at is None and in_time


def _may_close_account(row: RightsRequest) -> bool:
    if row.state not in OPEN or row.right != Right.ERASURE or row.person is None:
        return False
    return User.objects.filter(public_id=row.person, status=Status.ACTIVE).exists()


ACTS: dict[str, StaffAct[RightsRequest]] = {
    "accuser": StaffAct(
        label="Noter l’accusé de réception",
        title="L’accusé de réception est parti\u202f?",
        warning="Pour une personne sans compte\u00a0: la lettre ou l’e-mail est envoyé hors du "
        "portail.",
        verb=on_key(rights_flows.acknowledge_rights_request),
        shown=_is_in_state(RequestState.RECEIVED),
        done="Accusé de réception noté.",
    ),
    "repondre": StaffAct(
        label="Répondre",
        title="Répondre à cette demande",
        warning="La personne est prévenue par e-mail si elle a un compte\u202f; sinon, envoyez-lui "
        "cette réponse par lettre.",
        form=RightsAnswerForm,
        verb=on_key(rights_flows.answer_rights_request),
        shown=_is_in_state(*OPEN),
        done="Réponse enregistrée.",
    ),
    "prolonger": StaffAct(
        label="Prolonger de deux mois",
        title="Prolonger le délai de deux mois\u202f?",
        warning="Une seule fois, et seulement dans le premier mois (RGPD 12.3).",
        form=ExtendForm,
        verb=on_key(rights_flows.extend_rights_request),
        shown=_may_extend,
        done="Délai prolongé. La personne en est prévenue si elle a un compte.",
    ),
    "refuser": StaffAct(
        label="Refuser",
        title="Refuser cette demande\u202f?",
        warning="Un refus dit pourquoi, et comment le contester (RGPD 12.4).",
        form=RefuseForm,
        verb=on_key(rights_flows.refuse_rights_request),
        shown=_is_in_state(*OPEN),
        done="Refus enregistré.",
        dangerous=True,
    ),
    "fermer-le-compte": StaffAct(
        label="Fermer le compte",
        title="Fermer le compte de cette personne\u202f?",
        warning="Le compte est fermé dès maintenant et supprimé définitivement sous "
        "15\u00a0jours\u202f; la personne reçoit un accusé et peut y renoncer d’ici là. Répondez "
        "ensuite à la demande.",
        verb=on_key(rights_flows.close_account_for_request),
        shown=_may_close_account,
        done="Fermeture du compte lancée. Il reste à répondre à la personne.",
        dangerous=True,
    ),
    "clore": StaffAct(
        label="Clore",
        title="Clore cette demande\u202f?",
        warning="Une demande close ne change plus, ses notes exceptées.",
        form=CloseForm,
        verb=on_key(rights_flows.close_rights_request),
        shown=_is_in_state(*OPEN),
        done="Demande close.",
    ),
    "noter": StaffAct(
        label="Modifier les notes",
        title="Notes internes",
        warning="Pour les agents chargés des droits des personnes.",
        form=NotesForm,
        verb=on_key(rights_flows.annotate_rights_request),
        done="Notes enregistrées.",
    ),
}


class RightsActView(StaffActView[RightsRequest]):
    acts = ACTS
    template_name = "admin/profile/rightsrequest/act.html"

    def may_act(self) -> bool:
        return may_handle_rights(self.request)

    def get_row(self) -> RightsRequest:
        return get_object_or_404(RightsRequest, pk=self.kwargs["request_id"])

    def row_url(self) -> str:
        return reverse("admin:profile_rightsrequest_change", args=[self.row.pk])

    def impossible_words(self) -> str:
        state = self.row.get_state_display()
        return f"Cette demande est «\u00a0{state}\u00a0»\u00a0: cette action n’est pas possible."

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"notes": self.row.notes}}

    def page_context(self) -> dict[str, Any]:
        listed = reverse("admin:profile_rightsrequest_changelist")
        crumbs = [("Demandes d’exercice de droits", listed), (self.row.reference, self.row_url())]
        return {"crumbs": crumbs}


def may_handle_rights(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("profile.change_rightsrequest"))
