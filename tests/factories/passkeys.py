"""A passkey in software: what a device does, told once, with its ways to misbehave."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from fido2.cose import ES256, CoseKey
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.entry.second_factor.passkeys import owned_passkeys, webauthn
from accounts.people.models import User
from tests.factories.people import NOW

OPTIONS = "/compte/second-facteur/cles/demande/"
ADD = "/compte/second-facteur/cles/"
ADD_OPTIONS = "/compte/second-facteur/cles/creation/"
VERIFIED, PRESENT = AuthenticatorData.FLAG.UV, AuthenticatorData.FLAG.UP


def _cose(key: ec.EllipticCurvePublicKey) -> CoseKey:
    made: CoseKey = ES256.from_cryptography_key(key)  # type: ignore[no-untyped-call]
    return made


@dataclass
class Device:
    """One key pair. `counter` 0 for ever is what synchronised passkeys do."""

    counter: int = 0
    handle: bytes = b""
    flags: AuthenticatorData.FLAG = VERIFIED | PRESENT
    origin: str = field(default_factory=lambda: str(settings.PASSKEY_ORIGIN))
    host: str = field(default_factory=webauthn.get_relying_party_host)
    cross_origin: bool = False
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def _client_data(self, kind: str, challenge: bytes) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, self.origin, self.cross_origin)

    def _host_hash(self) -> bytes:
        return sha256(self.host.encode()).digest()

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def create(self, options: dict[str, Any], **more: Any) -> str:
        """`navigator.credentials.create`: the key remembers whose it is."""
        asked = options["publicKey"]
        self.handle = websafe_decode(asked["user"]["id"])
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.id, _cose(self.key.public_key())
        )
        flags = self.flags | AuthenticatorData.FLAG.AT
        auth_data = AuthenticatorData.create(self._host_hash(), flags, self.counter, credential)
        client_data = self._client_data("webauthn.create", websafe_decode(asked["challenge"]))
        attestation = AttestationObject.create("none", auth_data, {})
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(attestation),
            "transports": ["internal", "hybrid"],
            **more,
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], *, named: bool = True) -> str:
        """`navigator.credentials.get`: signs the challenge, counting one more."""
        if self.counter:
            self.counter += 1
        challenge = websafe_decode(options["publicKey"]["challenge"])
        auth_data = AuthenticatorData.create(self._host_hash(), self.flags, self.counter)
        client_data = self._client_data("webauthn.get", challenge)
        signature = self.key.sign(auth_data + client_data.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(auth_data),
            "signature": websafe_encode(signature),
        }
        if named:
            response["userHandle"] = websafe_encode(self.handle)
        return self._answer(response)


def give_passkey(user: User, *, now: datetime = NOW, **facts: Any) -> Device:
    """One that was added long ago; no recovery codes come with it."""
    device, challenge = Device(**facts), secrets.token_bytes(32)
    made = device.create(webauthn.build_creation_options(user, challenge))
    webauthn.store_passkey(user, made, challenge, name="Téléphone", now=now)
    return device


def ask(client: Client, purpose: str = "enter") -> dict[str, Any]:
    """What the script fetches before the browser's dialogue."""
    found: dict[str, Any] = client.post(OPTIONS, {"purpose": purpose}).json()
    return found


def enter(client: Client, device: Device, **more: str) -> Any:
    """« Se connecter avec une clé d'accès », from the button to the answer."""
    return client.post("/cas/login", {"passkey": device.get(ask(client)), **more})


def show_passkey(client: Client, device: Device) -> Any:
    """After the password, on the page that asks for a second factor."""
    answer = device.get(ask(client, "prove"))
    return client.post("/compte/second-facteur/code/", {"passkey": answer})


def passkey_rows(user: User) -> list[Authenticator]:
    return list(owned_passkeys.select_passkeys(user))
