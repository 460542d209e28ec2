"""Mails that bring a link, each within the cool-down, the cap and the mailbox's ceiling.

Each function returns the outcome: "mailed", or why nothing was sent.
"""

from datetime import datetime
from typing import Final

from accounts.entry.limits import mail_ceilings
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.models import EntryLink
from accounts.people.models import User
from mgestion.outbox import flows as outbox

LOSS_MAIL: Final = "entry.loss_link"


def send_account_exists(user: User, *, target: str, now: datetime) -> str:
    """What a sign-up with the address of an account brings its holder."""
    return _send_link(user, Purpose.RESET, "entry.account_exists", target=target, now=now)


def send_password_link(user: User, *, target: str, now: datetime) -> str:
    return _send_link(user, Purpose.SIGN_UP, "entry.create_password", target=target, now=now)


def send_reset_link(user: User, *, target: str, known: bool = False, now: datetime) -> str:
    """The mail that leads to a new password. `known`: asked from a browser of the account, or by
    staff: what strangers asked does not count.
    """
    return _send_link(user, Purpose.RESET, "entry.reset", target=target, known=known, now=now)


def send_unlock_link(user: User, *, counter: str, target: str, now: datetime) -> str:
    return _send_link(user, Purpose.UNLOCK, "entry.unlock", counter=counter, target=target, now=now)


def send_loss_link(user: User, *, known: bool = False, now: datetime) -> str:
    return _send_link(user, Purpose.LOSS, LOSS_MAIL, target="", known=known, now=now)


def _send_link(
    user: User,
    purpose: EntryLink.Purpose,
    kind: str,
    *,
    target: str,
    now: datetime,
    counter: str = "",
    known: bool = False,
) -> str:
    # Two workers with two rows of one person: the second waits here, then sees the first one's
    # link.
    User.objects.select_for_update().get(pk=user.pk)
    reason = mailed_links.find_cooldown_reason(user, purpose, now, counter=counter)
    if reason:
        return reason
    if not known and mail_ceilings.exceeds_mail_ceiling(
        user.email, owned=purpose != Purpose.SIGN_UP, now=now
    ):
        return mail_ceilings.MAILBOX_FULL
    link = mailed_links.issue_link(user, purpose, target=target, counter=counter, now=now)
    outbox.queue_mail(kind, subject=link.id, person=user.public_id, now=now)
    return "mailed"
