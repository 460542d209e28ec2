"""Scheduled jobs of this application."""

from datetime import datetime

from accounts.habilitations.accesses import change_feed
from accounts.habilitations.api import tokens
from mgestion.jobs.decorators import daily_task


@daily_task("habilitations.tokens")
def warn_of_token_expiry(now: datetime) -> dict[str, int]:
    return tokens.warn_of_token_expiry(now)


@daily_task("habilitations.changes")
def purge_changes(now: datetime) -> dict[str, int]:
    return change_feed.purge_old_changes(now)
