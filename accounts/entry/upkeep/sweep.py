"""Settling what was posted: each row in its own transaction, once, with any number of workers."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind
from accounts.entry.recovery.flows import decide_loss, decide_reset, decide_unlock
from accounts.entry.sign_up.flows import decide_sign_up

logger = logging.getLogger(__name__)
_DECIDE: Final[Mapping[str, Callable[[PostedRequest, datetime], str]]] = {
    Kind.SIGN_UP: decide_sign_up,
    Kind.RESET: decide_reset,
    Kind.LOSS: decide_loss,
    Kind.UNLOCK: decide_unlock,
}


def settle_posted_requests(now: datetime, limit: int = 200) -> Counter[str]:
    """Claim and decide the oldest open rows, at most `limit` of each kind, so that a flood of one
    kind delays no other. Returns how many ended as each « kind.outcome ».

    The claim is a conditional UPDATE in the transaction of the decision: a second worker waits for
    the first, then finds nothing to claim. A row that fails is rolled back, logged, and tried again
    at the next sweep; it stops no other.
    """
    outcomes: Counter[str] = Counter()
    for kind, decide in _DECIDE.items():
        waiting = PostedRequest.objects.filter(kind=kind, settled_at__isnull=True)
        for row in waiting.order_by("created_at")[:limit]:
            try:
                with transaction.atomic():
                    if not waiting.filter(pk=row.pk).update(settled_at=now):
                        continue
                    outcome = decide(row, now)
                    PostedRequest.objects.filter(pk=row.pk).update(outcome=outcome)
            except Exception:
                logger.exception("%s %s could not be settled", kind, row.pk)
                outcome = "failed"
            outcomes[f"{kind}.{outcome}"] += 1
    return outcomes
