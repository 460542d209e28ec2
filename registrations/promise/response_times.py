"""What a délégation really does, beside the promise of 48 h: measured by a job, read by one row."""

import re
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q

from accounts.habilitations.reference.models import Delegation
from mgestion.text.french import format_hours
from registrations.promise.models import ResponseTime
from registrations.promise.paces import DecisionPace, count_by_hours
from registrations.requests.models import Request

DAYS: Final = 30
LEAST: Final = 20  # decisions: fewer say nothing of the next one
KEPT_SECONDS: Final = 600
FRESH: Final = timedelta(days=2)  # a figure that is not measured any more is not shown


def measure_response_times(now: datetime) -> dict[str, int]:
    """Replaces the figures by those of the last 30 days, of each délégation and of all. What an
    administrator of an establishment decided for whom they invited says nothing of a délégation.
    """
    since = now - timedelta(days=DAYS)
    decided = Request.objects.decided_by_desk().filter(decided_at__gt=since, decided_at__lte=now)
    overall = DecisionPace()
    paces: dict[int | None, DecisionPace] = {None: overall}
    for (delegation,), *figures in count_by_hours(decided, "delegation_id"):
        overall.add_group(*figures)
        if delegation is not None:
            paces.setdefault(delegation, DecisionPace()).add_group(*figures)
    rows = [
        ResponseTime(
            delegation_id=delegation,
            decided=pace.decided,
            median_hours=pace.median,
            share=pace.share,
            measured_at=now,
        )
        for delegation, pace in paces.items()
        if pace.median is not None and pace.share is not None
    ]
    with transaction.atomic():
        ResponseTime.objects.all().delete()
        ResponseTime.objects.bulk_create(rows)
    return {"measured": len(rows)}


def recall_response_time(now: datetime, department: str) -> str:
    """`describe_response_time` of a département, kept in the process for some minutes: the request
    form is shown often, and the figures change once an hour. `department` is as it was typed: what
    is no code counts as none.
    """
    if not re.fullmatch(r"[0-9]{2,3}|2[AB]", department):
        department = ""

    def describe() -> str:
        return describe_response_time(now, department=department)

    return cache.get_or_set(f"response-time-{department}", describe, KEPT_SECONDS) or ""


def describe_response_time(
    now: datetime, *, delegation: Delegation | None = None, department: str = ""
) -> str:
    """« Délégation régionale Bretagne : réponse en 23 h en médiane, 91 % en 48 h, ces 30 derniers
    jours. », of a délégation or of that of a département (a code), else of all; "" with too few
    decisions. One query.
    """
    whose = Q(delegation__isnull=True)
    if delegation is not None:
        whose |= Q(delegation=delegation)
    elif department:
        whose |= Q(delegation__departments=department)
    rows = ResponseTime.objects.filter(
        whose, decided__gte=LEAST, measured_at__gt=now - FRESH
    ).order_by(F("delegation").asc(nulls_last=True))
    found = rows.select_related("delegation").first()
    return word_response_time(found) if found is not None else ""


def word_response_time(row: ResponseTime) -> str:
    """Pure."""
    who = row.delegation.name if row.delegation else "OPCO Mobilités"
    allowed = int(settings.REVIEW_DUE.total_seconds() // 3600)
    return (
        f"{who}\u00a0: réponse en {format_hours(row.median_hours)} en médiane, {row.share}\u00a0% "
        f"en {allowed}\u00a0h, ces {DAYS}\u00a0derniers jours."
    )
