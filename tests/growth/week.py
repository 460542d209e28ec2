"""Seven days of people at the portal, by its own pages and verbs, with the jobs that beat wakes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import time_machine
from celery.schedules import crontab
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.staff.permissions import get_staff
from accounts.legal.models import TermsVersion
from accounts.people.models import User
from accounts.profile.enums import Right
from accounts.profile.rights import flows as rights_flows
from mgestion import slots
from mgestion.jobs.scheduled import ScheduledJob
from mgestion.journal.actors import Actor
from mgestion.outbox.bounces.events import sign_events
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import PARIS
from registrations.conversation import flows as conversation_flows
from registrations.desk.acts import assign, decide
from registrations.desk.decision import presence
from registrations.desk.opinions import opinion_flows
from registrations.desk.queue import saved_view_flows
from registrations.desk.reminders.undelivered_flows import WATCHED_MAIL_KINDS
from registrations.directory import known_answers
from registrations.directory.company_lookup import Company, CompanyQuery
from registrations.documents import flows as documents_flows
from registrations.evidence.contact_files import ContactLine
from registrations.evidence.contact_flows import replace_known_contacts
from registrations.requests.enums import CompanyState
from registrations.requests.models import RefusalReason, Request
from tests.cas.platform_server import PlatformServer
from tests.factories.cas import ask_ticket, make_platform, make_visitor, validate
from tests.factories.habilitations import (
    make_access,
    make_establishment,
    make_staff,
    make_token,
)
from tests.factories.invitations import make_invitation
from tests.factories.people import PASSWORD, client_of, letters, log_in, path_in
from tests.factories.registrations import load_reasons, posted
from tests.registrations import papers

MONDAY: Final = datetime(2026, 3, 23, 7, 0, tzinfo=UTC)  # 8 o'clock in Paris
BEATS: Final = (2, 9)  # hours of Paris at which what beat wakes in them is run
SECRET: Final = "les-evenements-des-fournisseurs-2026"
Counts = dict[str, int]


def is_ticked(job: ScheduledJob, at: datetime) -> bool:
    """Whether beat wakes the job in this hour of Paris."""
    if job.at is None:
        return True
    local = at.astimezone(PARIS)
    times: Any = crontab(job.at.minute, job.at.hour, job.at.weekday)
    return local.hour in times.hour and local.isoweekday() % 7 in times.day_of_week


def run_jobs(at: datetime, *, sweeps_alone: bool = False) -> None:
    """What beat wakes in this hour, as a worker runs it; or what it wakes every few seconds."""
    for _, job in slots.jobs.items():
        if is_ticked(job, at) and not (sweeps_alone and job.at):
            import_string(job.task)()


def list_models() -> dict[str, type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label_lower: model for model in models}


def count_rows() -> Counts:
    return {label: model._default_manager.count() for label, model in list_models().items()}


@dataclass
class Portal:
    """Who is there on Monday morning, and what they keep in their hands."""

    clock: time_machine.Traveller
    server: PlatformServer
    agent: User = field(init=False)
    colleague: User = field(init=False)
    chief: User = field(init=False)
    visitor: User = field(init=False)
    platform: Platform = field(init=False)
    token: str = field(init=False)
    seen: set[str] = field(default_factory=set)  # tables that had a row on some day

    def open(self) -> None:
        load_reasons()
        slo = f"{self.server.url}/logout"
        self.platform = make_platform(slo_url=slo, api_enabled=True)
        self.visitor = make_visitor(self.platform, address="assidue@garage.example.org")
        self.agent, self.colleague = (make_staff("reviewer", delegations=("IDF",)) for _ in "12")
        self.administrator = make_staff(StaffRole.NATIONAL)
        self.place = make_establishment()
        self.chief = make_access(administrator=True, establishment=self.place).user
        make_access(establishment=self.place)
        self.token = make_token(self.platform, "changes", now=MONDAY, days=30)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def note_tables(self) -> None:
        self.seen |= {
            label
            for label, model in list_models().items()
            if label not in self.seen and model._default_manager.exists()
        }

    def wait(self, **time: float) -> None:
        self.clock.shift(timedelta(**time))

    # --- a day -------------------------------------------------------------------------------

    def live_day(self, number: int) -> None:
        """From 8 o'clock to the evening; beat runs on, also in the night."""
        morning = MONDAY + timedelta(days=number)
        self.clock.move_to(morning)
        self._knock_at_the_door(number)
        self._go_to_the_platform(number)
        if morning.astimezone(PARIS).isoweekday() <= 5:
            self._ask_for_access(number)
            self._serve_at_the_desk(number)
        self._exercise_rights(number)
        self._return_mails(number)
        self.note_tables()
        night = (morning + timedelta(days=1)).astimezone(PARIS).replace(minute=5)
        for hour in BEATS:
            self.clock.move_to(night.replace(hour=hour))
            run_jobs(self.now)

    def _settle(self) -> None:
        run_jobs(self.now, sweeps_alone=True)

    def _knock_at_the_door(self, number: int) -> None:
        """Looks, guesses, sign-ups that end at the mail, passwords forgotten and found."""
        stranger = Client()
        for page in ("/", "/cas/login", "/inscription/", "/mot-de-passe/oublie/"):
            assert stranger.get(page).status_code in (200, 302, 303)
        for _ in range(10 if number == 0 else 2):
            log_in(Client(), "personne@garage.example.org", "Faux-2026")
            self.wait(minutes=16)
        log_in(Client(), self.visitor.email, "Faux-2026")
        self.wait(minutes=2)
        stranger.post("/mot-de-passe/oublie/", {"email": self.visitor.email})
        self._settle()
        self.wait(minutes=2)
        for address in (f"abandon{number}@garage.example.org", self.visitor.email):
            said = {"email": address, "email2": address}
            assert stranger.post("/inscription/", said).status_code == 303
        stranger.post("/compte/second-facteur/cles/demande/", {"purpose": "enter"})
        self._settle()
        if number % 2:
            found = letters("entry.reset", self.visitor.public_id, self.now)[-1]
            new = {"password1": PASSWORD, "password2": PASSWORD}
            Client().post(path_in(found, "/mot-de-passe/"), new)

    def _go_to_the_platform(self, number: int) -> None:
        """In by a ticket, another one never shown; out on some days, and left open on others."""
        browser = Client()
        assert log_in(browser, self.visitor.email).status_code == 303
        validate(Client(), ask_ticket(browser))
        ask_ticket(browser)
        if number % 2:
            browser.post("/cas/logout")
        since = {"Authorization": f"Bearer {self.token}"}
        assert Client().get("/api/v1/habilitations/changes", headers=since).status_code == 200

    def _ask_for_access(self, number: int) -> None:
        """Somebody new signs up, asks, sends a document that was asked for, writes, is decided."""
        address, browser = f"nouvelle{number}@garage.example.org", Client()
        terms = TermsVersion.objects.get()
        browser.post("/inscription/", {"email": address, "email2": address})
        self._settle()
        user = User.objects.get(email=address)
        (mail,) = letters("entry.create_password", user.public_id, self.now)
        made = browser.post(
            path_in(mail, "/inscription/mot-de-passe/"),
            {
                "password1": PASSWORD,
                "password2": PASSWORD,
                "terms": "on",
                "terms_version": str(terms.pk),
            },
        )
        assert made.status_code == 303
        log_in(browser, address)
        answer = browser.post("/m-gestion/demande/", posted(terms=terms.slug))
        assert answer.status_code in (302, 303)
        request = Request.objects.get(user=user)
        staff: dict[str, Any] = {"actor_user": self.agent, "now": self.now}
        presence.record_presence(request, self.agent, self.now)
        assign.take_request(request.pk, **staff)
        if number % 2 == 0:
            self._have_documents_sent(request, browser, staff)
        opinion_flows.ask_opinion(
            request.pk, colleague=self.colleague, question="Est-ce la bonne branche ?", **staff
        )
        conversation_flows.send_message(
            request.pk, user=user, text="Une précision.", form_token=uuid4(), now=self.now
        )
        self.wait(hours=1)
        request.refresh_from_db()
        staff["now"] = self.now
        if number % 2 == 0:
            decide.approve_request(
                request.pk, version=request.version, role="gestionnaire", **staff
            )
        else:
            reason = RefusalReason.objects.get(code="siret-identite")
            decide.refuse_request(
                request.pk, version=request.version, reason=reason, text="Recopiez-le.", **staff
            )

    def _have_documents_sent(
        self, request: Request, browser: Client, staff: dict[str, Any]
    ) -> None:
        request.refresh_from_db()
        documents_flows.ask_for_documents(
            request.pk, version=request.version, message="Votre Kbis ?", **staff
        )
        self._settle()
        sent = browser.post(
            reverse("registrations:request_answer", args=[request.reference]),
            {"text": "Voici.", "documents": [SimpleUploadedFile("Kbis.pdf", papers.pdf())]},
        )
        assert sent.status_code == 302

    def _serve_at_the_desk(self, number: int) -> None:
        """A view saved, a colleague invited, what the directory answered, who is known."""
        desk = client_of(self.agent)
        assert desk.get("/admin/registrations/request/").status_code == 200
        saved_view_flows.save_view(
            self.agent,
            _as_staff(self.agent),
            name=f"Vue {number}",
            query="status=submitted",
            delegation=None,
            now=self.now,
        )
        make_invitation(self.chief, self.place, now=self.now)
        siret = f"9999000{number}00012"
        found = Company(siret=siret, name="Garage fictif", state=CompanyState.FOUND)
        known_answers.keep_answer(CompanyQuery(siret=siret), [found], self.now)
        replace_known_contacts(
            [ContactLine(address="connue@garage.example.org", siret="", name="")],
            actor_user=self.administrator,
            now=self.now,
        )

    def _exercise_rights(self, number: int) -> None:
        browser = Client()
        log_in(browser, self.visitor.email)
        assert browser.post("/compte/mes-donnees/copie/").status_code == 303
        asked = {"email": f"curieux{number}@garage.example.org", "asked": "Celle de 2024"}
        Client().post("/cgu/versions/", asked)
        if number == 1:
            self.right = rights_flows.ask_for_right(
                self.visitor, right=Right.ACCESS, said="Tout", now=self.now
            )
        if number == 5:
            rights_flows.answer_rights_request(
                self.right.pk, text="Voici.", actor=Actor.staff(self.agent), now=self.now
            )
        self._settle()

    def _return_mails(self, number: int) -> None:
        """One that will not arrive, one that nobody knows, one that nobody signed."""
        sent = Mail.objects.filter(status=MailStatus.SENT).exclude(to="").order_by("-created_at")
        # Of one moment are many: the one whose loss is shown at the desk, on days that have such.
        mail = sent.filter(kind__in=WATCHED_MAIL_KINDS).first() or sent[0]
        for about, secret, answer in (
            (mail.message_id, SECRET, 200),
            ("<inconnu@example.org>", SECRET, 200),
            (mail.message_id, "autre" * 8, 401),
        ):
            event = {"message_id": about, "recipient": mail.to, "action": "failed"}
            body, stamp = json.dumps([event]).encode(), str(int(self.now.timestamp()))
            signed = {"X-Timestamp": stamp, "X-Signature": sign_events(secret, stamp, body)}
            told = Client().post(
                "/retours/courriel/", body, content_type="application/json", headers=signed
            )
            assert told.status_code == answer


def _as_staff(user: User) -> Any:
    staff = get_staff(user)
    assert staff is not None
    return staff


def pass_time(
    clock: time_machine.Traveller, until: datetime, step: timedelta
) -> Iterator[datetime]:
    """Weekdays, `step` apart or a little more, in whose morning everything runs."""
    at = datetime.now(UTC)
    while at < until:
        at += step
        at += timedelta(days=max(0, 8 - at.isoweekday()) if at.isoweekday() > 5 else 0)
        clock.move_to(at.astimezone(PARIS).replace(hour=9, minute=5))
        run_jobs(datetime.now(UTC))
        yield datetime.now(UTC)
