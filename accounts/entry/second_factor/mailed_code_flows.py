"""The code that is mailed to who adds a first second factor, or changes the address of an account
without one: who knows only the password must not be able to lock the owner out.

The row is a link's; the code is a keyed hash of its id, so that the database holds none. It counts
for the session that asked for it, which holds the id.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.entry.limits import rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.login.flows import LoginCircumstances, journal_refusal
from accounts.entry.models import EntryLink
from accounts.entry.second_factor import factors
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.outbox import flows as outbox

MAIL: Final = "entry.factor_code"
TOO_SOON: Final = "Un code vient de partir. Attendez quelques minutes avant d’en demander un autre."
WRONG: Final = "Ce code est incorrect. Recopiez les huit chiffres du dernier e-mail reçu."
GONE: Final = "Ce code ne peut plus servir\u00a0: demandez-en un autre."
NEEDED: Final = "Saisissez d’abord le code envoyé à votre adresse e-mail."
_DIGITS: Final = 8


def compute_mailed_code(link: EntryLink) -> str:
    """The eight digits that the mail of `link` says."""
    digest = salted_hmac("entry.mailed_code", link.id.hex, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**_DIGITS:0{_DIGITS}d}"


@transaction.atomic
def send_mailed_code(user: User, *, now: datetime) -> EntryLink:
    """Mail a code to the account's address; an earlier one is worth nothing any more. The caller's
    session must hold the id of what is returned. Raises Refused when asked too often.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if mailed_links.find_cooldown_reason(user, Purpose.FACTOR, now):
        raise Refused("too_soon", TOO_SOON)
    mailed_links.end_open_links(user, Purpose.FACTOR, now=now)
    link = mailed_links.issue_link(user, Purpose.FACTOR, now=now)
    outbox.queue_mail(MAIL, subject=link.id, person=user.public_id, now=now)
    return link


def find_open_code(user: User, link_id: str, now: datetime) -> EntryLink | None:
    """The code that this session waits for, while it can be typed."""
    return (
        _select_code_links(user, link_id).filter(used_at__isnull=True, expires_at__gt=now).first()
    )


def check_mailed_code(
    user: User, link_id: str, typed: str, *, where: LoginCircumstances, now: datetime
) -> None:
    """Counted before it is looked at, used once. To be called outside a transaction. Raises
    Refused: gone, mismatch.
    """
    link = find_open_code(user, link_id, now)
    if link is None:
        raise Refused("gone", GONE)
    tries = (settings.MAILED_CODE_TRIES, timedelta(days=1))
    if rate_limits.count_event(f"mailed-code:{link.id.hex}", tries, now=now):
        mailed_links.end_open_links(user, Purpose.FACTOR, now=now)
        raise Refused("gone", GONE)
    if not constant_time_compare("".join(typed.split()), compute_mailed_code(link)):
        journal_refusal(user, "mailed_code", where=where, now=now)
        raise Refused("mismatch", WRONG)
    if (
        not _select_code_links(user, link_id)
        .filter(used_at__isnull=True)
        .update(used_at=now, shown_at=now)
    ):
        raise Refused("gone", GONE)
    mailed_links.confirm_mailbox(link, now)


def is_mailed_code_lacking(user: User, link_id: str, now: datetime) -> bool:
    """Whether neither a factor may be added nor the address changed yet: there is no factor, and no
    mailed code was typed in the last minutes.
    """
    if factors.has_factor(user):
        return False
    since = now - settings.RECENT_PROOF
    return not _select_code_links(user, link_id).filter(shown_at__gt=since).exists()


def require_mailed_code(user: User, link_id: str, now: datetime) -> None:
    """The guard of the verbs that add a factor or change the address. Raises Refused."""
    if is_mailed_code_lacking(user, link_id, now):
        raise Refused("mailed_code", NEEDED)


def _select_code_links(user: User, link_id: str) -> QuerySet[EntryLink]:
    try:
        found = EntryLink.objects.filter(pk=UUID(link_id))
    except ValueError:
        return EntryLink.objects.none()
    return found.filter(user=user, purpose=Purpose.FACTOR)
