"""The acts of agents on one account, one page each."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django import forms
from django.conf import settings

from accounts.habilitations.reference.base_admin import AccountActView
from accounts.leaving import account_departures
from accounts.leaving.emails import format_until
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from lifecycle.desk import dead_mailbox
from lifecycle.desk.dead_mailbox import (
    CHANNELS,
    CURRENT_STATUSES,
    LEAVING_STATUSES,
    build_day_field,
    is_in_status,
)
from lifecycle.engine.brakes import holds
from lifecycle.enums import PORTAL_REASONS, HoldReason
from lifecycle.models import Hold
from mgestion.staff_acts import StaffAct, on_row
from mgestion.text.dates import french_date, paris_date


class ReasonForm(forms.Form):
    """The reason: a code for the journal, and a note that is erased with the account."""

    reason = forms.ChoiceField(
        label="Motif", choices=[("", "Choisissez un motif"), *DeactivationReason.choices]
    )
    note = forms.CharField(
        label="Précision",
        required=False,
        max_length=300,
        help_text="Facultatif. Gardée au journal, effacée avec le compte.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SuspendForm(ReasonForm):
    block = forms.BooleanField(
        label="Refuser aussi toute nouvelle inscription de cette personne", required=False
    )


class HoldForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("", "Choisissez un motif"),
            *((one.value, one.label) for one in HoldReason if one not in PORTAL_REASONS),
        ],
    )


class ClosureForm(forms.Form):
    """A closure asked for by letter or e-mail: channel and day of reception."""

    channel = forms.ChoiceField(
        label="Demande reçue par",
        choices=CHANNELS,
    )
    received = build_day_field(
        "Reçue le", "La personne attend une réponse dans le mois qui suit cette date."
    )


def _with_last_day(words: str) -> Callable[[User, datetime], str]:
    """Formats `{until}`: the last day to react if the mail leaves today."""

    def warning(user: User, now: datetime) -> str:
        day = paris_date(now) + timedelta(days=settings.LIFECYCLE_RULES["grace_days"])
        return words.format(until=format_until(day))

    return warning


def _is_held(user: User) -> bool:
    return Hold.objects.active().filter(user=user).exists()


ACTS: dict[str, StaffAct[User]] = {
    "desactiver": StaffAct(
        label="Désactiver le compte",
        title="Désactiver ce compte\u202f?",
        warning=_with_last_day(
            "Le compte sera supprimé définitivement sous 15\u00a0jours calendaires\u00a0: si "
            "l’e-mail part aujourd’hui, il peut être réactivé {until}. La personne ne peut plus se "
            "connecter dès maintenant, sur aucune plateforme, et reçoit un e-mail."
        ),
        form=ReasonForm,
        verb=on_row(account_departures.deactivate_account),
        shown=is_in_status(Status.ACTIVE),
        done="Compte désactivé. L’e-mail est mis en file.",
        dangerous=True,
    ),
    "reactiver": StaffAct(
        label="Réactiver le compte",
        title="Réactiver ce compte\u202f?",
        warning="La personne retrouve les mêmes accès. Les 24\u00a0mois d’inactivité repartent de "
        "zéro.",
        form=ReasonForm,
        verb=on_row(account_departures.reactivate_account),
        shown=is_in_status(*LEAVING_STATUSES),
        done="Compte réactivé.",
    ),
    "desinscrire": StaffAct(
        label="Désinscrire la personne",
        title="Désinscrire cette personne\u202f?",
        warning=_with_last_day(
            "À sa demande, par e-mail ou par courrier (CGU 4.2.4)\u00a0: le compte est fermé dès "
            "maintenant et supprimé définitivement sous 15\u00a0jours. La personne reçoit un "
            "accusé, puis une confirmation. Si l’accusé part aujourd’hui, elle peut y renoncer "
            "{until}."
        ),
        form=ClosureForm,
        verb=lambda user, actor, said, now: account_departures.close_account(
            user,
            actor=actor,
            reason=said["channel"],
            note=f"demande reçue le {french_date(said['received'])}",
            now=now,
        ),
        shown=is_in_status(Status.ACTIVE),
        done="Fermeture enregistrée. L’accusé est mis en file.",
        dangerous=True,
    ),
    "suspendre": StaffAct(
        label="Suspendre le compte",
        title="Suspendre ce compte\u202f?",
        warning="La personne ne peut plus se connecter, et son compte n’est pas supprimé\u00a0: "
        "une suppression en cours est annulée. Seul un agent lève la suspension.",
        form=SuspendForm,
        verb=on_row(account_departures.suspend_account),
        shown=is_in_status(*CURRENT_STATUSES),
        done="Compte suspendu.",
        dangerous=True,
    ),
    "lever": StaffAct(
        label="Lever la suspension",
        title="Lever la suspension\u202f?",
        warning="Le compte redevient actif et les 24\u00a0mois d’inactivité repartent de zéro. La "
        "personne peut de nouveau s’inscrire si elle en était empêchée.",
        verb=on_row(account_departures.lift_suspension),
        shown=is_in_status(Status.SUSPENDED),
        done="Suspension levée.",
    ),
    "retenir": StaffAct(
        label="Retenir la procédure",
        title="Retenir la procédure de ce compte\u202f?",
        warning="Aucun avertissement, aucune désactivation ni suppression automatique, et aucune "
        "échéance ne court jusqu’à ce que la retenue soit levée.",
        form=HoldForm,
        verb=on_row(holds.place_hold),
        shown=is_in_status(*CURRENT_STATUSES, when=lambda user: not _is_held(user)),
        done="Procédure retenue.",
    ),
    "reprendre": StaffAct(
        label="Reprendre la procédure",
        title="Reprendre la procédure de ce compte\u202f?",
        warning="Les jours qui restaient sont rendus. Un e-mail qui n’avait pas pu être remis est "
        "envoyé à nouveau\u00a0: vérifiez d’abord l’adresse.",
        verb=on_row(holds.release_hold),
        shown=is_in_status(*CURRENT_STATUSES, when=_is_held),
        done="Procédure reprise.",
    ),
    **dead_mailbox.ACTS,
}


class LifecycleActView(AccountActView):
    acts = ACTS

    def impossible_words(self) -> str:
        status = self.row.get_status_display()
        return f"Ce compte est «\u00a0{status}\u00a0»\u00a0: cette action n’est pas possible."
