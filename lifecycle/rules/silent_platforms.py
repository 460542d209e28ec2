"""Platforms that should push their activity and do not: steps of inactivity wait for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accounts.habilitations.accesses.activity import select_listed_accesses
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User


@dataclass(frozen=True, slots=True)
class SilentPlatforms:
    """The silent platforms at a moment. `listed`: they count for everybody, so every step of
    inactivity waits. `others`: only the accounts that they judge wait.
    """

    listed: tuple[Platform, ...] = ()
    others: tuple[Platform, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.listed or self.others)

    @property
    def names(self) -> list[str]:
        return [platform.name for platform in (*self.listed, *self.others)]

    @property
    def other_ids(self) -> tuple[int, ...]:
        return tuple(platform.pk for platform in self.others)


def find_silent_platforms(now: datetime) -> SilentPlatforms:
    """The platforms that should push their activity and have not for LIFECYCLE_SILENCE at `now`
    (aware), or that resumed less than LIFECYCLE_SILENCE_GRACE ago: the first push after a silence
    is often incomplete.

    A push is expected from enabled platforms with a token for it: a live one, or a latest one that
    expired (a forgotten renewal). Revoking the token says that the platform no longer pushes. A
    platform that never pushed is silent once its oldest such token is older than LIFECYCLE_SILENCE.
    """
    held: dict[Platform, list[ApiToken]] = {}
    tokens = ApiToken.objects.filter(platform__enabled=True).select_related("platform")
    for token in tokens.order_by("created_at", "pk"):
        if Scope.ACTIVITY in token.scopes:
            held.setdefault(token.platform, []).append(token)
    silent = [
        one
        for one, its in held.items()
        if _is_push_expected(its, now) and _is_silent(one, its, now)
    ]
    silent.sort(key=lambda platform: (platform.position, platform.name))
    return SilentPlatforms(
        tuple(one for one in silent if one.counts_for_inactivity),
        tuple(one for one in silent if not one.counts_for_inactivity),
    )


def is_judged_by(platforms: Collection[int], user: str = "pk") -> Q:
    """The account in the column `user` has no access to a listed platform, so that every platform
    counts, and has an access to one of `platforms` (ids).
    """
    there = Access.objects.open().filter(user=OuterRef(user), platform__in=platforms)
    return Q(Exists(there), ~Exists(select_listed_accesses().filter(user=OuterRef(user))))


def find_accounts_unheard(user_ids: Collection[int], silence: SilentPlatforms) -> set[int]:
    """Accounts among `user_ids` whose steps of inactivity wait for one of `silence.others`."""
    if not silence.others:
        return set()
    people = User.objects.filter(is_judged_by(silence.other_ids), pk__in=user_ids)
    return set(people.values_list("pk", flat=True))


def is_account_kept(user_id: int, now: datetime) -> bool:
    """Whether a step of inactivity of this account waits for a silent platform."""
    silence = find_silent_platforms(now)
    return bool(silence.listed) or bool(find_accounts_unheard([user_id], silence))


def _is_push_expected(tokens: Sequence[ApiToken], now: datetime) -> bool:
    """`tokens` in the order of their creation."""
    live = any(token.revoked_at is None and token.expires_at > now for token in tokens)
    return live or tokens[-1].revoked_at is None


def _is_silent(platform: Platform, tokens: Sequence[ApiToken], now: datetime) -> bool:
    heard, again = platform.activity_pushed_at, platform.activity_heard_again_at
    if (heard or _get_oldest_token_date(tokens)) <= now - settings.LIFECYCLE_SILENCE:
        return True
    return again is not None and now < again + settings.LIFECYCLE_SILENCE_GRACE


def _get_oldest_token_date(tokens: Sequence[ApiToken]) -> datetime:
    """Since when a platform that never pushed could have: its oldest token that is not revoked."""
    return min(token.created_at for token in tokens if token.revoked_at is None)
