"""Sessions, logins and second factor on the staff page of an account (`slots.user_panels`)."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.entry.desk import flows as desk_flows
from accounts.entry.second_factor import factors, set_aside
from accounts.entry.second_factor import flows as second_factor_flows
from accounts.entry.sessions import session_flows
from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.people.models import User
from mgestion.staff_acts import StaffAct, offered_acts


class NoteForm(forms.Form):
    """Why: kept in the journal, erased with the account."""

    note = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Gardé au journal, effacé avec le compte.",
        widget=forms.Textarea(attrs={"rows": 3, "aria-describedby": "id_note_helptext"}),
        error_messages={"required": "Indiquez le motif."},
    )


def _build_act(
    verb: Callable[..., object],
    *,
    label: str,
    warning: str,
    done: str,
    note: str = "note",
    shown: Callable[[User], bool] = lambda user: True,
) -> StaffAct[User]:
    """`note`: what the verb calls the reason."""
    return StaffAct(
        form=NoteForm,
        verb=lambda user, actor, said, now: verb(
            user, actor=actor, now=now, **{note: said["note"]}
        ),
        label=label,
        warning=warning,
        done=done,
        shown=shown,
    )


ACTS: dict[str, StaffAct[User]] = {
    "sessions": _build_act(
        desk_flows.end_sessions,
        label="Fermer toutes les sessions",
        warning="La personne est déconnectée partout, des plateformes aussi. Son compte reste "
        "ouvert.",
        done="Sessions fermées.",
    ),
    "mot-de-passe": _build_act(
        desk_flows.send_reset,
        label="Envoyer un lien de mot de passe",
        warning="La personne reçoit le lien de «\u00a0mot de passe oublié\u00a0». Personne d’autre "
        "qu’elle ne choisit son mot de passe.",
        done="Le lien part dans quelques secondes.",
    ),
    "deverrouillage": _build_act(
        desk_flows.send_unlock,
        label="Renvoyer le lien de déverrouillage",
        warning="La personne reçoit le lien qui rouvre sa connexion, fermée après dix échecs de "
        "suite.",
        done="Le lien part dans quelques secondes.",
        shown=lambda user: bool(desk_flows.select_locked_counters(user)),
    ),
    "second-facteur": _build_act(
        second_factor_flows.reset_factors,
        note="reason",
        label="Retirer la double authentification",
        warning="À faire seulement après avoir vérifié l’identité de la personne, par un autre "
        "moyen que l’adresse e-mail du compte. Ses sessions se ferment, elle est prévenue par "
        "e-mail\u202f; un agent devra la configurer de nouveau.",
        done="Double authentification retirée. L’e-mail est mis en file.",
        shown=factors.has_factor,
    ),
    "facteurs-rendre": _build_act(
        second_factor_flows.give_back_factors,
        note="reason",
        label="Rendre les facteurs mis de côté",
        warning="À faire seulement si la personne, dont vous avez vérifié l’identité par un autre "
        "moyen que l’adresse e-mail du compte, les reconnaît comme les siens. Ils sont de nouveau "
        "demandés à la connexion\u202f; ses sessions se ferment, elle est prévenue par e-mail.",
        done="Facteurs rendus. L’e-mail est mis en file.",
        shown=set_aside.has_set_aside_factors,
    ),
    "facteurs-supprimer": _build_act(
        second_factor_flows.drop_set_aside_factors,
        note="reason",
        label="Supprimer les facteurs mis de côté",
        warning="À faire si la personne ne les reconnaît pas\u00a0: un tiers les a ajoutés avant "
        "qu’elle signale la perte ou le vol de ses identifiants. Elle est prévenue par e-mail.",
        done="Facteurs supprimés. L’e-mail est mis en file.",
        shown=set_aside.has_set_aside_factors,
    ),
}


def render_entry_panel(request: HttpRequest, user: User, now: datetime) -> str:
    """HTML: open sessions, last logins, the second factor, and the acts (national only)."""
    may = may_configure(get_staff(request.user))
    context = {
        "account": user,
        "sessions": session_flows.list_open_sessions(user, now),
        "last": session_flows.list_past_logins(user, "", most=5),
        "factor": factors.get_factor_state(user),
        "set_aside": set_aside.has_set_aside_factors(user),
        "acts": offered_acts(ACTS, user) if may else {},
    }
    return render_to_string("admin/accounts/user/entry_panel.html", context, request=request)
