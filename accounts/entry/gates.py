"""The gates on the way to the portal and to a platform: one order, one answer at every door.

The doors are the login, the CAS ticket, the proxy ticket and whatever rests on a session that
somebody else presents (`accounts.cas.tickets.bearers`). The statement that issues a ticket holds
the same conditions (`accounts.cas.tickets`), so that no gate closes between a look and the ticket.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, Model, OuterRef, Value

from accounts.entry.second_factor import factors
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.models import Platform
from accounts.legal.terms.gate import terms_to_accept
from accounts.people import account_states
from accounts.people.models import User


class GateKind(StrEnum):
    """In the order in which they are asked. The conditions come last: a person is asked to accept
    those of a platform only where nothing else keeps them from entering it.
    """

    ACCOUNT = "account"
    SECOND_FACTOR = "second_factor"
    TERMS = "terms"
    ACCESS = "access"
    MAINTENANCE = "maintenance"
    CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that is closed. `code` goes to the journal; `message` is for the person alone."""

    kind: GateKind
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What the gates read beside the account and the platform."""

    terms_wait: bool
    has_access: bool
    conditions_wait: bool

    @classmethod
    def read(cls, row: Model) -> "GateFacts":
        """From a row that was annotated with `gate_columns`."""
        said = vars(row)
        return cls(
            bool(said["terms_wait"]), bool(said["has_access"]), bool(said["conditions_wait"])
        )


def gate_columns(user: str, platform: Platform | None, now: datetime) -> dict[str, Any]:
    """Annotations named as the fields of GateFacts, for rows with an account in column `user`."""
    person = OuterRef(OuterRef(user))
    waiting = terms_to_accept(person, now)
    conditions = terms_to_accept(person, now, platform) if platform else None
    access = Access.objects.open().filter(user=OuterRef(user), platform=platform)
    return {
        "terms_wait": Exists(waiting),
        "has_access": Exists(access) if platform else Value(True),
        "conditions_wait": Exists(conditions) if conditions is not None else Value(False),
    }


def closed_gate(
    user: User,
    platform: Platform | None,
    now: datetime,
    *,
    factor_shown: bool | None = None,
    facts: GateFacts | None = None,
) -> Gate | None:
    """The first gate that is closed for `user` on the way to `platform`, or None. `now`: aware.

    `platform` is None on the way to the portal itself. `factor_shown` is given by a login that is
    not complete: such a login revives a dormant account, and what follows the second factor is
    asked of the session that it opens. A session exists only once the second factor was shown.
    `facts`: read already by the caller's own statement (`gate_columns`); one statement otherwise.
    """
    account = account_states.check_sign_in(user, now)
    if not account.allowed or (account.revives and factor_shown is None):
        return Gate(GateKind.ACCOUNT, account.code, account.message)
    if factor_shown is not None:
        if not factor_shown and factors.has_factor_known(user):
            return Gate(GateKind.SECOND_FACTOR, "second_factor")
        return None
    if facts is None:
        row = User.objects.annotate(**gate_columns("pk", platform, now)).filter(pk=user.pk).first()
        if row is None:  # erased meanwhile
            return Gate(GateKind.ACCOUNT, "deleted")
        facts = GateFacts.read(row)
    if facts.terms_wait:
        return Gate(GateKind.TERMS, "terms")
    if not facts.has_access:
        return Gate(GateKind.ACCESS, "no_access")
    if platform is not None and platform.maintenance_message:
        return Gate(GateKind.MAINTENANCE, "maintenance", platform.maintenance_message)
    if facts.conditions_wait:
        return Gate(GateKind.CONDITIONS, "conditions")
    return None
