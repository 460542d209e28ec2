"""Processing of many accounts in batches.

A batch is claimed and changed in one transaction. If it fails, it is rolled back and redone account
by account; an account that fails alone is reported, and retried by the next run.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from lifecycle.ledger import entries
from lifecycle.models import LedgerEntry, LifecycleCase
from lifecycle.rules import config

_log = logging.getLogger(__name__)


class RowWithKey(Protocol):
    """A model instance, or a named row of `values_list`."""

    @property
    def pk(self) -> Any: ...


M = TypeVar("M", bound=RowWithKey)


@dataclass(slots=True)
class RunReport:
    """What a run did. `failures` holds ledger references and error names, no personal data.
    `spare_idle`: no deletion for inactivity, because a platform is silent or the breaker stopped
    it. `unheard`: ids of silent platforms; the accounts that they judge wait.
    """

    now: datetime
    run: UUID | None = None
    actor: str = "lifecycle"
    spare_idle: bool = False
    unheard: tuple[int, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)
    progress: Callable[[int], None] = lambda done: None


def build_run_entry(case: LifecycleCase, line: str, report: RunReport, **more: Any) -> LedgerEntry:
    """A ledger line about `case`. `more`: last_day, reason, mail, actor."""
    return entries.build_case_entry(case, line, now=report.now, run=report.run, **more)


class BatchAct(Protocol[M]):
    """Changes claimed rows in the current transaction; returns how many it acted on."""

    def __call__(self, rows: list[M], report: RunReport) -> int: ...


def process_in_batches(
    name: str,
    due: Callable[[], QuerySet[Any, M]],
    act: BatchAct[M],
    report: RunReport,
    *,
    lock: Sequence[str] = ("self",),
    cap: int | None = None,
) -> int:
    """Claims and acts until nothing is due or `cap` accounts are processed; returns their number.

    `due` is the whole eligibility: the claim is that statement with row locks (rows locked by
    another worker are skipped), or under the single write lock of SQLite.
    """
    limit = config.get_cap() if cap is None else cap
    skipped: set[Any] = set()
    touched = 0
    while touched < limit:
        size = min(config.get_batch_size(), limit - touched)
        rows: list[M] = []
        try:
            with transaction.atomic():
                rows = _claim_rows(due().exclude(pk__in=skipped), lock, size)
                acted = act(rows, report) if rows else 0
        except Exception as trouble:  # one account's failure does not stop the others
            if not _is_recoverable(trouble) or not rows:
                raise
            acted = sum(_process_alone(name, due, act, report, lock, row, skipped) for row in rows)
        if not rows:
            break
        if not acted:  # claimed, but nothing to do: do not claim the same rows again
            skipped.update(row.pk for row in rows)
        touched += acted
        report.counts[name] += acted
        report.progress(acted)
        if acted == len(rows) < size:  # the batch was not full: nothing is left to claim
            break
    return touched


def _claim_rows(due: QuerySet[Any, M], lock: Sequence[str], size: int) -> list[M]:
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=tuple(lock))
    return list(due[:size])


def _process_alone(
    name: str,
    due: Callable[[], QuerySet[Any, M]],
    act: BatchAct[M],
    report: RunReport,
    lock: Sequence[str],
    row: M,
    skipped: set[Any],
) -> int:
    try:
        with transaction.atomic():
            rows = _claim_rows(due().filter(pk=row.pk), lock, 1)
            return act(rows, report) if rows else 0
    except Exception as trouble:  # reported; the next run tries again
        if not _is_recoverable(trouble):
            raise
        skipped.add(row.pk)
        person: Any = getattr(row, "user", row)  # a case, a hold; an account
        reference = entries.get_reference(person.public_id)
        report.failures.append(
            {"step": name, "reference": reference, "error": type(trouble).__name__}
        )
        report.counts["failed"] += 1
        _log.error("lifecycle: %s failed for %s: %s", name, reference, type(trouble).__name__)
        return 0


def _is_recoverable(trouble: Exception) -> bool:
    """Whether the database still answers: a deadlock fails the batch, a lost connection the run."""
    return not isinstance(trouble, OperationalError) or connection.is_usable()
