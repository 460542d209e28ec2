"""WebAuthn, the standard of passkeys: a key pair on the person's device, opened by a finger, a face
or a PIN.

Rows are django-allauth's, the checks of the standard are fido2's. What is ours: user verification
is always required, so that a passkey is worth a password and a second factor at once; a challenge
counts once; a copied key is noticed by its counter; and a person is known to devices by
`public_id`, which says nothing.
"""

import json
import struct
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.entry.second_factor.passkeys.owned_passkeys import opens_alone, select_passkeys
from accounts.people.models import User

LONGEST_ANSWER: Final = 16_000  # characters of JSON; a real answer has one or two thousand
_REQUIRED: Final = UserVerificationRequirement.REQUIRED
_TRANSPORTS: Final = frozenset(str(one) for one in AuthenticatorTransport)
# What a parser may say of bytes that are no answer; the caller hears one thing.
_NONSENSE: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    OverflowError,
    struct.error,
)


class PasskeyOutcome(Enum):
    """What an answer to a challenge was worth."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_ALONE = "not_alone"  # since a reported loss it only goes with the password
    COPIED = "copied"  # signed by the key, with a counter that another copy has already passed


class BadAnswer(ValueError):
    """Not an answer of a passkey of this portal to this challenge."""


def get_relying_party_host() -> str:
    """The relying party: the host that every passkey belongs to."""
    return urlsplit(settings.PASSKEY_ORIGIN).hostname or ""


def _get_server() -> Fido2Server:
    # Exactly this origin: the library's own rule would let each subdomain in.
    server = Fido2Server(
        PublicKeyCredentialRpEntity(name="OPCO Mobilités", id=get_relying_party_host()),
        verify_origin=lambda origin: origin == settings.PASSKEY_ORIGIN,
    )
    vars(server)["timeout"] = int(settings.PASSKEY_CHALLENGE_LIFE.total_seconds() * 1000)
    return server


def _read_credential(row: Authenticator) -> AttestedCredentialData:
    found: AttestedCredentialData = row.wrap().authenticator_data.credential_data
    return found


def _build_descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            type=PublicKeyCredentialType.PUBLIC_KEY,
            id=_read_credential(row).credential_id,
            transports=[AuthenticatorTransport(one) for one in row.data.get("transports", [])]
            or None,
        )
        for row in select_passkeys(user)
    ]


def build_creation_options(user: User, challenge: bytes) -> dict[str, Any]:
    """What the browser is asked: a discoverable key, guarded on the device, not one it has."""
    entity = PublicKeyCredentialUserEntity(
        id=user.public_id.bytes, name=user.email, display_name=user.full_name or user.email
    )
    options, _ = _get_server().register_begin(
        entity,
        credentials=_build_descriptors(user),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_REQUIRED,
        challenge=challenge,
    )
    return dict(options)


def build_request_options(user: User | None, challenge: bytes) -> dict[str, Any]:
    """What the browser is asked: one of this person's keys; of nobody in particular, whichever it
    has, so that the answer is the same whoever asks.
    """
    options, _ = _get_server().authenticate_begin(
        credentials=_build_descriptors(user) if user else [],
        user_verification=_REQUIRED,
        challenge=challenge,
    )
    return dict(options)


def _parse_answer(text: str) -> Mapping[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("response"), dict):
        raise BadAnswer
    return data


def _build_state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _REQUIRED}


def find_answer_owner(text: str) -> User | None:
    """Whose key answers, by what the device itself says; nothing is proven yet."""
    try:
        handle = _parse_answer(text)["response"].get("userHandle")
        public_id = UUID(bytes=websafe_decode(handle))
    except _NONSENSE:
        return None
    return User.objects.filter(public_id=public_id).first()


@transaction.atomic
def store_passkey(
    user: User, text: str, challenge: bytes, *, name: str, now: datetime
) -> Authenticator:
    """Keep the new key of `text`. Raises BadAnswer."""
    User.objects.select_for_update().get(pk=user.pk)
    try:
        response = RegistrationResponse.from_dict(_parse_answer(text))
        auth_data = _get_server().register_complete(_build_state(challenge), response)
        client_data = response.response.client_data
        credential = auth_data.credential_data
        supported = CoseKey.supported_algorithms()
        if credential is None or credential.public_key.get(3) not in supported:
            raise BadAnswer
        if client_data.cross_origin or response.raw_id != credential.credential_id:
            raise BadAnswer
        if credential.credential_id in [
            _read_credential(row).credential_id for row in select_passkeys(user)
        ]:
            raise BadAnswer
        # Rebuilt from what was understood: nothing that a client made up is kept, and no
        # certificate of its device either.
        kept = {
            "type": "public-key",
            "id": websafe_encode(credential.credential_id),
            "rawId": websafe_encode(credential.credential_id),
            "response": {
                "clientDataJSON": websafe_encode(client_data),
                "attestationObject": websafe_encode(
                    AttestationObject.create("none", auth_data, {})
                ),
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }
    except _NONSENSE as error:
        raise BadAnswer from error
    said = _parse_answer(text)["response"].get("transports")
    data = {
        "ref": uuid4().hex,
        "name": name,
        "credential": kept,
        "counter": auth_data.counter,
        "synced": auth_data.is_backed_up(),
        "transports": sorted(_TRANSPORTS.intersection(_keep_strings(said))),
    }
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data=data, created_at=now
    )


def _keep_strings(said: object) -> list[str]:
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


@transaction.atomic
def verify_assertion(
    user: User, text: str, challenge: bytes, *, alone: bool, now: datetime
) -> PasskeyOutcome:
    """What the answer is worth; a right one moves the key's counter and last use. `alone`: no
    password was shown before.

    The rows are locked, so that of two answers with one counter at once one wins.
    """
    rows = list(select_passkeys(user).select_for_update())
    try:
        answer = AuthenticationResponse.from_dict(_parse_answer(text))
        handle = answer.response.user_handle
        if answer.response.client_data.cross_origin or (handle and handle != user.public_id.bytes):
            return PasskeyOutcome.WRONG
        credentials = [_read_credential(row) for row in rows]
        used = _get_server().authenticate_complete(_build_state(challenge), credentials, answer)
        auth_data: AuthenticatorData = answer.response.authenticator_data
    except _NONSENSE:
        return PasskeyOutcome.WRONG
    row = rows[credentials.index(used)]
    seen, counter = int(row.data.get("counter", 0)), auth_data.counter
    if (seen or counter) and counter <= seen:
        return PasskeyOutcome.COPIED
    if alone and not opens_alone(row):
        return PasskeyOutcome.NOT_ALONE
    row.data |= {"counter": counter, "synced": auth_data.is_backed_up()}
    row.last_used_at = now
    row.save(update_fields=["data", "last_used_at"])
    return PasskeyOutcome.RIGHT
