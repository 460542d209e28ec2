"""What the account page tells by mail."""

from datetime import datetime
from typing import Final

from accounts.emails import greeting
from accounts.models import User
from mgestion.dates import french_moment
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute

IDENTITY_CHANGED: Final = "profile.identity_changed"


def identity_changed(mail: Mail, now: datetime) -> Message | None:
    """Told after the fact (C7). The values themselves are on the account page, not in a mailbox."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    context = {
        "greeting": greeting(user),
        "address": user.email,
        "changed_at": french_moment(datetime.fromisoformat(str(mail.data["at"]))),
        "what": str(mail.data["what"]),
        "action_url": absolute("profile:home"),
        "action_label": "Vérifier mon compte",
        "privacy_url": absolute("legal:privacy"),
    }
    return compose("mail/profile/identity_changed", context, to=user.email)
