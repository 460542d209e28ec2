"""What a web process counts: requests, their time, acts of the journal.

prometheus_client adds the processes of one container up, through files in a folder that gunicorn's
configuration makes. Imported by web processes only.
"""

from typing import Final

from django.db import transaction
from prometheus_client import Counter, Histogram

from mgestion import slots

# A page is to answer within 0.2 s; passwords cost 0.05; more than 5 is a person who gave up.
_BUCKETS: Final = (0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

requests = Counter(
    "mgestion_requests", "Requests by view, method and status", ["view", "method", "status"]
)
request_seconds = Histogram(
    "mgestion_request_seconds", "Time to answer, by view", ["view"], buckets=_BUCKETS
)
acts = Counter(
    "mgestion_journal_acts", "Acts written to the journal by web processes, logins too", ["act"]
)


def count_acts() -> None:
    """Counts what this process writes to the journal from now on, once it is committed."""
    slots.journal_listeners.register("counter", _count_act)


def _count_act(act: str) -> None:
    transaction.on_commit(acts.labels(act).inc, robust=True)
