"""The jobs of this room."""

from datetime import datetime

from accounts.legal import announcing, flows_requests
from mgestion.jobs.decorators import daily_task, sweep_task


@sweep_task("legal.announce")
def announce_terms(now: datetime) -> dict[str, int]:
    return announcing.announce(now)


@daily_task("legal.purge")
def purge_terms_requests(now: datetime) -> dict[str, int]:
    return flows_requests.purge(now)
