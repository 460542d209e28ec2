"""The acts on one request of the demo crowd, as the rows that the flows would write.

Only the mails to the applicant are written: those to the délégations would bury them.
"""

import io
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.files import File

from accounts.habilitations.accesses.change_feed import record_access_changes
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.search_words import index_establishments
from accounts.habilitations.enums import ChangeKind, Role
from accounts.people.models import User
from accounts.people.search.search_words import index_accounts
from mgestion.text.dates import end_of_paris_day, french_date, paris_date
from registrations.demo import mails as demo_mails
from registrations.demo.documents import make_pdf, make_png
from registrations.demo.mails import DemoMail
from registrations.demo.words import DEMO_ANSWERS, DEMO_ASKINGS
from registrations.directory import company_lookup
from registrations.directory.models import CompanyCheck
from registrations.documents.files import store_file
from registrations.documents.flows import ASKED_MAIL, REMINDED_MAIL
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import (
    CompanyState,
    FileKind,
    RequestAct,
    RequestStatus,
    ScanResult,
)
from registrations.requests.models import RefusalReason, Request, RequestEvent
from registrations.requests.suspension_flows import ACCESS_SUSPENDED_MAIL
from registrations.search.models import RequestWord
from registrations.search.search_words import build_word_rows

_SUSPENDED: Final = "Le justificatif demandé n’est pas arrivé."


@dataclass
class StoryWriter:
    """Collects the rows of all stories, and writes them in the order of their foreign keys."""

    now: datetime
    reasons: dict[str, RefusalReason]
    establishments: dict[tuple[str, str], Establishment] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    events: list[RequestEvent] = field(default_factory=list)
    askings: list[Asking] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    checks: list[CompanyCheck] = field(default_factory=list)
    mails: list[DemoMail] = field(default_factory=list)

    def write(self) -> None:
        Establishment.objects.bulk_create(self.establishments.values())
        index_establishments(self.establishments.values())
        Request.objects.bulk_create(self.requests)
        RequestWord.objects.bulk_create(
            row for request in self.requests for row in build_word_rows(request)
        )
        index_accounts({request.user for request in self.requests})
        # In chronological order: the history is also sorted by primary key.
        RequestEvent.objects.bulk_create(sorted(self.events, key=lambda event: event.at))
        Asking.objects.bulk_create(self.askings)
        Upload.objects.bulk_create(self.uploads)
        Access.objects.bulk_create(self.accesses)
        record_access_changes(sorted(self._changes(), key=lambda change: change[2]))
        CompanyCheck.objects.bulk_create(self.checks)
        # Last: the mails are built from the rows.
        demo_mails.write_demo_mails(self.mails, self.now)

    def _changes(self) -> Iterator[tuple[Access, ChangeKind, datetime]]:
        """The changes of these accesses that the platforms read."""
        for access in self.accesses:
            yield access, ChangeKind.GRANTED, access.granted_at
            if access.ended_at is not None:
                yield access, ChangeKind.ENDED, access.ended_at


