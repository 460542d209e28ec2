"""The mails of a reported loss or theft: to the person, then to OPCO Mobilités (R105, R106)."""

from datetime import datetime

from django.conf import settings

from accounts import standing
from accounts.emails import greeting
from accounts.entry.flows.loss import LINK_MAIL, STAFF_MAIL, key_for
from accounts.models import User
from mgestion.dates import french_moment
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute


def loss_link(mail: Mail, now: datetime) -> Message | None:
    """The only thing that acts. Its life starts when the mail leaves."""
    user = User.objects.filter(public_id=mail.person).first() if mail.person else None
    if user is None or not standing.may_receive_reset(user, now):
        return None
    if mail.data.get("epoch", user.session_epoch) != user.session_epoch:
        return None  # the password was changed since it was asked
    until = french_moment(now + settings.RESET_LINK_LIFE)
    context = {
        "greeting": greeting(user),
        "action_url": absolute("entry:loss", key_for(user, now)),
        "action_label": "Bloquer mes accès et changer de mot de passe",
        "deadline_text": f"Ce lien fonctionne jusqu’au {until}.",
        "privacy_url": absolute("legal:privacy"),
    }
    return compose("mail/entry/loss_link", context, to=user.email)


def loss_reported(mail: Mail, now: datetime) -> Message | None:
    """To the national mailbox: a link, no personal value, several people read it (S60)."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    context = {
        "greeting": "Bonjour,",
        "reported_at": french_moment(datetime.fromisoformat(str(mail.data["at"]))),
        "action_url": absolute("admin:accounts_user_change", user.pk),
        "action_label": "Ouvrir le compte",
        "privacy_url": absolute("legal:privacy"),
    }
    return compose("mail/entry/loss_reported", context, to=settings.CONTACT_EMAIL)


MAILS = {LINK_MAIL: loss_link, STAFF_MAIL: loss_reported}
