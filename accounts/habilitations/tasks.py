"""Scheduled jobs of this application."""

from datetime import datetime

from accounts.habilitations.api import tokens
from mgestion.jobs.decorators import daily_task


@daily_task("habilitations.tokens")
def warn_of_token_expiry(now: datetime) -> dict[str, int]:
    return tokens.warn_of_token_expiry(now)
