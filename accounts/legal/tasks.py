"""Scheduled jobs of this application."""

from datetime import datetime

from accounts.legal.terms import announcing, request_flows
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("legal.announce")
def announce_terms(now: datetime) -> dict[str, int]:
    return announcing.announce_versions(now)


@daily_task("legal.purge")
def purge_terms_requests(now: datetime) -> dict[str, int]:
    return request_flows.purge_terms_requests(now)
