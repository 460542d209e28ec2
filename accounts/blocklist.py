"""Who may not sign up nor ask again: keyed hashes of folded addresses (D29, D30)."""

import hashlib
import hmac

from django.conf import settings

from accounts.addresses import fold
from accounts.models import BlockedPerson


def digests(address: str) -> list[str]:
    """The keyed hashes of `address`, the signing key's first. Old keys still find what they hashed
    (rotation).
    """
    message = fold(address).encode()
    return [
        hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in settings.HASH_KEYS
    ]


def is_blocked(address: str) -> bool:
    """Whether the person of this address is on the block list."""
    return BlockedPerson.objects.filter(digest__in=digests(address)).exists()
