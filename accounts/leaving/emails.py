"""The mails that announce what happened to an account and until when it can come back.

Each reads the account as it stands, and is None when the act has been undone since. The last day is
that of this attempt; it binds when the mail server accepts it (D20, `lifecycle`).
"""

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings

from accounts.leaving import account_departures
from accounts.leaving.account_departures import get_mail_cycle
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    PlaceholderValue,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, paris_date
from mgestion.web.links import build_absolute_url

# What mails of several packages say.
ADDRESS: Final = line_value(
    "address", "adresse e-mail du compte", "camille.fictive@garage.example.org"
)
HELP_EMAIL: Final = line_value("help_email", "adresse de contact", "contact@opcomobilites.fr")
LOG_IN: Final = link_value("action_url", "page de connexion", "/cas/login")
_SINCE: Final = line_value("since", "jour de l’acte", "mardi 17 mars 2026")
_UNTIL: Final = line_value(
    "until",
    "dernier jour",
    "jusqu’au mercredi 1er avril 2026 inclus (heure de Paris)",
    required=True,
)
_REASON: Final = line_value("reason", "motif de l’agent, parfois vide", "Compte compromis")


def format_until(day: date) -> str:
    """« jusqu’au mardi 17 mars 2026 inclus (heure de Paris) »."""
    return f"jusqu’au {french_date(day)} inclus (heure de Paris)"


def build_admin_deactivated(mail: Mail, now: datetime) -> MailContent | None:
    """Deactivated by an administrator; deletion after day 15."""
    return _build_announcement(
        mail,
        now,
        Status.DEACTIVATED_BY_ADMIN,
        last_day=french_date(_get_last_day(now)),
        # Forgotten with the mail's body, long after it left: the mail is then without them.
        reason=_reason_label(mail),
        where=str(mail.data.get("where", "")),
    )


def build_closing(mail: Mail, now: datetime) -> MailContent | None:
    """The acknowledgment of a closure, and how to give it up."""
    return _build_announcement(
        mail, now, Status.CLOSING, action_url=build_absolute_url("cas:login")
    )


def build_suspended(mail: Mail, now: datetime) -> MailContent | None:
    """Suspended, and why in a word. None once it is lifted."""
    reason, help_email = _reason_label(mail), settings.CONTACT_EMAIL
    return _build_departure_content(mail, Status.SUSPENDED, reason=reason, help_email=help_email)


def build_suspension_lifted(mail: Mail, now: datetime) -> MailContent | None:
    """The account is open again. None if it has left that status since."""
    return _build_departure_content(mail, Status.ACTIVE, action_url=build_absolute_url("cas:login"))


def _build_announcement(
    mail: Mail, now: datetime, status: str, **said: PlaceholderValue
) -> MailContent | None:
    day = _get_last_day(now)
    until, help_email = format_until(day), settings.CONTACT_EMAIL
    return _build_departure_content(
        mail, status, deadline=day, until=until, help_email=help_email, **said
    )


def _build_departure_content(
    mail: Mail, status: str, *, deadline: date | None = None, **said: PlaceholderValue
) -> MailContent | None:
    """None unless the account has been in `status` since the act that the mail tells of."""
    user = User.objects.filter(public_id=mail.subject_id, status=status).first()
    if user is None or mail.cycle.partition(".")[0] != get_mail_cycle(user.status_since):
        return None
    since = french_date(paris_date(user.status_since))
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={"address": user.email, "since": since, **said},
        deadline=deadline,
    )


def _get_last_day(now: datetime) -> date:
    days: int = settings.LIFECYCLE_RULES["grace_days"]
    return paris_date(now) + timedelta(days=days)


def _reason_label(mail: Mail) -> str:
    return str(dict(DeactivationReason.choices).get(str(mail.data.get("reason", "")), ""))


MAILS: Final = (
    MailKind(
        account_departures.ADMIN_DEACTIVATED,
        "compte désactivé",
        build_admin_deactivated,
        (
            *(ADDRESS, _SINCE, _UNTIL, _REASON, HELP_EMAIL),
            line_value("last_day", "dernier jour, pour l’objet", "mercredi 1er avril 2026"),
            line_value("where", "établissement dont l’administrateur a agi, parfois vide", ""),
        ),
    ),
    MailKind(
        account_departures.CLOSING,
        "fermeture du compte",
        build_closing,
        (ADDRESS, _SINCE, _UNTIL, HELP_EMAIL, LOG_IN),
    ),
    MailKind(
        account_departures.SUSPENDED,
        "compte suspendu",
        build_suspended,
        (ADDRESS, _SINCE, _REASON, HELP_EMAIL),
    ),
    MailKind(
        account_departures.SUSPENSION_LIFTED,
        "suspension levée",
        build_suspension_lifted,
        (ADDRESS, _SINCE, LOG_IN),
    ),
)
