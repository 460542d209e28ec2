"""Who may not sign up nor ask again: keyed hashes of folded addresses, which somebody
looks at again after three years.
"""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from accounts.acts import AccountAct
from accounts.people.addresses import fold_address, list_older_folds
from accounts.people.enums import DeactivationReason
from accounts.people.models import BlockedPerson, User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry


def hash_address_forms(address: str) -> list[str]:
    """The keyed hashes of `address`, the signing key's first. Old keys still find what they hashed
    (rotation), and so do the older forms of an address (`older_folds`).
    """
    return [
        hmac.new(key.encode(), form.encode(), hashlib.sha256).hexdigest()
        for form in (fold_address(address), *list_older_folds(address))
        for key in settings.HASH_KEYS
    ]


def is_blocked(address: str) -> bool:
    return BlockedPerson.objects.filter(digest__in=hash_address_forms(address)).exists()


def select_blocks_to_review(now: datetime) -> QuerySet[BlockedPerson]:
    """Blocked, or last maintained, longer ago than RETENTION["block_list"]. Nothing ends a block by
    itself: a person decides.
    """
    since = Coalesce("reviewed_at", "blocked_at")
    rows = BlockedPerson.objects.annotate(since=since)
    return rows.filter(since__lte=now - settings.RETENTION["block_list"]).order_by("since", "pk")


@transaction.atomic
def block_address(address: str, *, actor: Actor, reason: str, now: datetime) -> BlockedPerson:
    """The person of this address may not sign up nor ask again. An account that she has stays as it
    is: suspending it is an act of its own. `reason` is a code; neither the row nor the journal
    keeps the address.

    Raises Refused for an agent's address, oneself included (one would be locked out of a portal
    that one serves), and WrongState when it is blocked already.
    """
    reason = DeactivationReason(reason)
    user = User.objects.filter(email_key=fold_address(address)).first()
    if user is not None and actor.ref == str(user.public_id):
        raise Refused("oneself", "C’est votre propre adresse.")
    if user is not None and (user.is_staff or user.is_superuser):
        raise Refused(
            "staff_account", "C’est l’adresse d’un agent\u00a0: retirez-lui d’abord son rôle."
        )
    found = hash_address_forms(address)
    if BlockedPerson.objects.filter(digest__in=found).exists():
        raise WrongState("blocked", "Cette adresse est déjà bloquée.")
    by = actor.agent_id
    row, created = BlockedPerson.objects.get_or_create(
        digest=found[0], defaults={"reason": reason, "blocked_at": now, "blocked_by": by}
    )
    if not created:  # somebody else, at the same moment
        raise WrongState("blocked", "Cette adresse est déjà bloquée.")
    _write_block_entry(AccountAct.BLOCK_ADDED, row.pk, actor, reason, now)
    return row


@transaction.atomic
def maintain_block(block_id: int, *, actor: Actor, reason: str, now: datetime) -> None:
    """The block stays, for three years more. `reason` is a code. Raises WrongState when it is not
    to review any more: somebody else has just decided.
    """
    reason = DeactivationReason(reason)
    due = select_blocks_to_review(now).filter(pk=block_id).values("pk")
    by = actor.agent_id
    if not BlockedPerson.objects.filter(pk__in=due).update(reviewed_at=now, reviewed_by=by):
        raise WrongState("reviewed", "Ce blocage n’est plus à revoir.")
    _write_block_entry(AccountAct.BLOCK_MAINTAINED, block_id, actor, reason, now)


@transaction.atomic
def lift_block(block_id: int, *, actor: Actor, reason: str, now: datetime) -> None:
    """The address may sign up again. An account that is suspended stays so."""
    reason = DeactivationReason(reason)
    if not BlockedPerson.objects.filter(pk=block_id).delete()[0]:
        raise WrongState("lifted", "Ce blocage est déjà levé.")
    _write_block_entry(AccountAct.BLOCK_LIFTED, block_id, actor, reason, now)


def _write_block_entry(
    act: AccountAct, block_id: int, actor: Actor, reason: str, now: datetime
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="blocked_person",
        object_id=str(block_id),
        reason=reason,
        now=now,
    )
