"""The mails of the lifecycle. Each builder returns None when the mail is no longer needed."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from accounts.entry.links import mailed_links
from accounts.entry.models import EntryLink
from accounts.habilitations.accesses.querysets import select_open_accesses
from accounts.leaving.emails import ADDRESS, LOG_IN, format_until
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseState
from lifecycle.models import Hold, LifecycleCase
from lifecycle.rules import dead_mailboxes, reviews
from lifecycle.rules.config import get_rules
from lifecycle.rules.policy import last_day
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    PlaceholderValue,
    flag_value,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, french_moment, paris_date
from mgestion.web.links import build_absolute_url

INACTIVITY_NOTICE: Final = "lifecycle.inactivity_notice"
INACTIVITY_DEACTIVATED: Final = "lifecycle.inactivity_deactivated"
CLOSED: Final = "lifecycle.closed"
SIGN_UP_REMINDER: Final = "lifecycle.sign_up_reminder"
REVIEWS: Final = "lifecycle.reviews"
WAITING: Final = "lifecycle.waiting"


def build_inactivity_notice(mail: Mail, now: datetime) -> MailContent | None:
    """The notice: 15 days to log in before the deactivation. None after a login."""
    case = _find_waiting_case(mail, CaseState.NOTICE_QUEUED, Status.ACTIVE)
    if case is None or case.user.clock_from >= case.anchor_ends:
        return None
    return _build_announcement(
        case.user,
        last_day(paris_date(now), get_rules().notice_days),
        never=case.user.last_activity_at is None,
        idle_since=french_date(case.anchor),
    )


def build_inactivity_deactivated(mail: Mail, now: datetime) -> MailContent | None:
    """The account is deactivated; deletion in 15 days unless the person logs in."""
    case = _find_waiting_case(mail, CaseState.DEACTIVATED, Status.DEACTIVATED_INACTIVE)
    if case is None:
        return None
    return _build_announcement(
        case.user,
        last_day(paris_date(now), get_rules().grace_days),
        since=french_date(paris_date(case.user.status_since)),
    )


def build_closed(mail: Mail, now: datetime) -> MailContent | None:
    """Confirms a closure, when the account is gone: the address is in the row's data until
    the mail is sent, and then erased.
    """
    address = str(mail.data.get("to", ""))
    if not address:
        return None
    return MailContent(to=address, values={"closed_on": french_date(paris_date(mail.created_at))})


def build_sign_up_reminder(mail: Mail, now: datetime) -> MailContent | None:
    """Reminds of an unfinished sign-up on day 3, with a new link."""
    key = _find_sign_up_link(mail)
    if key is None:
        return None
    expires_at = now + mailed_links.get_link_life(key.purpose)
    purge_day = paris_date(key.user.created_at) + timedelta(days=get_rules().pending_days)
    purge_day = max(purge_day, paris_date(expires_at))  # a link that works keeps the sign-up
    return MailContent(
        to=key.user.email,
        name=key.user.full_name,
        values={
            "address": key.user.email,
            "until": french_moment(expires_at),
            "purge_day": french_date(purge_day),
            "action_url": build_absolute_url(
                "entry:create_password", mailed_links.sign_link_key(key)
            ),
        },
    )


def start_link_life(mail: Mail, now: datetime) -> None:
    """Starts the validity of the link when the mail leaves."""
    key = _find_sign_up_link(mail)
    if key is not None:
        mailed_links.restart_link(key, now)


def build_reviews(mail: Mail, now: datetime) -> MailContent | None:
    """What is to review, to a national administrator. None when nothing is due or they no longer
    are one.
    """
    user = reviews.select_reviewers().filter(public_id=mail.subject_id).first()
    state = reviews.get_review_state(now)
    if user is None or not state.total + state.waiting:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "agents": _format_count(state.agents, "compte"),
            "staff": reviews.select_staff_accounts().count(),
            "late": state.late,
            "last_day": french_date(state.last_day),
            "suspensions": state.suspensions,
            "blocks": state.blocks,
            "waiting": state.waiting,
            "action_url": build_absolute_url("admin:lifecycle_review_changelist"),
        },
    )


def build_waiting(mail: Mail, now: datetime) -> MailContent | None:
    """Accounts that wait for a decision, to a national administrator. None when none waits or they
    no longer are one.
    """
    user = reviews.select_reviewers().filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    waits = dead_mailboxes.count_waiting(now, but_proposed_by=user.public_id)
    if not waits.total:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "undeliverable": _format_count(waits.undeliverable, "compte"),
            "letters_over": _format_count(waits.letters_over, "compte"),
            "proposals": _format_count(waits.proposals, "acte"),
            "action_url": build_absolute_url("admin:index"),
        },
    )


def _format_count(number: int, noun: str) -> str:
    """« 2 comptes »; nothing for none."""
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


def _find_sign_up_link(mail: Mail) -> EntryLink | None:
    if "link" not in mail.data:
        return None
    return (
        EntryLink.objects.select_related("user")
        .filter(
            pk=str(mail.data["link"]),
            user__public_id=mail.subject_id,
            user__status=Status.PENDING,
            used_at__isnull=True,
        )
        .first()
    )


def _find_waiting_case(mail: Mail, state: str, status: str) -> LifecycleCase | None:
    """The case that waits for this mail, if its account has `status` and is not on hold."""
    case = (
        LifecycleCase.objects.select_related("user")
        .filter(pk=mail.subject_id, mail=mail, state=state, user__status=status)
        .first()
    )
    if case is None:
        return None
    held = Hold.objects.active().filter(Q(user=case.user) | Q(everything=True))
    return None if held.exists() else case


def _build_announcement(user: User, day: date, **said: PlaceholderValue) -> MailContent:
    names = select_open_accesses(user).values_list("platform__name", flat=True)
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "address": user.email,
            "until": format_until(day),
            "until_short": f"jusqu’au {french_date(day)}",
            "platforms": ", ".join(dict.fromkeys(names)),
            "action_url": build_absolute_url("cas:login"),
            **said,
        },
        deadline=day,
    )


_ANNOUNCED: Final = (
    ADDRESS,
    line_value(
        "until",
        "dernier jour",
        "jusqu’au mercredi 1er avril 2026 inclus (heure de Paris)",
        required=True,
    ),
    line_value("until_short", "dernier jour, pour l’objet", "jusqu’au mercredi 1er avril 2026"),
    line_value("platforms", "plateformes ouvertes à la personne, parfois vide", "M-Gestion"),
    LOG_IN,
)
MAILS: Final = (
    MailKind(
        INACTIVITY_NOTICE,
        "avertissement d’inactivité",
        build_inactivity_notice,
        (
            *_ANNOUNCED,
            flag_value("never", "le compte n’a jamais servi", sample=False),
            line_value(
                "idle_since", "dernier jour d’activité, ou de création", "mardi 17 mars 2024"
            ),
        ),
    ),
    MailKind(
        INACTIVITY_DEACTIVATED,
        "compte désactivé pour inactivité",
        build_inactivity_deactivated,
        (*_ANNOUNCED, line_value("since", "jour de la désactivation", "mardi 17 mars 2026")),
    ),
    MailKind(
        CLOSED,
        "compte supprimé",
        build_closed,
        (line_value("closed_on", "jour de la suppression", "mardi 17 mars 2026", required=True),),
    ),
    MailKind(
        SIGN_UP_REMINDER,
        "inscription à terminer",
        build_sign_up_reminder,
        (
            ADDRESS,
            line_value(
                "until",
                "fin de validité du lien",
                "mardi 17 mars 2026 à 10\u00a0h\u00a000",
                required=True,
            ),
            line_value("purge_day", "jour de l’effacement", "mardi 24 mars 2026", required=True),
            link_value(
                "action_url", "lien pour créer le mot de passe", "/inscription/mot-de-passe/x/"
            ),
        ),
        before_sending=start_link_life,
    ),
    MailKind(
        REVIEWS,
        "revues à faire",
        build_reviews,
        (
            line_value("agents", "nombre d’agents à revoir, vide s’il n’y en a pas", "3 comptes"),
            line_value("staff", "nombre d’agents", "14"),
            flag_value("late", "la revue est en retard", sample=False),
            line_value("last_day", "dernier jour de la revue", "mardi 31 mars 2026"),
            line_value("suspensions", "nombre de suspensions à revoir", "2"),
            line_value("blocks", "nombre de blocages à revoir", "1"),
            line_value("waiting", "nombre de comptes en attente d’un agent", "2"),
            link_value("action_url", "page de la revue", "/admin/"),
        ),
    ),
    MailKind(
        WAITING,
        "comptes en attente d’un agent",
        build_waiting,
        (
            line_value("undeliverable", "comptes sans e-mail possible, parfois vide", "2 comptes"),
            line_value("letters_over", "comptes au délai passé, parfois vide", "1 compte"),
            line_value("proposals", "actes à confirmer, parfois vide", "1 acte"),
            link_value("action_url", "accueil des agents", "/admin/"),
        ),
    ),
)
