"""The letters that announce what happened to an account and until when it can come back.

Each reads the account as it stands, and says None when the act has been undone since. The last day
is that of this attempt; it binds when the mail server accepts it (D20, `lifecycle`).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.enums import DeactivationReason, Status
from accounts.models import User
from accounts.standing_acts import act_cycle
from mgestion.dates import french_date, paris_date
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute


def until(day: date) -> str:
    """« jusqu’au mardi 17 mars 2026 inclus (heure de Paris) »."""
    return f"jusqu’au {french_date(day)} inclus (heure de Paris)"


def greeting(user: User) -> str:
    return f"Bonjour {user.full_name},".replace(" ,", ",")


def admin_deactivated(mail: Mail, now: datetime) -> Message | None:
    """Deactivated by an administrator; deletion after day 15 (R87, R93)."""
    return _announce(
        mail,
        now,
        Status.DEACTIVATED_BY_ADMIN,
        "admin_deactivated",
        # Forgotten with the mail's body, long after it left: the letter is then without them.
        reason=dict(DeactivationReason.choices).get(str(mail.data.get("reason", "")), ""),
        where=str(mail.data.get("where", "")),
    )


def closing(mail: Mail, now: datetime) -> Message | None:
    """The acknowledgment of a closure, and how to give it up (D50)."""
    return _announce(
        mail,
        now,
        Status.CLOSING,
        "closing",
        action_url=absolute("cas:login"),
        action_label="Se connecter",
    )


def suspended(mail: Mail, now: datetime) -> Message | None:
    """Suspended, and why in a word (D30). None once it is lifted."""
    reason = str(mail.data.get("reason", ""))
    label = dict(DeactivationReason.choices).get(reason, "")
    return _standing(mail, Status.SUSPENDED, "suspended", reason=label)


def suspension_lifted(mail: Mail, now: datetime) -> Message | None:
    """The account is open again. None if it has left that status since."""
    return _standing(mail, Status.ACTIVE, "suspension_lifted", reason="")


def _standing(mail: Mail, status: str, name: str, *, reason: str) -> Message | None:
    user = User.objects.filter(public_id=mail.subject_id, status=status).first()
    if user is None or mail.cycle.partition(".")[0] != act_cycle(user.status_since):
        return None
    context = {
        "greeting": greeting(user),
        "address": user.email,
        "since": french_date(paris_date(user.status_since)),
        "reason": reason,
        "help_email": settings.CONTACT_EMAIL,
        "action_url": absolute("cas:login") if status == Status.ACTIVE else "",
        "action_label": "Se connecter",
        "privacy_url": absolute("legal:privacy"),
    }
    return compose(f"mail/accounts/{name}", context, to=user.email)


def _announce(mail: Mail, now: datetime, status: str, name: str, **more: Any) -> Message | None:
    user = User.objects.filter(public_id=mail.subject_id, status=status).first()
    if user is None or mail.cycle.partition(".")[0] != act_cycle(user.status_since):
        return None
    day = paris_date(now) + timedelta(days=settings.LIFECYCLE_RULES["grace_days"])
    context = {
        "greeting": greeting(user),
        "address": user.email,
        "since": french_date(paris_date(user.status_since)),
        "last_day": french_date(day),
        "until": until(day),
        "help_email": settings.CONTACT_EMAIL,
        "privacy_url": absolute("legal:privacy"),
        **more,
    }
    return compose(f"mail/accounts/{name}", context, to=user.email, deadline=day)
