"""Forms and acts of agents for a person whose mailbox takes no mail."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.entry.sign_up.forms import SignUpForm
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.desk import dead_mailbox_flows, proposal_flows
from lifecycle.engine import deadlines
from lifecycle.enums import ProposalReason
from lifecycle.models import Hold, StaffProposal
from lifecycle.rules import config, dead_mailboxes
from lifecycle.rules.policy import letter_notifies_on
from mgestion.journal.actors import Actor
from mgestion.outbox.bounces.flows import select_flagging_bounces
from mgestion.staff_acts import StaffAct, on_row
from mgestion.text.dates import french_date, paris_date

LEAVING_STATUSES = (Status.DEACTIVATED_BY_ADMIN, Status.DEACTIVATED_INACTIVE, Status.CLOSING)
CURRENT_STATUSES = (Status.ACTIVE, *LEAVING_STATUSES)
CHANNELS = [("", "Choisissez"), ("letter", "lettre"), ("email", "e-mail")]


def build_day_field(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    """A date field that refuses future days."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        validators=[_refuse_future_day],
    )


def _refuse_future_day(day: date) -> None:
    if day > paris_date(timezone.now()):
        raise forms.ValidationError("Cette date est à venir\u00a0: vérifiez-la.")


def build_note_field() -> forms.CharField:
    return forms.CharField(
        label="Précision",
        required=False,
        max_length=300,
        help_text="Facultatif. Montrée au second agent, effacée avec le compte.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LetterForm(forms.Form):
    posted_on = build_day_field(
        "Lettre postée le", "Le jour du dépôt à La Poste, que prouve le récépissé."
    )


class AddressForm(SignUpForm):
    """The new address, by the rules of the sign-up, and the written request for it."""

    channel = forms.ChoiceField(label="Demande écrite reçue par", choices=CHANNELS)
    received_on = build_day_field("Reçue le")
    note = build_note_field()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, choice="keep", **more)  # no typo check: a second agent confirms
        self.fields["email"].label = "Nouvelle adresse e-mail nominative"
        self.fields["email"].help_text = "Telle que la personne l’écrit dans sa demande."
        self.fields["email2"].label = "Confirmez la nouvelle adresse"


class EraseForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motif", choices=[("", "Choisissez un motif"), *ProposalReason.choices]
    )
    channel = forms.ChoiceField(
        label="Demande écrite reçue par",
        choices=CHANNELS,
        required=False,
        help_text="Seulement si la personne a demandé l’effacement.",
    )
    received_on = build_day_field(
        "Reçue le", "La personne attend une réponse dans le mois qui suit.", required=False
    )
    note = build_note_field()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("reason") == ProposalReason.ASKED:
            for name in ("channel", "received_on"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, "Indiquez comment et quand la demande a été reçue.")
        return said


# --- when each act is offered --------------------------------------------------------------------


def is_in_status(
    *statuses: str, when: Callable[[User], bool] = lambda user: True
) -> Callable[[User], bool]:
    return lambda user: user.status in statuses and when(user)


def _may_report_returned_mail(user: User) -> bool:
    case = dead_mailboxes.find_open_case(user)
    return (
        case is not None
        and case.state in deadlines.BOUND_STATES
        and not dead_mailboxes.is_told_by_letter(case)
        and not Hold.objects.active().filter(user=user).exists()
    )


def _has_flagged_address(user: User) -> bool:
    return select_flagging_bounces([user.public_id]).exists()


def _may_record_letter(user: User) -> bool:
    case = dead_mailboxes.find_open_case(user)
    return (
        case is not None
        and case.state in dead_mailboxes.WAITING_STATES
        and dead_mailboxes.is_held_for_mail(user)
    )


def _has_no_proposal(user: User) -> bool:
    return not StaffProposal.objects.pending().filter(user=user).exists()


def _may_propose_erasure(user: User) -> bool:
    return dead_mailboxes.is_mailbox_dead(user) and _has_no_proposal(user)


