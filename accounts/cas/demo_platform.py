"""Enters the demo's second platform in the registry, as a national administrator enters a real one.

The platform itself is a process of its own (`mgestion.launch.demo_platform`).
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.api.tokens import create_token, find_token
from accounts.habilitations.enums import Attribute, Scope
from accounts.habilitations.platforms.models import Platform, ServiceRule
from mgestion.journal.actors import Actor

CODE: Final = "m-campus-entreprise"
_RELEASED: Final = (Attribute.MAIL, Attribute.ROLE, Attribute.SIRET, Attribute.HABILITATION)
_LABEL: Final = "Démonstration"
_OLDER_PAGE: Final = "/demo/plateforme/"
_YEARS: Final = timedelta(days=3650)  # a demo may be started again after a year


def get_token_path() -> Path:
    """The file where the platform's process finds its key to the API."""
    return Path(settings.DATA_DIR) / "run" / "demo-platform-token"


@transaction.atomic
def register_platform(now: datetime) -> None:
    """M-Campus Entreprise at its address of today, with single logout and the API. Idempotent; an
    address of an earlier start is no longer its own.
    """
    _drop_older_page()
    platform = Platform.objects.get(code=CODE)
    ServiceRule.objects.filter(platform=platform, origin__startswith="http://127.0.0.1:").delete()
    ServiceRule.objects.create(
        platform=platform, origin=settings.DEMO_PLATFORM_URL, path="/connexion"
    )
    platform.entry_url = f"{settings.DEMO_PLATFORM_URL}/connexion"
    platform.attributes = [str(attribute) for attribute in _RELEASED]
    platform.single_logout = platform.api_enabled = True
    platform.save(update_fields=["entry_url", "attributes", "single_logout", "api_enabled"])
    _hand_token_over(platform, now)


def _drop_older_page() -> None:
    """A page of an older demonstration played M-Contributions inside the portal. In a database that
    was kept, its tile would lead to that page, which is gone; now to the platform's own address.
    """
    Platform.objects.filter(
        entry_url__startswith="http://", entry_url__endswith=_OLDER_PAGE
    ).update(entry_url="")
    ServiceRule.objects.filter(origin__startswith="http://", path__endswith=_OLDER_PAGE).delete()


def _hand_token_over(platform: Platform, now: datetime) -> None:
    """A key that reads changes, in a file of this machine, unless one that works is there. It tells
    no activity: a platform that once did and is stopped would hold the lifecycle up (D53).
    """
    path = get_token_path()
    if path.exists() and find_token(path.read_text(encoding="ascii"), now) is not None:
        return
    token, clear = create_token(
        platform,
        label=_LABEL,
        scopes=[Scope.CHANGES],
        expires_at=now + settings.API_TOKEN_LIFE,
        actor=Actor.system("demo"),
        now=now,
    )
    ApiToken.objects.filter(pk=token.pk).update(expires_at=now + _YEARS)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(clear, encoding="ascii")
