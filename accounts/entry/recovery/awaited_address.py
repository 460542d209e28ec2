"""An address to which mails come back waits for its holder to look at it (`slots.to_do`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import connection
from django.urls import reverse

from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from mgestion.outbox.bounces.flows import find_last_return
from mgestion.text.dates import french_date


def list_address_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    returned = find_last_return(user.public_id)
    if returned is not None:
        yield ToDoLine(
            Urgency.AWAITED,
            "Vos e-mails ne vous parviennent plus\u00a0: vérifiez votre adresse",
            f"Nos messages à {user.email} reviennent\u00a0: une décision ou un avertissement "
            "pourrait vous échapper.",
            "Vérifier mon adresse",
            reverse("entry:ask_address"),
            day=f"Un e-mail est revenu le {french_date(returned)}",
        )


def _waits(user: User, now: datetime) -> tuple[str, list[object]]:
    native = connection.features.has_native_uuid_field
    return _FLAGGED, [user.public_id if native else user.public_id.hex]


_FLAGGED: Final = (
    "EXISTS (SELECT 1 FROM outbox_mail AS sent JOIN outbox_bounce AS returned"
    " ON returned.mail_id = sent.id"
    " WHERE sent.person = %s AND returned.outcome = 'hard' AND returned.cleared_at IS NULL)"
)
SOURCE: Final = ToDoSource(waits=_waits, list_lines=list_address_lines)
