"""Platforms that push their activity and have stopped (D53): nobody is warned on missing facts."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from accounts.habilitations.enums import Scope
from accounts.habilitations.models import ApiToken, Platform


def silent_platforms(now: datetime) -> list[str]:
    """Names of the platforms that should push their activity and have not for LIFECYCLE_SILENCE at
    `now` (aware).

    Expected are the open ones that count for inactivity and hold a token for it: a live one, or a
    latest one that has only expired. A token that ends unnoticed is how a platform falls silent;
    revoking it is how somebody says that the platform pushes no more. One that has never pushed is
    silent once its oldest such token is older than that.
    """
    since = now - settings.LIFECYCLE_SILENCE
    platforms = Platform.objects.filter(counts_for_inactivity=True, enabled=True)
    held: dict[int, list[ApiToken]] = {}
    for token in ApiToken.objects.filter(platform__in=platforms).order_by("created_at", "pk"):
        if Scope.ACTIVITY in token.scopes:
            held.setdefault(token.platform_id, []).append(token)
    return [
        platform.name
        for platform in platforms.filter(pk__in=held).order_by("position", "name")
        if _expected(held[platform.pk], now)
        and (platform.activity_pushed_at or _asked(held[platform.pk])) <= since
    ]


def _expected(tokens: Sequence[ApiToken], now: datetime) -> bool:
    """`tokens` in the order of their creation."""
    live = any(token.revoked_at is None and token.expires_at > now for token in tokens)
    return live or tokens[-1].revoked_at is None


def _asked(tokens: Sequence[ApiToken]) -> datetime:
    """Since when a platform that never pushed could have: a revoked token tells nothing of now."""
    return min(token.created_at for token in tokens if token.revoked_at is None)
