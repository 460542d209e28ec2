"""Demo data: some 300 requests over twelve weeks, so that queue, filters and charts look realistic.

Rows are written in bulk, as the flows would leave them, because somebody waits for the first start.
People, companies, numbers and documents are invented, and the same on every machine.
"""

import random
import re
import uuid
from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from stdnum import luhn

from accounts.habilitations.enums import EstablishmentKind, StaffRole
from accounts.habilitations.platforms.admission import get_default_profile
from accounts.habilitations.platforms.mgestion_platforms import (
    MGESTION,
    MGESTION_TRAINING,
    get_mgestion_platform_code,
)
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.habilitations.reference.models import Branch, Department, Dga, Profile
from accounts.habilitations.reference.querysets import find_fallback_dga
from accounts.habilitations.reference.routing import find_route
from accounts.habilitations.staff.models import StaffMember
from accounts.habilitations.staff.permissions import get_staff, may_see_request
from accounts.leaving.block_list import hash_address_forms
from accounts.people.addresses import fold_address
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import BlockedPerson, User, get_creation_dates
from mgestion.demo import Demo
from mgestion.text.dates import PARIS, paris_date
from mgestion.text.search_words import strip_accents
from registrations.demo import words
from registrations.demo.requests import PASSWORD
from registrations.demo.story import Story, StoryWriter
from registrations.requests.enums import CompanyState, RequestStatus
from registrations.requests.models import RefusalReason, Request
from registrations.requests.review.review_hints import compute_answer_hints
from registrations.requests.review.review_rules import build_name_key

CLOSED: Final = 214  # `Crowd._open` adds the open ones
DAYS: Final = 84
HOUR: Final = timedelta(hours=1)
_SEED: Final = 20_260_317
_NAMESPACE: Final = uuid.UUID("b0b7c0de-5c1e-4a55-9d0f-3f2b64a1e7aa")
_CODE: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# From and to hours until the decision, and their share in percent.
_PACE: Final = ((1, 6, 27), (6, 20, 30), (20, 30, 24), (30, 46, 13), (49, 80, 6))
_OFFICE: Final = range(8, 19)


def load_crowd(now: datetime) -> None:
    """Create the crowd in one transaction. Idempotent."""
    if User.objects.filter(public_id=_public_id(0)).exists():
        return
    with transaction.atomic():
        Crowd(now).write()


def _public_id(number: int) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, str(number))


