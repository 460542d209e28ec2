"""Sign-up: the request writes one row whatever the address; the worker decides what it was."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.entry.acts import EntryAct
from accounts.entry.links.link_mails import send_account_exists, send_password_link
from accounts.entry.models import PostedRequest
from accounts.leaving.block_list import is_blocked
from accounts.people import account_states
from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import AllowedAddress, User, get_creation_dates
from accounts.people.search.search_words import index_accounts
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry

JOB = "entry.sign_up"


def list_allowed_patterns() -> list[str]:
    """What staff let through (D13)."""
    return list(AllowedAddress.objects.values_list("pattern", flat=True))


def decide_sign_up(row: PostedRequest, now: datetime) -> str:
    """What a posted sign-up was, in the transaction of its claim. Returns the outcome."""
    if is_blocked(row.email):
        return "blocked"  # the page was the same as for any other
    user = User.objects.with_address(row.email)
    if user is None:
        user, created = create_pending_account(row.email, now)
        if created:
            send_password_link(user, target=row.target, now=now)
            return "created"
    return tell_account_exists(user, target=row.target, now=now)


def create_pending_account(email: str, now: datetime) -> tuple[User, bool]:
    """The account of an address, and whether this call created it."""
    key = fold_address(email)
    user = User(email=email, email_key=key, status=Status.PENDING, **get_creation_dates(now))
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            index_accounts([user])
    except IntegrityError:
        # Another worker created it between our look-up and our insert: the unique key decided.
        return User.objects.get(email_key=key), False
    write_account_entry(EntryAct.ACCOUNT_CREATED, user.public_id, actor=Actor.system(JOB), now=now)
    return user, True


def tell_account_exists(user: User, *, target: str, now: datetime) -> str:
    """What an existing account's holder receives instead (S8), or nothing. Returns the
    outcome.
    """
    if user.status == Status.PENDING:
        return send_password_link(user, target=target, now=now)
    if not account_states.may_receive_reset(user, now):
        return "closed"
    return send_account_exists(user, target=target, now=now)
