"""Platforms that push their activity and have stopped (D53): nobody is warned on missing facts."""

from datetime import datetime

from django.conf import settings
from django.db.models import Max

from accounts.habilitations.models import Platform, PlatformActivity


def silent_platforms(now: datetime) -> list[str]:
    """Names of the platforms of LIFECYCLE_PUSHING_PLATFORMS that count for inactivity, are open,
    and have pushed nothing for LIFECYCLE_SILENCE. One that never pushed is silent too.
    """
    codes = settings.LIFECYCLE_PUSHING_PLATFORMS
    if not codes:
        return []
    since = now - settings.LIFECYCLE_SILENCE
    expected = dict(
        Platform.objects.filter(code__in=codes, counts_for_inactivity=True, enabled=True)
        .order_by("position")
        .values_list("pk", "name")
    )
    heard = set(
        PlatformActivity.objects.filter(platform__in=list(expected))
        .order_by()
        .values("platform")
        .annotate(last=Max("last_at"))
        .filter(last__gt=since)
        .values_list("platform", flat=True)
    )
    return [name for pk, name in expected.items() if pk not in heard]
