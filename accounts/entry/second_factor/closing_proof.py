"""The password of a closing account, given a moment ago.

An account on its way out has no session: the browser's anonymous session remembers, for a few
minutes, whose password or passkey was shown. It ends with that password, as sessions do.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.entry.second_factor import factors
from accounts.entry.sessions import session_flows
from accounts.people.enums import Status
from accounts.people.models import User

_KEY: Final = "profile.closing"
_PROOF_LIFE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ClosingProof:
    """Who has shown a password, and whether a second factor as well (a passkey is worth both)."""

    user: User
    factor: bool

    @property
    def lacks_factor(self) -> bool:
        return not self.factor and factors.has_factor(self.user)


def keep_proof(request: HttpRequest, user: User, *, factor: bool, now: datetime) -> None:
    """To be called after the right password or passkey of an account that is closing."""
    request.session[_KEY] = {
        "person": str(user.public_id),
        "at": int(now.timestamp()),
        "epoch": user.get_session_auth_hash(),
        "factor": factor,
    }
    session_flows.keep_session_briefly(request)


def read_proof(request: HttpRequest, now: datetime) -> ClosingProof | None:
    """The proof of this browser; None without one, or where it is too old, the password has changed
    since, or the account is not closing any more.
    """
    proof = request.session.get(_KEY)
    if not proof or now - datetime.fromtimestamp(proof["at"], tz=UTC) > _PROOF_LIFE:
        return None
    user = User.objects.filter(public_id=proof["person"], status=Status.CLOSING).first()
    if user is None or not constant_time_compare(
        proof.get("epoch", ""), user.get_session_auth_hash()
    ):
        return None
    return ClosingProof(user, bool(proof.get("factor")))
