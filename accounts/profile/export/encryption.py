"""A copy of somebody's data, closed to who reads the database or a backup of it.

The key is made from SECRET_KEY. Without its old value in SECRET_KEY_FALLBACKS a copy that waits is
lost, and the person asks again.
"""

import base64
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.encoding import force_str

from accounts.profile.models import DataExport
from mgestion.key_uses import KeyUse

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def _get_cipher(*, first_only: bool = False) -> "MultiFernet":
    # Here: a command that seals nothing starts without it.
    from cryptography.fernet import Fernet, MultiFernet

    fallbacks = () if first_only else settings.SECRET_KEY_FALLBACKS
    keys = [force_str(key) for key in (settings.SECRET_KEY, *fallbacks)]
    made = [hashlib.sha256(f"profile.export:{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


def encrypt_copy(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False)
    return _get_cipher().encrypt(zlib.compress(text.encode()))


def decrypt_copy(sealed: bytes | memoryview) -> dict[str, Any] | None:
    """None for what no key of today opens."""
    from cryptography.fernet import InvalidToken

    try:
        text = zlib.decompress(_get_cipher().decrypt(bytes(sealed)))
    except InvalidToken:
        return None
    document: dict[str, Any] = json.loads(text)
    return document


def count_copies() -> tuple[int, int]:
    """Copies that wait, and those under an old SECRET_KEY."""
    from cryptography.fernet import InvalidToken

    cipher, total, old = _get_cipher(first_only=True), 0, 0
    for sealed in DataExport.objects.exclude(sealed=b"").values_list("sealed", flat=True):
        total += 1
        try:
            cipher.decrypt(bytes(sealed))
        except InvalidToken:
            old += 1
    return total, old


USE = KeyUse(variable="SECRET_KEY", label="copies de données en attente", count=count_copies)
