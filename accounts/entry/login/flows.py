"""Trying a password: counted before it is looked at, the same for an address that nobody has (D57,
S3, S8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.entry.acts import EntryAct
from accounts.entry.gates import closed_gate
from accounts.entry.limits import rate_limits
from accounts.entry.models import SessionRecord
from accounts.entry.posted_requests import Kind, post_request
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import ANONYMOUS, Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox import flows as outbox

NEUTRAL = "L’adresse e-mail ou le mot de passe est incorrect. Vérifiez-les, puis réessayez."
LOCKED = (  # true at the tenth failure and long after: the mail leaves once
    "Trop d’échecs de suite\u00a0: la connexion à ce compte depuis cet appareil est bloquée. Si un "
    "compte existe pour cette adresse, un e-mail y a été envoyé pour la débloquer ; vous pouvez "
    "aussi choisir un nouveau mot de passe."
)


@dataclass(frozen=True)
class LoginCircumstances:
    """Where an attempt comes from. `device`: the name of a known device, "" for a stranger."""

    device: str = ""
    ip: str = ""
    target: str = ""

    @property
    def detail(self) -> dict[str, str]:
        return {"ip": self.ip} if self.ip else {}


class NetworkRefused(Exception):
    """This network has failed too often; `wait`: seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


@dataclass(frozen=True)
class CountedTry:
    """The counters in which a try stands as a failure before it is looked at.

    `address`: of an address and a device, for a password; `networks`: at a login.
    """

    at: datetime
    address: str = ""
    networks: tuple[str, ...] = ()

    def take_back(self) -> None:
        """The try was right. In the transaction of what it opens, and there at the end: a network's
        row is shared by many, and held until the commit.
        """
        if self.address:
            rate_limits.clear_counter(self.address)
        for network in self.networks:
            rate_limits.uncount_event(network, settings.LOGINS_PER_IP, now=self.at)


def try_password(
    address: str,
    verify: Callable[[], User | None],
    *,
    where: LoginCircumstances,
    now: datetime,
) -> User:
    """The person whose password it is. Raises Refused: `delayed`, `locked`, `mismatch`."""
    counted = CountedTry(now, rate_limits.get_counter_key(address, where.device))
    user = compare_password(address, verify, counted, where=where)
    counted.take_back()
    return user


def compare_password(
    address: str,
    verify: Callable[[], User | None],
    counted: CountedTry,
    *,
    where: LoginCircumstances,
) -> User:
    """The person whose password it is; the caller takes back what was counted. Raises Refused:
    `delayed`, `locked`, `mismatch`; NetworkRefused, which counts nothing.

    `verify` compares the password, and is called only when the counters let it. Outside a
    transaction: the counts must survive whatever follows.
    """
    now = counted.at
    with transaction.atomic(durable=True):  # one write to the disk for both
        attempt = rate_limits.reserve_attempt(counted.address, now=now)
        for network in counted.networks:
            wait = rate_limits.count_event(network, settings.LOGINS_PER_IP, now=now)
            if wait:
                raise NetworkRefused(wait)
    if not attempt.allowed:
        code = "locked" if attempt.locked else "delayed"
        journal_refusal(None, code, where=where, now=now, address=address)
        said = f"Après plusieurs échecs, {rate_limits.describe_wait(attempt.wait)}"
        raise Refused(code, LOCKED if attempt.locked else said)
    user = verify()
    if user is not None:
        return user
    # The same statements whether or not the account exists: the address is named by its keyed hash.
    journal_refusal(None, "mismatch", where=where, now=now, address=address)
    if attempt.last:
        post_request(Kind.UNLOCK, address, counter=counted.address, target=where.target, now=now)
        raise Refused("locked", LOCKED)
    delay = int(rate_limits.get_delay_after(attempt.failures).total_seconds())
    if not delay:
        raise Refused("mismatch", NEUTRAL)
    said = rate_limits.describe_wait(delay)
    raise Refused("mismatch", f"{NEUTRAL} Après plusieurs échecs, {said}")


def check_account_gate(user: User, *, where: LoginCircumstances, now: datetime) -> None:
    """Ask the account's gate, after the right password or passkey only (D42). Raises Refused with
    what to say.
    """
    gate = closed_gate(user, None, now, factor_shown=True)  # the factor has a stage of its own
    if gate is not None:
        journal_refusal(user, gate.code, where=where, now=now, address=user.email)
        raise Refused(gate.code, gate.message or NEUTRAL)


def queue_new_device_mail(user: User, record: SessionRecord, *, now: datetime) -> None:
    """A login from a browser that this account has never used is told (S10, C7)."""
    mail = outbox.NewMail(record.id, person=user.public_id)
    outbox.queue_first_mails("entry.new_device", [mail], now=now)


def journal_refusal(
    user: User | None,
    reason: str,
    *,
    where: LoginCircumstances,
    now: datetime,
    address: str | None = None,
) -> None:
    """The line of a refused login. Before the right password it is about the `address` that was
    typed, by its keyed hash, whether or not it has an account; then about the account.
    """
    account = str(user.public_id) if user else ""
    with transaction.atomic(durable=True):  # outlives the refusal
        write_journal_entry(
            EntryAct.LOGIN_REFUSED,
            actor=Actor.person(user) if user else ANONYMOUS,
            object_type="account" if address is None else "address",
            object_id=account if address is None else rate_limits.hash_address(address),
            person=user.public_id if user else None,
            reason=reason,
            detail=where.detail,
            now=now,
        )