@dataclass
class Story:
    """One request; each method is an act at a given moment. `dice` is seeded."""

    request: Request
    writer: StoryWriter
    dice: random.Random
    asking: Asking | None = None

    def __post_init__(self) -> None:
        self.writer.requests.append(self.request)
        sent = self.request.submitted_at
        self._line(RequestAct.SUBMITTED, sent, by=self.request.user)
        self._told("registrations.acknowledgment", sent)

    def taken(self, agent: User, at: datetime) -> None:
        self.request.assignee = agent
        self._line(RequestAct.TAKEN, at, by=agent, staff=True)

    def noted(self, agent: User, at: datetime, text: str) -> None:
        self._line(RequestAct.NOTED, at, by=agent, staff=True, note=text)

    def watched(self, now: datetime) -> None:
        """The reminder and the escalation that the job wrote while the request waited."""
        request = self.request
        if request.paused_at is not None:
            return
        amber = request.due_at - (settings.REVIEW_DUE - settings.REVIEW_AMBER)
        for act, at in ((RequestAct.REMINDED, amber), (RequestAct.ESCALATED, request.due_at)):
            if at <= now:
                self._line(act, at + timedelta(minutes=2), by=None)

    def asked(self, agent: User, at: datetime, days: int = settings.ASKING_DAYS) -> None:
        message, documents = self.dice.choice(DEMO_ASKINGS)
        last_day = paris_date(at) + timedelta(days=days)
        deadline = end_of_paris_day(last_day)
        self.asking = Asking(
            request=self.request,
            asked_at=at,
            asked_by=agent.public_id,
            message=message,
            documents=documents,
            deadline_at=deadline,
            remind_at=at + (deadline - at) / 2,
        )
        self.writer.askings.append(self.asking)
        if self.request.is_open:
            self.request.status = RequestStatus.AWAITING_DOCUMENT
            self.request.paused_at = at
        said = [message, *(f"– {line}" for line in documents.splitlines())]
        said.append(f"Réponse attendue jusqu’au {french_date(last_day)} inclus (heure de Paris).")
        self._line(RequestAct.DOCUMENT_ASKED, at, by=agent, staff=True, text="\n".join(said))
        self._told(ASKED_MAIL, at, asking=self.asking)

    def reminded_of_it(self, now: datetime) -> None:
        if self.asking is not None and self.asking.remind_at <= now:
            self.asking.reminded_at = self.asking.remind_at
            self._line(RequestAct.DOCUMENT_REMINDED, self.asking.remind_at, by=None)
            self._told(REMINDED_MAIL, self.asking.remind_at, asking=self.asking)

    def answered(self, at: datetime) -> None:
        """The applicant answers with one or two real small files."""
        asking = self.asking
        if asking is None:
            raise ValueError("nothing was asked")
        asking.answered_at = asking.closed_at = at
        asking.answer = self.dice.choice(DEMO_ANSWERS)
        count = 1 + (self.dice.random() < 0.3)
        for number in range(count):
            self.writer.uploads.append(self._upload(asking, at, number))
        self._run_again(at)
        files = f"{count} fichier{'s' if count > 1 else ''} joint{'s' if count > 1 else ''}."
        self._line(
            RequestAct.DOCUMENT_RECEIVED, at, by=self.request.user, text=f"{asking.answer}\n{files}"
        )
        self.asking = None

    def approved(self, agent: User, at: datetime) -> Access:
        request = self.request
        key = (request.siret, request.kind)
        establishment = self.writer.establishments.setdefault(
            key,
            Establishment(
                siret=request.siret,
                kind=request.kind,
                name=request.company_name,
                department=request.department,
                branch=request.branch,
                created_at=at,
            ),
        )
        role = Role(request.asked_role)
        evidence = "Délégation de pouvoir vue." if role == Role.ADMINISTRATEUR else ""
        access = Access(
            user=request.user,
            platform=request.platform,
            establishment=establishment,
            role=role,
            dashboard=request.dashboard,
            granted_at=at,
            granted_by=agent.public_id,
            grant_reason=evidence or f"Demande {request.reference}",
        )
        self.writer.accesses.append(access)
        request.granted_role, request.establishment = role, establishment
        self._decided(RequestStatus.APPROVED, agent, at)
        note = f"Justificatif\u00a0: {evidence}" if evidence else ""
        said = f"Rôle accordé\u00a0: {role.label}."
        self._line(RequestAct.APPROVED, at, by=agent, staff=True, text=said, note=note)
        self._told("registrations.approved", at, cycle=str(request.version))
        return access

    def refused(self, agent: User, at: datetime, code: str, note: str) -> None:
        reason = self.writer.reasons[code]
        self.request.refusal_reason = reason
        self.request.decision_text = reason.text
        self.request.may_resubmit = reason.may_resubmit
        self._decided(RequestStatus.REFUSED, agent, at)
        said = f"Motif\u00a0: {reason.label}."
        self._line(RequestAct.REFUSED, at, by=agent, staff=True, text=said, note=note)
        self._told("registrations.refused", at, cycle=str(self.request.version))

    def cancelled(self, at: datetime) -> None:
        self.request.status = RequestStatus.CANCELLED
        self._line(RequestAct.CANCELLED, at, by=self.request.user)

    def suspended(self, access: Access, agent: User, at: datetime) -> None:
        access.ended_at, access.ended_by = at, agent.public_id
        access.suspended_at, access.suspended_by = at, agent.public_id
        access.suspension_reason = _SUSPENDED
        said = f"{access.platform.name}\u00a0: {_SUSPENDED}"
        self._line(RequestAct.ACCESS_SUSPENDED, at, by=agent, staff=True, text=said)
        self._told(ACCESS_SUSPENDED_MAIL, at, cycle=f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}")

    def looked_up(self, at: datetime, **said: object) -> None:
        """The company directory's answer, and its hints."""
        request = self.request
        facts: dict[str, object] = {
            "state": CompanyState.FOUND,
            "name": request.company_name.removesuffix(" (fictif)").upper(),
            "activity": "45.20A",
            "address": f"{self.dice.randint(1, 90)} RUE INVENTEE",
            "department": request.department_id,
            **said,
        }
        check = CompanyCheck(
            request=request, siret=request.siret, checked_at=at, attempts=1, **facts
        )
        self.writer.checks.append(check)
        request.signals = company_lookup.merge_directory_hints(request, check)

    def _decided(self, status: RequestStatus, agent: User, at: datetime) -> None:
        if self.asking is not None:
            self.asking.closed_at = at
        self._run_again(at)
        self.request.status = status
        self.request.decided_at = at
        self.request.decided_by = agent.public_id

    def _run_again(self, at: datetime) -> None:
        request = self.request
        if request.paused_at is not None:
            request.due_at += at - request.paused_at
            request.paused_at = None
        if request.is_open:
            request.status = RequestStatus.SUBMITTED

    def _upload(self, asking: Asking, at: datetime, number: int) -> Upload:
        request = self.request
        if number == 0:
            kind, name = FileKind.PDF, "attestation-employeur.pdf"
            data = make_pdf(
                "Attestation de l'employeur",
                (
                    f"{request.company_name}, SIRET {request.siret}",
                    f"{request.full_name} fait partie de notre établissement.",
                    f"Référence de la demande\u00a0: {request.reference}",
                    "Document inventé pour la démonstration.",
                ),
            )
        else:
            kind, name = FileKind.PNG, "badge.png"
            data = make_png(160, 100, (38, self.dice.randint(70, 140), 120))
        stored = store_file(File(io.BytesIO(data), name=name))
        return Upload(
            id=uuid.UUID(int=self.dice.getrandbits(128), version=4),
            request=request,
            asking=asking,
            stored=stored.token,
            name=name,
            kind=kind,
            size=stored.size,
            digest=stored.digest,
            scan=ScanResult.NONE,
            received_at=at,
        )

    def _told(
        self, kind: str, at: datetime, *, cycle: str = "", asking: Asking | None = None
    ) -> None:
        self.writer.mails.append(DemoMail(kind, self.request, at, cycle, asking))

    def _line(
        self,
        act: RequestAct,
        at: datetime,
        *,
        by: User | None,
        staff: bool = False,
        text: str = "",
        note: str = "",
    ) -> None:
        if act not in (
            RequestAct.SUBMITTED,
            RequestAct.TAKEN,
            RequestAct.NOTED,
            RequestAct.REMINDED,
            RequestAct.ESCALATED,
        ):
            self.request.version += 1
        self.writer.events.append(
            RequestEvent(
                request=self.request,
                at=at,
                act=act,
                actor=by.public_id if by else None,
                by_staff=staff,
                text=text,
                internal_note=note,
            )
        )
