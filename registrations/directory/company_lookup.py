"""What the company directory says of a SIRET: information and hints for agents.

The only refusal it can cause is that of an accounting firm at submission, and only when the answer
is stored already: no person waits for the directory.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings

from accounts.habilitations.enums import EstablishmentKind
from mgestion.back_off import back_off
from registrations.directory.models import CompanyCheck
from registrations.requests.enums import CompanyState
from registrations.requests.models import Request
from registrations.requests.review.review_hints import (
    ANSWER_HINTS,
    STORED_HINTS,
    ReviewHint,
    join_hint_codes,
    split_hint_codes,
)

# Prefix in both nomenclatures, NAF rév. 2 and NAF 2025; the letter after it differs.
_ACCOUNTING_CLASS: Final = "6920"
_KNOWN: Final = (CompanyState.FOUND, CompanyState.HIDDEN)


@dataclass(frozen=True, slots=True)
class CompanyQuery:
    """Either `siret`, or `siren`, or `name` with `department`."""

    siret: str = ""
    siren: str = ""
    name: str = ""
    department: str = ""

    @property
    def text(self) -> str:
        return self.siret or self.siren or self.name


@dataclass(frozen=True, slots=True)
class Company:
    """An establishment in the directory's answer. `state` is never `waiting`."""

    state: CompanyState
    name: str = ""
    activity: str = ""  # a NAF code, as « 45.20A »
    closed: bool = False
    closed_on: date | None = None
    address: str = ""
    department: str = ""  # "75", "2A", "974"; empty when unknown
    siret: str = ""
    conventions: tuple[str, ...] = ()  # collective agreements: IDCC of four digits

    @property
    def is_accounting_firm(self) -> bool:
        return is_accounting_activity(self.activity)

    @property
    def is_hidden(self) -> bool:
        return self.state == CompanyState.HIDDEN


class DirectoryDown(Exception):
    """The directory gave no usable answer; retry later. The message is the kind of error only."""


def is_directory_enabled() -> bool:
    return bool(settings.COMPANY_DIRECTORY_URL)


def is_accounting_activity(activity: str) -> bool:
    return "".join(char for char in activity if char.isalnum()).startswith(_ACCOUNTING_CLASS)


def find_recent_check(siret: str, now: datetime) -> CompanyCheck | None:
    """The latest answer about this SIRET within COMPANY_CACHE, for any request."""
    since: datetime = now - settings.COMPANY_CACHE
    return (
        CompanyCheck.objects.filter(siret=siret, checked_at__gt=since)
        .order_by("-checked_at")
        .first()
    )


def list_directory_hints(
    check: CompanyCheck | None, *, siret: str, department: str, kind: str
) -> list[ReviewHint]:
    """The hints of the directory's answer, compared with the SIRET, the département and the type of
    a request."""
    if check is None or check.siret != siret or check.state not in _KNOWN:
        return []
    raised = {
        ReviewHint.ACTIVITY: kind != EstablishmentKind.CABINET_COMPTABLE
        and is_accounting_activity(check.activity),
        ReviewHint.CLOSED: check.closed,
        ReviewHint.ELSEWHERE: bool(check.department) and check.department != department,
    }
    return [signal for signal, stands in raised.items() if stands]


def merge_directory_hints(request: Request, check: CompanyCheck | None) -> str:
    """The value of `Request.signals`: the hints of the answers, plus those of the directory."""
    own = split_hint_codes(request.signals) & {code.value for code in ANSWER_HINTS}
    said = list_directory_hints(
        check, siret=request.siret, department=request.department_id, kind=request.kind
    )
    return join_hint_codes(code.value for code in STORED_HINTS if code.value in own or code in said)


def get_retry_delay(attempts: int) -> timedelta:
    """Before the next try, after so many without an answer: minutes first, then hours."""
    first, longest = settings.COMPANY_FIRST_RETRY, settings.COMPANY_MAX_RETRY
    return back_off(attempts, first=first, longest=longest, factor=4)
