"""The directory's answers to searches on forms, kept in a table for COMPANY_CACHE."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.conf import settings

from registrations.directory.company_lookup import (
    Company,
    CompanyQuery,
    find_recent_check,
    is_accounting_activity,
    is_directory_enabled,
)
from registrations.directory.models import DirectoryAnswer
from registrations.requests.enums import CompanyState


def find_known_answer(query: CompanyQuery, now: datetime) -> list[Company] | None:
    """What the directory said of this search, if it is recent enough."""
    row = DirectoryAnswer.objects.filter(
        pk=_get_key(query), answered_at__gt=now - settings.COMPANY_CACHE
    ).first()
    return None if row is None else [_read_company(each) for each in row.companies]


def find_known_company(siret: str, now: datetime) -> Company | None:
    """`siret`: as a browser sent it."""
    if not re.fullmatch(r"[0-9]{14}", siret):
        return None
    found = find_known_answer(CompanyQuery(siret=siret), now)
    return found[0] if found else None


def is_known_accounting_firm(siret: str, now: datetime) -> bool:
    """Whether a stored answer says « 69.20 »; never calls the directory."""
    if not is_directory_enabled():
        return False
    known = find_recent_check(siret, now) or find_known_company(siret, now)
    return known is not None and is_accounting_activity(known.activity)


def keep_answer(query: CompanyQuery, companies: Sequence[Company], now: datetime) -> None:
    """Keep the answer, and each of its establishments under its own SIRET. « None » is not kept: an
    establishment that was just created appears within days.
    """
    if not companies:
        return
    answers = {company.siret: [company] for company in companies} | {
        _get_key(query): list(companies)
    }
    DirectoryAnswer.objects.bulk_create(
        [
            DirectoryAnswer(
                searched=key, companies=[_write_company(each) for each in found], answered_at=now
            )
            for key, found in sorted(answers.items())
        ],
        update_conflicts=True,
        unique_fields=["searched"],
        update_fields=["companies", "answered_at"],
    )


def purge_old_answers(now: datetime) -> int:
    old = DirectoryAnswer.objects.filter(answered_at__lte=now - settings.COMPANY_CACHE)
    return old.delete()[0]


def _get_key(query: CompanyQuery) -> str:
    if not query.name:
        return query.text
    return hashlib.sha256(f"{query.name.casefold()}|{query.department}".encode()).hexdigest()


def _write_company(company: Company) -> dict[str, Any]:
    day = company.closed_on
    return {**asdict(company), "closed_on": day.isoformat() if day else None}


def _read_company(stored: dict[str, Any]) -> Company:
    day = stored["closed_on"]
    return Company(
        **{
            **stored,
            "state": CompanyState(stored["state"]),
            "closed_on": date.fromisoformat(day) if day else None,
            "conventions": tuple(stored["conventions"]),
        }
    )
