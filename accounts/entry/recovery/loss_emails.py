"""The mails of a reported loss or theft: to the person, then to OPCO Mobilités (R105, R106)."""

from datetime import datetime
from typing import Final

from django.conf import settings

from accounts.entry.recovery.loss_flows import LINK_MAIL, STAFF_MAIL, key_for
from accounts.people import account_states
from accounts.people.models import User
from mgestion.outbox.kinds import MailContent, MailKind, line, link
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment
from mgestion.web.links import absolute


def build_loss_link(mail: Mail, now: datetime) -> MailContent | None:
    """The only thing that acts. Its life starts when the mail leaves: the time is in the key."""
    user = User.objects.filter(public_id=mail.person).first() if mail.person else None
    if user is None or not account_states.may_receive_reset(user, now):
        return None
    if mail.data.get("epoch", user.session_epoch) != user.session_epoch:
        return None  # the password was changed since it was asked
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "action_url": absolute("entry:loss", key_for(user, now)),
            "until": french_moment(now + settings.RESET_LINK_LIFE),
        },
    )


def build_loss_reported(mail: Mail, now: datetime) -> MailContent | None:
    """To the national mailbox: a link, no personal value, several people read it (S60)."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    return MailContent(
        to=settings.CONTACT_EMAIL,
        values={
            "reported_at": french_moment(datetime.fromisoformat(str(mail.data["at"]))),
            "action_url": absolute("admin:accounts_user_change", user.pk),
        },
    )


_MOMENT: Final = "mardi 17 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)"
MAILS: Final = (
    MailKind(
        LINK_MAIL,
        "signalement d’une perte\u00a0: lien",
        build_loss_link,
        (
            line("until", "fin de validité du lien", _MOMENT, required=True),
            link("action_url", "lien qui bloque les accès", "/perte/exemple/"),
        ),
        awaited=True,
    ),
    MailKind(
        STAFF_MAIL,
        "perte signalée",
        build_loss_reported,
        (
            line("reported_at", "moment du signalement", _MOMENT),
            link("action_url", "page du compte, pour les agents", "/admin/"),
        ),
    ),
)
