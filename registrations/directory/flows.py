"""A worker asks the company directory about the SIRET of each open request.

Requests are not queued: the job selects those whose current SIRET has no answer, new and corrected
alike. It is idempotent, and may run late, concurrently, or be killed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from mgestion.errors import Refused
from registrations.directory.company_http import HttpCompanyDirectory
from registrations.directory.company_lookup import (
    Company,
    DirectoryDown,
    find_recent_check,
    get_retry_delay,
    is_directory_enabled,
    merge_directory_hints,
)
from registrations.directory.models import CompanyCheck
from registrations.requests.enums import CompanyState
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_request

# Rate limit towards a public service: calls per run, one run each half-minute.
BATCH: Final = 60
LEASE: Final = timedelta(seconds=60)


# What a row keeps of an answer.
_KEPT: Final = (
    *("state", "name", "activity", "closed", "closed_on", "address", "department", "conventions"),
)


def look_up_due_companies(
    now: datetime, now_fn: Callable[[], datetime] | None = None
) -> dict[str, int]:
    """Ask about the checks that are due, most urgent first. The run stops when the directory does
    not answer. `now_fn` gives the time of each call."""
    asked = {"known": 0, "asked": 0, "failed": 0}
    if not is_directory_enabled():
        return asked
    address, timeout = settings.COMPANY_DIRECTORY_URL, settings.COMPANY_DIRECTORY_TIMEOUT
    directory = HttpCompanyDirectory(address, timeout)
    _create_missing_checks(now)
    due = CompanyCheck.objects.filter(next_at__lte=now, request__in=Request.objects.open())
    for check in due.order_by("request__due_at", "pk")[:BATCH]:
        moment = now_fn() if now_fn else now
        if not _claim_check(check, moment):
            continue
        known = find_recent_check(check.siret, moment)
        try:
            company = _build_company(known) if known is not None else directory.find(check.siret)
        except DirectoryDown:
            _postpone_check(check, moment)
            asked["failed"] += 1
            break
        try:
            # A copy is as old as what it copies.
            at = (known.checked_at if known is not None else None) or moment
            record_company_answer(check.request_id, check.siret, company, at)
        except Refused:  # erased meanwhile
            continue
        asked["known" if known is not None else "asked"] += 1
    return asked


def select_unchecked_requests() -> QuerySet[Request]:
    """Open requests without a row for their current SIRET."""
    mine = CompanyCheck.objects.filter(request=OuterRef("pk"), siret=OuterRef("siret"))
    return Request.objects.open().filter(~Exists(mine))


@transaction.atomic
def record_company_answer(request_id: UUID, siret: str, company: Company, at: datetime) -> bool:
    """Store the answer, and its hints on the request. Returns False when the request's SIRET was
    corrected meanwhile: the job asks about the new one.

    The request's version stays, because its answers, on which the reviewer decides, do not change.
    """
    request = lock_request(request_id)
    if request.siret != siret:
        return False
    check, _ = CompanyCheck.objects.update_or_create(
        request=request,
        defaults={
            **{name: getattr(company, name) for name in _KEPT},
            "siret": siret,
            "checked_at": at,
            "next_at": None,
        },
    )
    request.signals = merge_directory_hints(request, check)
    request.save(update_fields=["signals"])
    return True


def _create_missing_checks(now: datetime) -> None:
    """Create the missing rows, earliest due time first; another SIRET's row is replaced."""
    rows = select_unchecked_requests().order_by("due_at", "pk").values_list("pk", "siret")[:BATCH]
    for request_id, siret in list(rows):
        with transaction.atomic():
            if Request.objects.select_for_update().filter(pk=request_id, siret=siret).exists():
                CompanyCheck.objects.filter(request_id=request_id).exclude(siret=siret).delete()
                CompanyCheck.objects.get_or_create(
                    request_id=request_id, defaults={"siret": siret, "next_at": now}
                )


def _claim_check(check: CompanyCheck, now: datetime) -> bool:
    """Take a lease on the row, so that concurrent workers ask once."""
    mine = CompanyCheck.objects.filter(pk=check.pk, siret=check.siret, next_at__lte=now)
    return bool(mine.update(next_at=now + LEASE, attempts=F("attempts") + 1))


def _postpone_check(check: CompanyCheck, now: datetime) -> None:
    CompanyCheck.objects.filter(pk=check.pk, siret=check.siret, checked_at__isnull=True).update(
        next_at=now + get_retry_delay(check.attempts + 1)
    )


def _build_company(known: CompanyCheck) -> Company:
    said = {name: getattr(known, name) for name in _KEPT}
    state, conventions = CompanyState(known.state), tuple(known.conventions)
    return Company(**{**said, "state": state, "conventions": conventions})
