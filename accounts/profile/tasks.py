"""Scheduled jobs of this application. Their queue is the tables; Celery only wakes them."""

from datetime import datetime

from accounts.profile.export import flows as export_flows
from accounts.profile.rights import flows as rights_flows
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("profile.exports")
def build_exports(now: datetime) -> dict[str, int]:
    return export_flows.build_due_exports(now)


@sweep_task("profile.purge")
def purge_exports(now: datetime) -> dict[str, int]:
    """Copies whose day is over: often, since their page promises the hour."""
    return export_flows.purge_expired_exports(now)


@daily_task("profile.rights")
def remind_and_purge_rights_requests(now: datetime) -> dict[str, int]:
    return rights_flows.remind_of_due_requests(now) | rights_flows.purge_settled_requests(now)
