"""How many mails strangers can have sent to one mailbox, whatever the « +tag » and network."""

import logging
from datetime import datetime

from django.conf import settings

from accounts.entry.limits import rate_limits
from accounts.people.addresses import fold_mailbox

_log = logging.getLogger(__name__)
MAILBOX_FULL = "mailbox_full"  # the outcome of a posted row


def exceeds_mail_ceiling(address: str, *, owned: bool, now: datetime) -> bool:
    """Count one mail to `address`. Whether it is one too many of its hour or of its day.

    `owned`: to the holder of an account, counted apart: who signs up under twenty « +tags » does
    not use up the way back into the account of the mailbox.
    """
    reference = rate_limits.hash_address(fold_mailbox(address))
    waits = [
        rate_limits.count_event(
            f"mailbox:{reference}:{'owned' if owned else 'named'}:{int(period.total_seconds())}",
            (most, period),
            now=now,
        )
        for most, period in settings.MAILS_PER_MAILBOX
    ]
    if any(waits):
        _log.warning("A mailbox reached its ceiling of mails; nothing was sent")
    return any(waits)
