"""A person's ways in, on the staff's page of the account (`slots.user_panels`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.entry import factors, sessions, set_aside
from accounts.entry.flows import desk, factor
from accounts.habilitations.permissions import may_configure, staff_of
from accounts.models import User


@dataclass(frozen=True, slots=True)
class Act:
    """What an agent may do; `do(user, actor=…, <note's name>=…, now=…)`."""

    label: str
    warning: str
    do: Callable[..., Any]
    done: str


ACTS: dict[str, Act] = {
    "sessions": Act(
        "Fermer toutes les sessions",
        "La personne est déconnectée partout, des plateformes aussi. Son compte reste ouvert.",
        desk.end_sessions,
        "Sessions fermées.",
    ),
    "mot-de-passe": Act(
        "Envoyer un lien de mot de passe",
        "La personne reçoit le lien de «\u00a0mot de passe oublié\u00a0». Personne d’autre "
        "qu’elle ne choisit son mot de passe.",
        desk.send_reset,
        "Le lien part dans quelques secondes.",
    ),
    "deverrouillage": Act(
        "Renvoyer le lien de déverrouillage",
        "La personne reçoit le lien qui rouvre sa connexion, fermée après dix échecs de suite.",
        desk.send_unlock,
        "Le lien part dans quelques secondes.",
    ),
    "second-facteur": Act(
        "Retirer la double authentification",
        "À faire seulement après avoir vérifié l’identité de la personne, par un autre moyen que "
        "l’adresse e-mail du compte. Ses sessions se ferment, elle est prévenue par e-mail\u202f; "
        "un agent devra la configurer de nouveau.",
        lambda user, *, actor, note, now: factor.reset(user, actor=actor, reason=note, now=now),
        "Double authentification retirée. L’e-mail est mis en file.",
    ),
    "facteurs-rendre": Act(
        "Rendre les facteurs mis de côté",
        "À faire seulement si la personne, dont vous avez vérifié l’identité par un autre moyen "
        "que l’adresse e-mail du compte, les reconnaît comme les siens. Ils sont de nouveau "
        "demandés à la connexion\u202f; ses sessions se ferment, elle est prévenue par e-mail.",
        lambda user, *, actor, note, now: factor.give_back(user, actor=actor, reason=note, now=now),
        "Facteurs rendus. L’e-mail est mis en file.",
    ),
    "facteurs-supprimer": Act(
        "Supprimer les facteurs mis de côté",
        "À faire si la personne ne les reconnaît pas\u00a0: un tiers les a ajoutés avant qu’elle "
        "signale la perte ou le vol de ses identifiants. Elle est prévenue par e-mail.",
        lambda user, *, actor, note, now: factor.drop_set_aside(
            user, actor=actor, reason=note, now=now
        ),
        "Facteurs supprimés. L’e-mail est mis en file.",
    ),
}


def offered(user: User) -> dict[str, Act]:
    """What makes sense for this account now."""
    possible = {
        "deverrouillage": bool(desk.locked(user)),
        "second-facteur": factors.has_factor(user),
        "facteurs-rendre": set_aside.is_any(user),
        "facteurs-supprimer": set_aside.is_any(user),
    }
    return {word: act for word, act in ACTS.items() if possible.get(word, True)}


def panel(request: HttpRequest, user: User, now: datetime) -> str:
    """HTML: open sessions, last logins, the second factor, and the acts (national only)."""
    may = may_configure(staff_of(request.user))
    context = {
        "account": user,
        "sessions": sessions.open_sessions(user, now),
        "last": sessions.past_logins(user, "", most=5),
        "factor": factors.state_of(user),
        "set_aside": set_aside.is_any(user),
        "acts": offered(user) if may else {},
    }
    return render_to_string("admin/accounts/user/entry_panel.html", context, request=request)
