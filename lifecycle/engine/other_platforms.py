"""Accounts without access to a listed platform: every platform's activity counts."""

from accounts.people import account_states
from lifecycle.engine.batches import RunReport
from lifecycle.rules import config, querysets
from lifecycle.rules.facts import find_activity_elsewhere
from mgestion.text.dates import paris_date


def follow_other_platforms(report: RunReport) -> None:
    """Moves the clock of such accounts to their latest activity, before anybody is warned."""
    away = querysets.select_away_accounts(paris_date(report.now), config.get_rules())
    if not away.exists():
        return
    for user_id, last in find_activity_elsewhere(away.values("pk")).items():
        report.counts["followed"] += account_states.note_activity(user_id, now=last)
