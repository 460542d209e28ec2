"""Settling posted rows: each in its own transaction, once, whatever the number of workers."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from accounts.entry.models import ResetRequest, SignUp, UnlockRequest

logger = logging.getLogger(__name__)
Row = TypeVar("Row", SignUp, ResetRequest, UnlockRequest)


def settle(
    model: type[Row], decide: Callable[[Row, datetime], str], *, now: datetime, limit: int
) -> Counter[str]:
    """Claim and decide the oldest open rows of `model`. Returns how many ended with each outcome.

    The claim is a conditional UPDATE in the transaction of the decision: a second worker waits for
    the first, then finds nothing to claim. A row that fails is rolled back, logged, and tried again
    at the next sweep; it stops no other.
    """
    outcomes: Counter[str] = Counter()
    for row in model.objects.filter(settled_at__isnull=True).order_by("created_at")[:limit]:
        try:
            with transaction.atomic():
                claimed = model.objects.filter(pk=row.pk, settled_at__isnull=True).update(
                    settled_at=now
                )
                if not claimed:
                    continue
                outcome = decide(row, now)
                model.objects.filter(pk=row.pk).update(outcome=outcome)
        except Exception:
            logger.exception("%s %s could not be settled", model.__name__, row.pk)
            outcomes["failed"] += 1
        else:
            outcomes[outcome] += 1
    return outcomes