def _describe_letter_days(user: User, now: datetime) -> str:
    """What the letter must announce if it is posted today."""
    case = dead_mailboxes.find_open_case(user)
    if case is None:
        return ""
    today, rules = paris_date(now), config.get_rules()
    step = "la désactivation" if user.status == Status.ACTIVE else "la suppression"
    return (
        f"Écrivez à la personne par la poste pour lui annoncer {step} de son compte. Une lettre "
        f"postée aujourd’hui compte comme reçue le "
        f"{french_date(letter_notifies_on(today, rules))}, et le dernier jour pour réagir, à "
        f"écrire dans la lettre, est le "
        f"{french_date(dead_mailbox_flows.letter_binds_until(case, today))} inclus."
    )


def _propose_address(user: User, actor: Actor, said: dict[str, Any], now: datetime) -> Any:
    return proposal_flows.propose_address(
        user,
        said["email"],
        channel=said["channel"],
        received_on=said["received_on"],
        note=said["note"],
        actor=actor,
        now=now,
    )


ACTS: dict[str, StaffAct[User]] = {
    "non-distribue": StaffAct(
        label="E-mail revenu non distribué",
        title="L’e-mail est-il revenu non distribué\u202f?",
        warning="L’échéance annoncée par cet e-mail ne court plus et la procédure est retenue, "
        "jusqu’à ce que vous corrigiez l’adresse, préveniez la personne par lettre ou repreniez la "
        "procédure.",
        verb=on_row(dead_mailbox_flows.note_returned_mail),
        shown=is_in_status(*CURRENT_STATUSES, when=_may_report_returned_mail),
        done="L’e-mail compte comme non distribué\u00a0: la procédure est retenue.",
    ),
    "debloquer": StaffAct(
        label="Débloquer l’adresse",
        title="Débloquer l’adresse de ce compte ?",
        warning="La boîte aux lettres reçoit de nouveau : l’adresse n’est plus signalée. Une "
        "procédure retenue parce que son e-mail était revenu reprend, et cet e-mail est envoyé à "
        "nouveau.",
        verb=on_row(dead_mailbox_flows.unblock_returned_address),
        shown=is_in_status(*CURRENT_STATUSES, when=_has_flagged_address),
        done="Adresse débloquée.",
    ),
    "lettre": StaffAct(
        label="Prévenir par lettre",
        title="La personne a-t-elle été prévenue par lettre\u202f?",
        warning=_describe_letter_days,
        form=LetterForm,
        verb=on_row(dead_mailbox_flows.record_letter),
        shown=is_in_status(*CURRENT_STATUSES, when=_may_record_letter),
        done="Lettre enregistrée\u00a0: les jours courent à partir de sa réception présumée.",
        button="Enregistrer la lettre",
    ),
    "adresse": StaffAct(
        label="Corriger l’adresse",
        title="Corriger l’adresse de ce compte\u202f?",
        warning="Seulement sur une demande écrite de la personne, dont vous avez vérifié "
        "l’identité. Un second agent confirme, puis la nouvelle adresse sert à se connecter, les "
        "sessions sont fermées, l’ancienne adresse est prévenue et l’e-mail en attente repart.",
        form=AddressForm,
        verb=_propose_address,
        shown=is_in_status(*CURRENT_STATUSES, when=_has_no_proposal),
        done="Correction proposée\u00a0: un second agent doit la confirmer.",
        button="Proposer cette adresse",
    ),
    "effacer": StaffAct(
        label="Effacer le compte",
        title="Proposer l’effacement de ce compte\u202f?",
        warning="Un second agent confirme, puis le compte et tous ses accès sont supprimés "
        "définitivement. Aucun e-mail ne peut prévenir la personne\u00a0: répondez-lui par lettre.",
        form=EraseForm,
        verb=on_row(proposal_flows.propose_erasure),
        shown=is_in_status(*CURRENT_STATUSES, when=_may_propose_erasure),
        done="Effacement proposé\u00a0: un second agent doit le confirmer.",
        dangerous=True,
        button="Proposer l’effacement",
    ),
}
