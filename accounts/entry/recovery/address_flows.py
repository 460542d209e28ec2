"""Another e-mail address for the same account: asked with the password and with the second factor
or a code from the present mailbox, proven by a mailed link, told to the old address (R124, C7).
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.acts import AccountAct
from accounts.entry.acts import EntryAct
from accounts.entry.limits import mail_ceilings, rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.models import EntryLink, PostedRequest
from accounts.entry.second_factor import mailed_code_flows
from accounts.entry.sessions import session_flows
from accounts.leaving.block_list import is_blocked
from accounts.people import account_states
from accounts.people.addresses import clean_address, fold_address
from accounts.people.models import AllowedAddress, User
from accounts.people.notifications import notify_identity_change, tell_account_change
from mgestion import slots
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry, write_journal_entry
from mgestion.outbox import flows as outbox
from mgestion.personal_data import DataSubjects

LINK_GONE: Final = "Ce lien ne peut plus servir\u00a0: refaites votre demande depuis votre compte."
TAKEN: Final = "Cette adresse a déjà un compte\u00a0: elle ne peut pas devenir celle d’un autre."
TOO_SOON: Final = (
    "Un message vient de partir. Attendez quelques minutes avant d’en demander un autre."
)


@transaction.atomic
def request_address_change(user: User, address: str, *, mailed: str, now: datetime) -> None:
    """Send the link to `address`, which the form has checked. Says nothing of who has it already:
    only its holder learns that, from the page behind the link. Raises Refused when asked too often.

    `mailed`: the id of the code mailed to the present address, which an account without a second
    factor needs: who knows only the password must not take the account away (D73).
    """
    User.objects.select_for_update().get(pk=user.pk)
    mailed_code_flows.require_mailed_code(user, mailed, now)
    if mailed_links.find_cooldown_reason(user, Purpose.ADDRESS, now):
        raise Refused("too_soon", TOO_SOON)
    # Unlike a reset, one link at a time: an address typed wrong before must lead nowhere.
    mailed_links.end_open_links(user, Purpose.ADDRESS, now=now)
    link = mailed_links.issue_link(user, Purpose.ADDRESS, address=clean_address(address), now=now)
    write_account_entry(
        EntryAct.ADDRESS_ASKED,
        user.public_id,
        actor=Actor.person(user),
        detail={"new": link.address},
        now=now,
    )
    if not is_blocked(link.address) and not mail_ceilings.exceeds_mail_ceiling(
        link.address, owned=False, now=now
    ):
        outbox.queue_mail("entry.confirm_address", subject=link.id, person=user.public_id, now=now)


@transaction.atomic
def change_address(link: EntryLink, *, keep: str = "", now: datetime) -> User:
    """Use the link: the account has its new address, every other session and link ends (S20).

    `keep`: the session key of who does it, signed in. Raises WrongState when the link was used
    meanwhile or the account is closed, Refused when somebody else's account has the address.
    """
    user = User.objects.select_for_update().get(pk=link.user_id)
    if not account_states.check_sign_in(user, now).allowed or is_blocked(link.address):
        raise WrongState("link_gone", LINK_GONE)
    if not mailed_links.consume_link(link, now):
        raise WrongState("link_gone", LINK_GONE)
    return move_address(user, link.address, actor=Actor.person(user), keep=keep, now=now)


def move_address(
    user: User, address: str, *, actor: Actor, reason: str = "", keep: str = "", now: datetime
) -> User:
    """The locked account `user` has the address `address` from now on; links and every session but
    `keep` end, and the old address is told. In the caller's transaction. Raises Refused when
    somebody else's account has the address.
    """
    old, old_key = user.email, user.email_key
    user.email, user.email_key = address, fold_address(address)
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_key"])
    except IntegrityError as error:  # the unique key has the last word
        raise Refused("taken", TAKEN) from error
    notify_identity_change(user, ["email"], now=now)
    mailed_links.end_open_links(user, now=now)
    session_flows.end_all_sessions(user, reason="address", now=now, keep=keep)
    tell_account_change(
        EntryAct.ADDRESS_CHANGED,
        "entry.address_changed",
        user,
        actor=actor,
        reason=reason,
        detail={"old": old, "new": user.email},
        said={"to": old},
        now=now,
    )
    if old_key != user.email_key:
        _forget_old_address(old, old_key, person=user.public_id, now=now)
        for follow in slots.address_changes.values():
            follow(old_key, user.email_key, user.public_id)
    return user


def _forget_old_address(address: str, key: str, *, person: UUID, now: datetime) -> None:
    """What this package holds under the old address: a later erasure knows only the new one."""
    PostedRequest.objects.filter(email_key=key).delete()
    rate_limits.clear_address_counters(address)
    rate_limits.clear_counter(rate_limits.get_factor_key(address))
    for row in AllowedAddress.objects.filter(pattern=key):
        write_journal_entry(
            AccountAct.ALLOWED_ADDRESS_REMOVED,
            actor=Actor.system("entry.address"),
            object_type="allowed_address",
            object_id=str(row.pk),
            person=person,
            now=now,
        )
        row.delete()
    # And what the administration wrote of letting it through: its lines name the address.
    was = DataSubjects(ids=(), public_ids=(), addresses=(key,))
    for name in ("accounts.allowed_address_details", "accounts.admin_log"):
        slots.personal_data[name].run(was, now)
