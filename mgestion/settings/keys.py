"""Reads the secrets. No message shows a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Keys:
    secret: str
    fallbacks: list[str]  # old values of `secret`, that still verify
    hashes: list[str]  # the first one signs, all are recognised
    factors: list[str]  # the first one encrypts, all decrypt


def read_keys(variables: Mapping[str, str]) -> Keys:
    """ImproperlyConfigured when one is weak or serves twice."""
    keys = Keys(
        secret=variables["SECRET_KEY"].strip(),
        fallbacks=_split(variables.get("SECRET_KEY_FALLBACKS", "")),
        hashes=_split(variables["HASH_KEY"]),
        factors=_split(variables["FACTOR_KEY"]),
    )
    named = [
        ("SECRET_KEY", keys.secret),
        *(("SECRET_KEY_FALLBACKS", key) for key in keys.fallbacks),
        *(("HASH_KEY", key) for key in keys.hashes),
        *(("FACTOR_KEY", key) for key in keys.factors),
    ]
    for name, value in named:
        if len(value) < 50 or len(set(value)) < 10:
            raise ImproperlyConfigured(f"{name} is too weak: at least 50 random characters.")
    for (first, one), (second, other) in combinations(named, 2):
        if one == other:
            words = "holds one key twice" if first == second else f"must differ from {first}"
            raise ImproperlyConfigured(f"{second} {words}: each key is rotated by itself.")
    for name in ("HASH_KEY", "FACTOR_KEY"):
        if not any(known == name for known, _ in named):
            raise ImproperlyConfigured(f"{name} holds no key.")
    return keys


def read_metrics_token(variables: Mapping[str, str], keys: Keys) -> str:
    """ "" when /metrics answers this machine only."""
    token = variables.get("METRICS_TOKEN", "").strip()
    if not token:
        return ""
    if len(token) < 32 or len(set(token)) < 10 or not token.isascii() or " " in token:
        raise ImproperlyConfigured(
            "METRICS_TOKEN is too weak: at least 32 random characters, or leave it out."
        )
    if token in (keys.secret, *keys.fallbacks, *keys.hashes, *keys.factors):
        raise ImproperlyConfigured("METRICS_TOKEN must differ from the keys: others read it.")
    return token


def _split(text: str) -> list[str]:
    return [key for key in (part.strip() for part in text.split(",")) if key]
