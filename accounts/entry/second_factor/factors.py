"""The second factor: an application's code, a passkey (`passkeys`), or one of ten recovery codes.

Rows are django-allauth's. Secrets are encrypted at rest, and a code works once, in every process,
because the row itself remembers the last time step that was used.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.crypto import constant_time_compare

from accounts.entry.second_factor.passkeys import owned_passkeys
from accounts.entry.second_factor.passkeys.owned_passkeys import Passkey
from accounts.people.models import User

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

STEP = 30  # seconds that a code is shown (RFC 6238)
KNOWN = "has_second_factor"
_LAST_STEP = "last_step"
UNUSED_CODES = (
    "migrated_codes"  # the encrypted recovery codes that are left; allauth reads them as well
)
_RECOVERY_CODES = 10
_CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def _get_cipher(keys: Sequence[str] = ()) -> "MultiFernet":
    # Imported here: this package's mails import this module, and a command that reads no factor
    # starts without the library.
    from cryptography.fernet import Fernet, MultiFernet

    # Any text of the environment becomes a key of the right form.
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
            for key in keys or settings.FACTOR_KEYS
        ]
    )


class FactorAdapter(DefaultMFAAdapter):
    """Where allauth asks how a secret is stored, and what an application calls this account."""

    def encrypt(self, text: str) -> str:
        return _get_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _get_cipher().decrypt(encrypted_text.encode()).decode()

    def under_todays_key(self, encrypted_text: str) -> str:
        """The same secret, encrypted with the first key (a rotation left it under an older one)."""
        return _get_cipher().rotate(encrypted_text.encode()).decode()

    def is_under_first_key(self, encrypted_text: str) -> bool:
        """False for a secret under an older key, or under none of ours."""
        from cryptography.fernet import InvalidToken

        try:
            _get_cipher(settings.FACTOR_KEYS[:1]).decrypt(encrypted_text.encode())
        except InvalidToken:
            return False
        return True

    def get_totp_issuer(self) -> str:
        return "OPCO Mobilités"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("Mails leave through the outbox only.")


adapter = FactorAdapter()


@dataclass(frozen=True)
class FactorState:
    """What a person has: an application `since` then or none, and passkeys. Dates are aware;
    `codes_left` is of ten.
    """

    since: datetime | None = None
    last_used: datetime | None = None
    codes_left: int = 0
    passkeys: tuple[Passkey, ...] = ()

    def __bool__(self) -> bool:
        return self.since is not None or bool(self.passkeys)


def exists_factor() -> Exists:
    """For a query of accounts: whether each has a factor, to be kept under the name KNOWN."""
    mine = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    return Exists(mine)


def has_factor_known(user: User) -> bool:
    """As `has_factor`, without a statement when the account was read with the answer just now."""
    known = getattr(user, KNOWN, None)
    return has_factor(user) if known is None else bool(known)


def has_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def has_application(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def get_factor_state(user: User) -> FactorState:
    """One statement."""
    found = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    rows = {row.type: row for row in found}
    keys = [
        owned_passkeys.describe_passkey(row)
        for row in found
        if row.type == Authenticator.Type.WEBAUTHN
    ]
    application = rows.get(Authenticator.Type.TOTP)
    codes = rows.get(Authenticator.Type.RECOVERY_CODES)
    return FactorState(
        since=application.created_at if application else None,
        last_used=application.last_used_at if application else None,
        codes_left=len(codes.data.get(UNUSED_CODES, ())) if codes else 0,
        passkeys=tuple(keys),
    )


def generate_secret() -> str:
    """160 random bits, as applications read them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def get_code_at(secret: str, moment: float) -> str:
    """What an application shows at `moment` (seconds of the epoch)."""
    return compute_code(secret, int(moment) // STEP)


def compute_code(secret: str, step: int) -> str:
    """The six digits of a time step (RFC 4226 and 6238)."""
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 0x0F)
    return f"{(number & 0x7FFFFFFF) % 10**6:06d}"


def find_step_of_code(secret: str, code: str, now: datetime) -> int | None:
    """The time step that `code` stands for, one step of drift either way; None when it is wrong."""
    typed = "".join(code.split())
    current = int(now.timestamp()) // STEP
    found = None
    for step in range(
        current - settings.MFA_TOTP_TOLERANCE, current + settings.MFA_TOTP_TOLERANCE + 1
    ):
        if constant_time_compare(typed, compute_code(secret, step)):
            found = step
    return found


@transaction.atomic
def install_application(user: User, secret: str, *, step: int, now: datetime) -> list[str]:
    """Make `secret` the person's application, in place of another; the code that proved it is used
    up. Passkeys stay. Returns ten new recovery codes, in clear for the only time.
    """
    erase_application(user)
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={"secret": adapter.encrypt(secret), _LAST_STEP: step},
        created_at=now,
        last_used_at=now,
    )
    return replace_recovery_codes(user, now=now)


@transaction.atomic
def replace_recovery_codes(user: User, *, now: datetime) -> list[str]:
    """Ten recovery codes; the old ones are worth nothing."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: set[str] = set()
    while len(codes) < _RECOVERY_CODES:
        codes.add(f"{secrets.randbelow(10**8):08d}")
    Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.RECOVERY_CODES,
        data={UNUSED_CODES: [adapter.encrypt(code) for code in codes]},
        created_at=now,
    )
    return list(codes)


def erase_application(user: User) -> int:
    """The application alone, and the recovery codes with the last factor. How many there were."""
    User.objects.select_for_update().get(pk=user.pk)
    mine = Authenticator.objects.filter(user=user)
    erased = mine.filter(type=Authenticator.Type.TOTP).delete()[0]
    if not has_factor(user):
        mine.delete()
    return int(erased)


def erase_factors(user: User) -> int:
    """Everything that the person had. Returns the number of rows."""
    User.objects.select_for_update().get(pk=user.pk)
    return int(Authenticator.objects.filter(user=user).delete()[0])


@transaction.atomic
def use_code(user: User, code: str, *, now: datetime) -> str:
    """Use a code: "application", "recovery", or "" when it is worth nothing.

    The row is locked, so that of two posts of one code at once one wins.
    """
    rows = {
        row.type: row
        for row in Authenticator.objects.select_for_update().filter(user=user, type__in=_CODES)
    }
    application = rows.get(Authenticator.Type.TOTP)
    step = None
    if application is not None:
        step = find_step_of_code(adapter.decrypt(application.data["secret"]), code, now)
    if application is not None and step is not None and step > application.data.get(_LAST_STEP, 0):
        # A rotation of the key reaches whoever logs in.
        stored = adapter.under_todays_key(application.data["secret"])
        application.data = {"secret": stored, _LAST_STEP: step}
        application.last_used_at = now
        application.save(update_fields=["data", "last_used_at"])
        return "application"
    codes = rows.get(Authenticator.Type.RECOVERY_CODES)
    if codes is not None:
        typed = "".join(code.split())
        unused = [adapter.decrypt(stored) for stored in codes.data.get(UNUSED_CODES, ())]
        left = [known for known in unused if not constant_time_compare(typed, known)]
        if len(left) < len(unused):
            codes.data = {UNUSED_CODES: [adapter.encrypt(known) for known in left]}
            codes.last_used_at = now
            codes.save(update_fields=["data", "last_used_at"])
            return "recovery"
    return ""


def get_seconds_left(moment: float) -> int:
    """How long the code of `moment` is still shown."""
    return STEP - int(moment) % STEP
