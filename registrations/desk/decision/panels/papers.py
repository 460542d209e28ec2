"""What was asked of the applicant and what came, as the decision page shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from accounts.habilitations.accesses.models import Access
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import RequestStatus, ScanResult
from registrations.requests.models import Request
from registrations.requests.suspension_flows import (
    find_held_access,
    find_moved_access,
    find_suspended_access,
)

PAGES_ON_DECISION_PAGE: Final = 3
DOWNLOADABLE_SCANS: Final = (ScanResult.NONE, ScanResult.CLEAN)


@dataclass(frozen=True, slots=True)
class ReceivedDocument:
    """One file. `opens`: an agent may download it; not while the antivirus has not said so."""

    upload: Upload
    opens: bool

    @property
    def first_pages(self) -> range:
        """Their numbers: those that are drawn on the decision page itself."""
        most = min(PAGES_ON_DECISION_PAGE, settings.DOCUMENT_PAGES_SHOWN)
        return range(1, min(self.upload.pages, most) + 1) if self.opens else range(0)

    @property
    def more_pages(self) -> int:
        return self.upload.pages - len(self.first_pages) if self.opens else 0


@dataclass(frozen=True, slots=True)
class DocumentExchange:
    asking: Asking
    last_day: datetime  # a moment of the last day
    papers: list[ReceivedDocument]


@dataclass(frozen=True, slots=True)
class RequestDocuments:
    exchanges: list[DocumentExchange]  # newest first
    awaited: DocumentExchange | None
    late: bool  # the deadline is over without an answer: the desk decides what follows
    access: Access | None  # what the approval opened, while it stands
    suspended: Access | None
    moved: Access | None  # where it is now, once an agent has moved it


def get_request_documents(item: Request, now: datetime) -> RequestDocuments:
    exchanges = [
        DocumentExchange(
            asking,
            asking.deadline_at - timedelta(minutes=1),
            [
                ReceivedDocument(upload, upload.scan in DOWNLOADABLE_SCANS)
                for upload in asking.uploads.all()
            ],
        )
        for asking in item.askings.prefetch_related("uploads").order_by("-asked_at", "-pk")
    ]
    approved = item.status == RequestStatus.APPROVED
    held = find_held_access(item) if approved else None
    suspended = find_suspended_access(item) if approved else None
    over = approved and held is None and suspended is None
    awaited = next((each for each in exchanges if each.asking.closed_at is None), None)
    return RequestDocuments(
        exchanges=exchanges,
        awaited=awaited,
        late=awaited is not None and now >= awaited.asking.deadline_at,
        access=held,
        suspended=suspended,
        moved=find_moved_access(item) if over else None,
    )
