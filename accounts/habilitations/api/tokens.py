"""Keys of the platforms to the API: made once, shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail

EXPIRING_MAIL: Final = "habilitations.token_expiring"
WARNED_DAYS: Final = (30, 7, 1)  # before the end, to the platform's technical contact
PREFIX: Final = "mgp_"  # what secret scanners may look for

_USE = (
    'UPDATE "habilitations_apitoken" SET "last_used_at" = %s, "window_count" = CASE WHEN '
    '"window" = %s THEN "window_count" + 1 ELSE 1 END, "window" = %s WHERE "id" = %s '
    'RETURNING "window_count"'
)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_token(
    platform: Platform,
    *,
    label: str,
    scopes: Iterable[str],
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A new token and its clear value, which nobody sees again. Raises Refused."""
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(Scope.values):
        raise Refused("scopes", "Choisissez au moins un droit.")
    if not now < expires_at <= now + settings.API_TOKEN_LIFE:
        raise Refused("expiry", "Un jeton expire dans l’année qui vient.")
    clear = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        platform=platform,
        label=label,
        digest=hash_token(clear),
        tail=clear[-6:],
        scopes=wanted,
        created_at=now,
        created_by=actor.agent_id,
        expires_at=expires_at,
    )
    _write_token_entry(HabilitationAct.TOKEN_CREATED, token, actor, now)
    return token, clear


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor, now: datetime) -> None:
    """Ends a token at once. Raises WrongState when it is ended already."""
    ended = ApiToken.objects.not_revoked().filter(pk=token_id).update(revoked_at=now)
    if not ended:
        raise WrongState("token_revoked", "Ce jeton est déjà révoqué.")
    _write_token_entry(HabilitationAct.TOKEN_REVOKED, ApiToken.objects.get(pk=token_id), actor, now)


def find_token(clear: str, now: datetime) -> ApiToken | None:
    """The live token of that value, on a platform that is open to the API; None for any other."""
    if not clear.startswith(PREFIX) or len(clear) > 100:
        return None
    return (
        ApiToken.objects.valid(now)
        .filter(
            digest=hash_token(clear),
            platform__enabled=True,
            platform__api_enabled=True,
        )
        .select_related("platform")
        .first()
    )


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Calls of a token in its minute. `reset`: seconds until the next one."""

    limit: int
    count: int
    reset: int

    @property
    def wait(self) -> int:
        """Seconds to wait when there were too many, else 0."""
        return self.reset if self.count > self.limit else 0

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.count)),
            "RateLimit-Reset": str(self.reset),
        }


def count_token_use(token: ApiToken, now: datetime) -> TokenUsage:
    """Counts a call and notes when: one statement."""
    minute, second = divmod(int(now.timestamp()), 60)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(_USE, [moment, minute, minute, token.pk])
        (count,) = cursor.fetchone()
    return TokenUsage(settings.API_CALLS_PER_MINUTE, count, 60 - second)


@transaction.atomic
def warn_of_token_expiry(now: datetime) -> dict[str, int]:
    """Queues the warnings of the tokens that end soon: one mail for each of 30, 7 and 1 days."""
    queued = 0
    soon = (
        ApiToken.objects.valid(now)
        .filter(
            expires_at__lte=now + timedelta(days=WARNED_DAYS[0]),
        )
        .select_related("platform")
    )
    for token in soon:
        left = (token.expires_at - now).days
        step = min(days for days in WARNED_DAYS if left <= days)
        if not token.platform.contact_email or (token.warned_days or 999) <= step:
            continue
        ApiToken.objects.filter(pk=token.pk).update(warned_days=step)
        queue_mail(
            EXPIRING_MAIL,
            subject=UUID(int=token.pk),
            cycle=f"{step}d",
            data={"token": token.pk},
            now=now,
        )
        queued += 1
    return {"warnings": queued}


def _write_token_entry(act: HabilitationAct, token: ApiToken, actor: Actor, now: datetime) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="token",
        object_id=str(token.pk),
        detail={
            "platform": token.platform.code,
            "label": token.label,
            "scopes": token.scopes,
            "expires_at": token.expires_at.isoformat(),
        },
        now=now,
    )
