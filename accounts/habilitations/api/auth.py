"""Who calls: a platform, by one of its tokens; how often; and what that token may do."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from accounts.habilitations.api import tokens
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.api.problems import Problem
from accounts.habilitations.api.tokens import TokenUsage
from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from mgestion.web.middleware.readonly import WriteReason, allow_writes

_USAGE = "api_usage"


class PlatformToken(HttpBearer):
    """`Authorization: Bearer mgp_…`. An unknown, ended or foreign token are one answer."""

    openapi_name = "platform"

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        now = timezone.now()
        found = tokens.find_token(token, now)
        if found is None:
            return None
        with allow_writes(WriteReason.API_CALL):
            usage = tokens.count_token_use(found, now)
        setattr(request, _USAGE, usage)
        if usage.wait:
            raise Problem(429, "too_many", "Slow down.", retry_after=usage.wait)
        if self.scope not in found.scopes:
            raise Problem(
                403, "scope_missing", f"This token lacks the scope «\u00a0{self.scope}\u00a0»."
            )
        return found


def get_calling_platform(request: HttpRequest) -> Platform:
    """The platform whose token this is."""
    return cast(ApiToken, request.auth).platform  # type: ignore[attr-defined]  # set by ninja


def get_token_usage(request: HttpRequest) -> TokenUsage | None:
    """How much of its minute the token has used; None when no token was known."""
    return getattr(request, _USAGE, None)


Guard = Callable[[HttpRequest], ApiToken | None]
