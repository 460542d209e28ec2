"""The jobs of this room. Their queue is the tables; Celery only wakes them."""

from datetime import datetime

from accounts.profile import flows_exports, flows_rights
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("profile.exports")
def build_exports(now: datetime) -> dict[str, int]:
    return flows_exports.build_due(now)


@sweep_task("profile.purge")
def purge_exports(now: datetime) -> dict[str, int]:
    """Copies whose day is over: often, since their page promises the hour."""
    return flows_exports.purge(now)


@daily_task("profile.rights")
def remind_and_purge_rights_requests(now: datetime) -> dict[str, int]:
    return flows_rights.remind(now) | flows_rights.purge(now)