class Crowd:
    """Builds the same people and requests each time, counted back from `now`."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.dice = random.Random(_SEED)  # noqa: S311  # a story, not a secret
        self.made = self.accepted = 0
        self.weights = words.WEIGHTS
        self.addresses: set[str] = set()
        self.password = make_password(PASSWORD)  # one costly hash for all of them
        departments = Department.objects.select_related("delegation")
        self.departments = {row.code: row for row in departments}
        self.branches = {row.code: row for row in Branch.objects.select_related("dga")}
        self.profiles = {row.code: row for row in Profile.objects.all()}
        self.platforms = {row.code: row for row in Platform.objects.all()}
        training = self.platforms[MGESTION_TRAINING]
        self.defaults = {kind: get_default_profile(training, kind) for kind in ("cfa", "of")}
        rules = AdmissionRule.objects.filter(platform__code__in=MGESTION).select_related("profile")
        self.roles = {(rule.kind, rule.profile): rule.role for rule in rules}
        self.fallback: Dga | None = find_fallback_dga()
        members = StaffMember.objects.exclude(role=StaffRole.AUDITOR).select_related("user")
        self.agents = [(row.user, get_staff(row.user)) for row in members.order_by("pk")]
        self.writer = StoryWriter(
            now,
            {row.code: row for row in RefusalReason.objects.all()},
        )

    def write(self) -> None:
        refused = [story for story in map(self._closed, range(CLOSED)) if story is not None]
        for story in refused[:14]:
            self._sent_again(story)
        self.weights = words.OPEN_WEIGHTS
        self._open()
        self.writer.write()

    # --- who asks ---

    def _story(self, sent: datetime, **said: object) -> Story:
        """A request of a new person; `said` overrides fields of the request."""
        first, last = self.dice.choice(words.FIRST_NAMES), self.dice.choice(words.LAST_NAMES)
        trade, kind, branch, host = self.dice.choice(words.TRADES)
        place = self.dice.choice(words.PLACES)
        self.made += 1
        told = self.dice.random() > 0.07  # otherwise the address does not contain the name
        local = f"{_fold_name(first)}.{_fold_name(last)}" if told else f"{host[:2]}{self.made}"
        email = f"{local}@{host}-{_fold_name(place)}.example.org"
        if email in self.addresses:
            email = f"{local}.{self.made}@{host}-{_fold_name(place)}.example.org"
        self.addresses.add(email)
        user = self._person(email, first, last, sent)
        name = str(said.pop("company_name", f"{trade} {place}"))
        region = self.dice.choices(words.DEPARTMENTS, self.weights)[0]
        department = self.departments[str(said.pop("department", self.dice.choice(region)))]
        row = Request(
            user=user,
            last_name=last,
            first_name=first,
            phone=user.phone,
            company_name=f"{name} (fictif)",
            siret=make_siret(self.made),
            kind=kind,
            department=department,
            branch=self.branches[branch] if branch else None,
            profile=self._profile(kind),
            email_key=user.email_key,
        )
        return self._sent(row, sent, **said)

    def _sent(self, row: Request, sent: datetime, **said: object) -> Story:
        where = find_route(
            kind=row.kind,
            branch=row.branch,
            department=row.department,
            fallback_dga=self.fallback,
        )
        row.platform = self.platforms[get_mgestion_platform_code(row.kind)]
        if row.profile is not None:
            row.asked_role = self.roles[row.kind, row.profile]
        row.id = uuid.UUID(int=self.dice.getrandbits(128), version=4)
        code = "".join(self.dice.choices(_CODE, k=8))
        row.reference = f"MG-{code[:4]}-{code[4:]}"
        row.delegation, row.dga, row.dashboard = where.delegation, where.dga, where.dashboard or ""
        row.status, row.version = RequestStatus.SUBMITTED, 1
        row.submitted_at = row.declared_at = sent
        row.due_at = sent + settings.REVIEW_DUE
        row.name_key = build_name_key(row.last_name, row.first_name)
        row.signals = compute_answer_hints(
            email=row.user.email,
            last_name=row.last_name,
            first_name=row.first_name,
            company_name=row.company_name,
            kind=row.kind,
        )
        for field, value in said.items():
            setattr(row, field, value)
        return Story(row, self.writer, self.dice)

    def _person(self, email: str, first: str, last: str, sent: datetime) -> User:
        return User.objects.create(
            public_id=_public_id(self.made - 1),
            email=email,
            email_key=fold_address(email),
            last_name=last,
            first_name=first,
            phone=f"+3319900{2000 + self.made}",
            password=self.password,
            status=Status.ACTIVE,
            **get_creation_dates(sent - timedelta(minutes=self.dice.randint(6, 90))),
        )

    def _profile(self, kind: str) -> Profile | None:
        if kind != EstablishmentKind.ENTREPRISE:
            return self.defaults[kind]
        return self.profiles[self.dice.choices(("ENT-GEST", "ENT-ADMIN", "ENT-ADH"), (6, 3, 2))[0]]

    # --- what became of it ---

    def _closed(self, number: int) -> Story | None:
        """A closed request; returns its story if it was refused and may be resubmitted."""
        # More and more of them: half of the twelve weeks' in the last four.
        story = self._story(self._moment(3 + (DAYS - 3) * (CLOSED - number) ** 2 // CLOSED**2))
        agent = self._agent(story)
        naf = words.NAF[story.request.branch.code if story.request.branch else ""]
        sent = story.request.submitted_at
        decided = self._decision(sent)
        fate = self.dice.choices(("approved", "refused", "cancelled"), (68, 26, 6))[0]
        if fate == "cancelled":
            story.cancelled(sent + self.dice.randint(1, 20) * HOUR)
            return None
        story.taken(agent, sent + (decided - sent) / 3)
        if self.dice.random() < 0.12 and sent < self.now - 150 * HOUR:
            story.asked(agent, sent + (decided - sent) / 2)
            story.answered(sent + (decided - sent) / 2 + self.dice.randint(5, 70) * HOUR)
            decided = self._decision(max(decided, story.request.due_at - settings.REVIEW_DUE))
        if self.dice.random() < 0.2:
            story.noted(agent, decided - timedelta(minutes=20), self.dice.choice(words.NOTES))
        decided = min(decided, self.now - HOUR)
        if fate == "approved":
            story.looked_up(sent + timedelta(minutes=1), activity=naf)
            access = story.approved(agent, decided)
            self.accepted += 1
            if self.accepted % 40 == 10 and decided < self.now - 250 * HOUR:
                story.asked(agent, decided + 24 * HOUR, days=3)
                if self.accepted > 40:
                    story.suspended(access, agent, min(decided + 200 * HOUR, self.now - HOUR))
            return None
        code, _, note = self.dice.choices(words.REASONS, [times for _, times, _ in words.REASONS])[
            0
        ]
        said: dict[str, object] = {"activity": naf}
        if code == "etablissement-ferme":
            said |= {"closed": True, "closed_on": paris_date(sent) - timedelta(days=200)}
        if code == "cabinet-comptable":
            said["activity"] = "69.20Z"
        story.looked_up(sent + timedelta(minutes=1), **said)
        story.refused(agent, decided, code, note)
        return story if story.request.may_resubmit else None

    def _sent_again(self, before: Story) -> None:
        """A resubmission after a refusal: a new request of the same person."""
        old = before.request
        sent = (old.decided_at or self.now) + self.dice.randint(3, 50) * HOUR
        if sent > self.now - 100 * HOUR:
            return
        answers = (
            "user", "last_name", "first_name", "phone", "company_name", "siret", "kind",
            "department", "branch", "profile", "email_key",
        )  # fmt: skip
        row = Request(**{name: getattr(old, name) for name in answers}, resubmission_of=old)
        story = self._sent(row, sent)
        agent, decided = self._agent(story), self._decision(sent)
        story.taken(agent, sent + (decided - sent) / 2)
        story.looked_up(sent + timedelta(minutes=1))
        story.approved(agent, decided)

    def _open(self) -> None:
        """The open requests: on time, amber, overdue, waiting for a document, and special cases."""
        for hours, spread, count in ((0, 22, 28), (25, 22, 16), (49, 60, 9)):
            for number in range(count):
                age = hours * HOUR + spread * HOUR * (number + self.dice.random()) / count
                self._waiting(self.now - age - timedelta(minutes=9), number)
        for number in range(14):
            self._awaited(number)
        for code in ("987", "75", "69"):
            lost = self._story(
                self.now - self.dice.randint(3, 40) * HOUR, department=code, delegation=None
            )
            lost.watched(self.now)
        self._odd()

    def _waiting(self, sent: datetime, number: int) -> Story:
        story = self._story(sent)
        if number % 5 > 1:
            story.looked_up(sent + timedelta(minutes=1))
        if number % 3 == 1:
            agent = self._agent(story)
            story.taken(agent, sent + (self.now - sent) / 2)
            if number % 2:
                story.noted(agent, sent + (self.now - sent) / 1.5, self.dice.choice(words.NOTES))
        story.watched(self.now)
        return story

    def _awaited(self, number: int) -> None:
        """A document is asked; four people have answered, three have missed the deadline."""
        days = 18 if number < 3 else 1 + number
        sent = self.now - timedelta(days=days, hours=self.dice.randint(2, 20))
        story = self._story(sent)
        agent = self._agent(story)
        story.taken(agent, sent + HOUR)
        story.asked(agent, sent + 2 * HOUR)
        story.reminded_of_it(self.now)
        story.looked_up(sent + timedelta(minutes=1))
        if number > 9:
            story.answered(self.now - self.dice.randint(1, 12) * HOUR)

    def _odd(self) -> None:
        """One request for each hint."""
        sent = self.now - 5 * HOUR
        at = sent + timedelta(minutes=1)
        self._story(sent, company_name="Fiduciaire de l’Écluse").looked_up(at, activity="69.20Z")
        closed_on = paris_date(sent) - timedelta(days=90)
        self._story(sent - HOUR).looked_up(at, closed=True, closed_on=closed_on)
        self._story(sent, department="75").looked_up(at, department="69")
        self._story(sent).looked_up(at, state=CompanyState.UNKNOWN, name="", address="")
        away = self._story(sent - HOUR).request.user
        barred = self._story(sent - 2 * HOUR).request.user
        User.objects.filter(pk__in=(away.pk, barred.pk)).update(
            status=Status.SUSPENDED, status_since=self.now - HOUR
        )
        BlockedPerson.objects.create(
            digest=hash_address_forms(barred.email)[0],
            reason=DeactivationReason.BREACH,
            blocked_at=self.now - HOUR,
        )

    # --- when, and by whom ---

    def _moment(self, days_ago: int) -> datetime:
        """A moment between 7 h and 20 h in Paris, rarely on a weekend."""
        day = paris_date(self.now) - timedelta(days=days_ago)
        if day.weekday() > 4 and self.dice.random() < 0.8:
            day -= timedelta(days=day.weekday() - 4)
        minutes = self.dice.randint(7 * 60, 20 * 60)
        return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=PARIS)

    def _decision(self, sent: datetime) -> datetime:
        """The moment of the decision, within office hours."""
        start, end, _ = self.dice.choices(_PACE, [share for _, _, share in _PACE])[0]
        at = sent + timedelta(minutes=self.dice.randint(start * 60, end * 60))
        local = at.astimezone(PARIS)
        if local.hour not in _OFFICE:
            day = local.date() + timedelta(days=local.hour >= _OFFICE.stop)
            morning = datetime.combine(day, time(8, self.dice.randint(5, 59)), tzinfo=PARIS)
            at = morning
        return max(at, sent + timedelta(minutes=30))

    def _agent(self, story: Story) -> User:
        """An agent who may decide it, preferably of the délégation."""
        row = story.request
        able = [
            user
            for user, staff in self.agents
            if may_see_request(staff, delegation_id=row.delegation_id, dga_id=row.dga_id)
        ]
        return self.dice.choice(able[1:] or able)


def make_siret(number: int) -> str:
    """A SIRET with valid checksums, in a range that Insee does not attribute (9998…)."""
    siren = f"9998{number:04d}"
    siren += luhn.calc_check_digit(siren)
    return f"{siren}0001{luhn.calc_check_digit(f'{siren}0001')}"


def _fold_name(text: str) -> str:
    plain = strip_accents(text.casefold())
    return re.sub(r"[^a-z]+", "", plain.removeprefix("de la ").removeprefix("du "))


CROWD: Final = Demo(
    load_crowd,
    note="Environ 300 autres demandes inventées remplissent la file\u202f; leurs auteurs ont le "
    f"même mot de passe ({PASSWORD}).",
)
