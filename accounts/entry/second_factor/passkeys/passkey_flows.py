"""Asking a passkey, hearing its answer, adding, naming and taking away one.

A signature cannot be guessed: unlike codes, it opens an account whose counters others have filled,
so that nobody is locked out by a stranger. Answers are limited by network.
"""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from fido2.utils import websafe_decode, websafe_encode

from accounts.entry.acts import EntryAct
from accounts.entry.login.flows import LoginCircumstances, journal_refusal
from accounts.entry.models import PasskeyChallenge
from accounts.entry.second_factor import factors, mailed_code_flows
from accounts.entry.second_factor.flows import write_factor_change
from accounts.entry.second_factor.passkeys import owned_passkeys, webauthn
from accounts.entry.second_factor.passkeys.webauthn import PasskeyOutcome
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor

WRONG: Final = (
    "Cette clé d’accès n’a pas été reconnue, ou la demande a expiré. Réessayez, ou connectez-vous "
    "autrement."
)
COPIED: Final = (
    "Cette clé d’accès semble avoir été copiée\u00a0: elle est refusée. Connectez-vous autrement, "
    "puis retirez-la de votre compte."
)
NOT_ALONE: Final = (
    "Depuis le signalement d’une perte ou d’un vol, ou le choix d’un nouveau mot de passe, cette "
    "clé d’accès ne suffit plus\u00a0: connectez-vous avec votre mot de passe. Retirez ensuite les "
    "clés que vous ne reconnaissez pas, et ajoutez de nouveau les vôtres."
)
NOT_ADDED: Final = "La clé d’accès n’a pas pu être enregistrée. Recommencez."
ENOUGH: Final = "Vous avez déjà le nombre maximal de clés d’accès\u00a0: retirez-en une d’abord."


def create_challenge(purpose: str, *, now: datetime) -> PasskeyChallenge:
    """32 random bytes to sign. The caller's session must hold its id."""
    value = websafe_encode(secrets.token_bytes(32))
    return PasskeyChallenge.objects.create(purpose=purpose, value=value, created_at=now)


def decode_challenge(row: PasskeyChallenge) -> bytes:
    return bytes(websafe_decode(row.value))


def take_challenge(challenge_id: str, purpose: str, *, now: datetime) -> bytes:
    """The challenge that an answer is about, for the only time. b"" when it is unknown, too old, of
    another purpose, or taken: of two answers at once, one deletes the row.
    """
    try:
        found = PasskeyChallenge.objects.filter(
            pk=UUID(challenge_id),
            purpose=purpose,
            created_at__gt=now - settings.PASSKEY_CHALLENGE_LIFE,
        )
    except ValueError:
        return b""
    row = found.first()
    if row is None or not found.delete()[0]:
        return b""
    return decode_challenge(row)


def verify_passkey(
    user: User | None,
    answer: str,
    challenge: bytes,
    *,
    alone: bool,
    where: LoginCircumstances,
    now: datetime,
) -> User:
    """The person whose key has signed `challenge`. Raises Refused: mismatch, with the same words
    for a person who does not exist; copied; not_alone after a reported loss. To be called outside a
    transaction.
    """
    if user is None or not challenge:
        journal_refusal(user, "passkey", where=where, now=now)
        raise Refused("mismatch", WRONG)
    outcome = webauthn.verify_assertion(user, answer, challenge, alone=alone, now=now)
    if outcome is PasskeyOutcome.RIGHT:
        return user
    journal_refusal(user, f"passkey_{outcome.value}", where=where, now=now)
    if outcome is PasskeyOutcome.NOT_ALONE:
        raise Refused("not_alone", NOT_ALONE)
    if outcome is PasskeyOutcome.COPIED:
        write_factor_change(user, EntryAct.FACTOR_PASSKEY_COPIED, Actor.person(user), now=now)
        raise Refused("copied", COPIED)
    raise Refused("mismatch", WRONG)


@transaction.atomic
def enrol_passkey(
    user: User, answer: str, challenge: bytes, *, name: str, mailed: str, keep: str, now: datetime
) -> list[str]:
    """Add the key of `answer`; other sessions end, they knew nothing of it. Returns ten recovery
    codes to be shown once, if this is the person's first factor. Raises Refused.

    `mailed`: the id of the mailed code that a first factor needs; `keep`: the session key of
    who does it.
    """
    User.objects.select_for_update().get(pk=user.pk)
    mailed_code_flows.require_mailed_code(user, mailed, now)
    if owned_passkeys.select_passkeys(user).count() >= settings.PASSKEYS_PER_PERSON:
        raise Refused("enough", ENOUGH)
    first = not factors.has_factor(user)
    if not challenge:
        raise Refused("mismatch", NOT_ADDED)
    try:
        webauthn.store_passkey(user, answer, challenge, name=name, now=now)
    except webauthn.BadAnswer as error:
        raise Refused("mismatch", NOT_ADDED) from error
    codes = factors.replace_recovery_codes(user, now=now) if first else []
    session_flows.end_all_sessions(user, reason="factor", now=now, keep=keep)
    write_factor_change(user, EntryAct.FACTOR_PASSKEY_ADDED, Actor.person(user), now=now)
    return codes


@transaction.atomic
def rename_passkey(user: User, ref: UUID, name: str) -> bool:
    """Whether there was one to name. A label protects nothing: no mail, no journal."""
    User.objects.select_for_update().get(pk=user.pk)
    row = owned_passkeys.find_passkey(user, ref)
    if row is None:
        return False
    row.data["name"] = name
    row.save(update_fields=["data"])
    return True


@transaction.atomic
def remove_passkey(user: User, ref: UUID, *, keep: str, now: datetime) -> bool:
    """Take one away; the recovery codes go with the last factor. Returns whether a factor is left.

    An agent may do so with their last one too, since a lost key must not stay: they enrol again
    before the administration opens. Raises Refused.
    """
    User.objects.select_for_update().get(pk=user.pk)
    row = owned_passkeys.find_passkey(user, ref)
    if row is None:
        raise Refused("gone", "Cette clé d’accès est déjà retirée.")
    row.delete()
    left = factors.has_factor(user)
    if not left:
        factors.erase_factors(user)
    session_flows.end_all_sessions(user, reason="factor", now=now, keep=keep)
    write_factor_change(user, EntryAct.FACTOR_PASSKEY_REMOVED, Actor.person(user), now=now)
    return left
