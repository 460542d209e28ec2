"""Sign-up: the request writes one row whatever the address; the worker decides what it was
(R17–R20, S8).
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.entry import mailed_links
from accounts.entry.acts import EntryAct
from accounts.entry.limits import mail_ceilings
from accounts.entry.mailed_links import Purpose
from accounts.entry.models import EntryLink, PostedRequest
from accounts.leaving.block_list import is_blocked
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import AllowedAddress, User, created_facts
from accounts.people.search_words import index_accounts
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox import flows as outbox

JOB = "entry.sign_up"


def allowed_patterns() -> list[str]:
    """What staff let through (D13)."""
    return list(AllowedAddress.objects.values_list("pattern", flat=True))


def decide_sign_up(row: PostedRequest, now: datetime) -> str:
    """What a posted sign-up was, in the transaction of its claim. Returns the outcome."""
    if is_blocked(row.email):
        return "blocked"  # the page was the same as for any other (D30)
    user = User.objects.with_address(row.email)
    if user is None:
        user, created = _create_pending(row, now)
        if created:
            send_password_link(user, target=row.target, now=now)
            return "created"
    return tell_account_exists(user, target=row.target, now=now)


def _create_pending(row: PostedRequest, now: datetime) -> tuple[User, bool]:
    user = User(
        email=row.email, email_key=row.email_key, status=Status.PENDING, **created_facts(now)
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            index_accounts([user])
    except IntegrityError:
        # Another worker created it between our look-up and our insert: the unique key decided.
        return User.objects.get(email_key=row.email_key), False
    write_journal_entry(
        EntryAct.ACCOUNT_CREATED,
        actor=Actor.system(JOB),
        object_type="account",
        object_id=str(user.public_id),
        person=user.public_id,
        now=now,
    )
    return user, True


def tell_account_exists(user: User, *, target: str, now: datetime) -> str:
    """What an existing account's holder receives instead (S8), or nothing (D33). Returns the
    outcome.
    """
    if user.status == Status.PENDING:
        return send_password_link(user, target=target, now=now)
    if not account_states.may_receive_reset(user, now):
        return "closed"
    return _send(user, Purpose.RESET, "entry.account_exists", target=target, now=now)


def send_password_link(user: User, *, target: str, now: datetime) -> str:
    """The mail « Créer un mot de passe », within the cool-down and the cap (D16). Returns the
    outcome.
    """
    return _send(user, Purpose.SIGN_UP, "entry.create_password", target=target, now=now)


def send_reset_link(user: User, *, target: str, known: bool = False, now: datetime) -> str:
    """The mail that lets choose a new password, within the cool-down and the cap (D16). `known`:
    asked from a browser of the account, or by staff, whatever strangers have asked.
    """
    return _send(user, Purpose.RESET, "entry.reset", target=target, known=known, now=now)


def send_unlock_link(user: User, *, counter: str, target: str, now: datetime) -> str:
    """The mail that opens a locked counter again (D57)."""
    return _send(user, Purpose.UNLOCK, "entry.unlock", counter=counter, target=target, now=now)


def _send(
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
    reason = mailed_links.too_soon(user, purpose, now, counter=counter)
    if reason:
        return reason
    if not known and mail_ceilings.is_full(user.email, owned=purpose != Purpose.SIGN_UP, now=now):
        return mail_ceilings.REFUSED
    link = mailed_links.issue(user, purpose, target=target, counter=counter, now=now)
    outbox.queue(kind, subject=link.id, person=user.public_id, now=now)
    return "mailed"
