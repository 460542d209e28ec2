"""Moves the secrets of second factors to the first FACTOR_KEY: an old one can then be dropped."""

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.entry.second_factor.factors import UNUSED_CODES, adapter
from mgestion.key_uses import KeyUse

_TYPES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def count_secrets() -> tuple[int, int]:
    """Applications and sets of recovery codes, and those of them under an older key."""
    rows = [row.data for row in Authenticator.objects.filter(type__in=_TYPES).iterator()]
    return len(rows), sum(_is_old(data) for data in rows)


def reencrypt_secrets() -> int:
    """One transaction a row: a login that writes the same row waits, and loses nothing. Raises
    InvalidToken for a row that no key opens, before it is written.
    """
    moved = 0
    for pk in Authenticator.objects.filter(type__in=_TYPES).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None or not _is_old(row.data):
                continue
            row.data = _rotate(row.data)
            row.save(update_fields=["data"])
            moved += 1
    return moved


def _list_secrets(data: dict[str, Any]) -> Iterator[str]:
    if "secret" in data:
        yield data["secret"]
    yield from data.get(UNUSED_CODES, ())


def _is_old(data: dict[str, Any]) -> bool:
    return not all(adapter.is_under_first_key(secret) for secret in _list_secrets(data))


def _rotate(data: dict[str, Any]) -> dict[str, Any]:
    rotated = dict(data)
    if "secret" in data:
        rotated["secret"] = adapter.under_todays_key(data["secret"])
    if UNUSED_CODES in data:
        rotated[UNUSED_CODES] = [adapter.under_todays_key(code) for code in data[UNUSED_CODES]]
    return rotated


USE = KeyUse(
    variable="FACTOR_KEY",
    label="secrets de la double authentification",
    count=count_secrets,
    reencrypt=reencrypt_secrets,
)
