"""Somebody who did everything that a person can do here, by the real ways in."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import NamedTemporaryFile
from typing import Any

import time_machine
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.test import Client

from accounts.cas.models import GrantingTicket, Ticket
from accounts.entry.models import SetAsideFactor
from accounts.habilitations.accesses import moving_flows
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.leaving import account_departures
from accounts.legal.terms import request_flows
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import AllowedAddress, User
from accounts.profile.enums import Channel, Right
from accounts.profile.export import flows as export_flows
from accounts.profile.rights import flows as rights_flows
from lifecycle.engine.batches import RunReport
from lifecycle.engine.settle import settle_cases as settle_cases
from lifecycle.enums import (
    HoldReason,
    ProposalOutcome,
    ProposalReason,
    ProposedAct,
    ReviewKind,
)
from lifecycle.models import Hold, Reminder, Review, StaffProposal
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import deliver_due_mails
from mgestion.outbox.models import Bounce, Mail, MailText
from registrations.accesses import leave_flows
from registrations.conversation.models import RequestMessage
from registrations.desk.acts import assign, decide
from registrations.desk.decision.models import Presence
from registrations.desk.opinions.models import Opinion
from registrations.desk.queue.models import SavedView
from registrations.desk.reminders.models import UndeliveredMail
from registrations.directory.models import CompanyCheck
from registrations.documents.files import store_file
from registrations.enrolment import amend_flows, submit_flows
from registrations.establishments import colleague_flows, role_flows
from registrations.establishments.models import AccessReview, ReviewAnswer
from registrations.evidence.models import KnownContact
from registrations.requests.document_models import Asking, Upload
from registrations.requests.models import RefusalReason, Request
from tests.factories.cas import ask_ticket, make_platform, validate
from tests.factories.habilitations import make_access, make_establishment, make_staff
from tests.factories.invitations import make_invitation
from tests.factories.people import NOW, client_of, letters, log_in, path_in, settle
from tests.factories.registrations import load_reasons, make_answers, make_request, make_siret

ADDRESS = "Zephyrine.Quichottine@Carrosserie-Exemple.example.org"
LAST_NAME, FIRST_NAME = "Quichottine", "Zéphyrine"
PHONE = "+33199001377"
PASSWORDS = ("Tramway-Bleu-2026", "Peniche-Verte-2027")
TRACES = re.compile(
    "quichottine|z[ée]phyrine|33199001377|0?199001377|01[  .]99[  .]00[  .]13[  .]77"
    "|33[  .]1[  .]99[  .]00[  .]13[  .]77",
    re.IGNORECASE,
)


@dataclass
class Rich:
    user: User
    agent: User
    administrator: User  # of the establishment, told of the access
    end: datetime


def sign_up(client: Client, now: datetime, address: str = ADDRESS) -> Any:
    return client.post("/inscription/", {"email": address, "email2": address})


def live(superuser: User) -> Rich:
    """The whole life. `superuser` is the colleague who sets up what only the administration can."""
    terms = load_shipped_terms(NOW)
    load_reasons()
    platform = make_platform(principal="email")
    agent = make_staff("reviewer", delegations=("IDF",))
    browser = Client(headers={"user-agent": f"Navigateur de {FIRST_NAME}"})
    at = NOW
    with time_machine.travel(at, tick=False):
        _allow(superuser)
        assert sign_up(browser, at).status_code == 303
        settle(at)
        (message,) = letters("entry.create_password", now=at)
        password = {"password1": PASSWORDS[0], "password2": PASSWORDS[0]}
        path = path_in(message, "/inscription/mot-de-passe/")
        made = browser.post(path, {**password, "terms": "on", "terms_version": str(terms.pk)})
        assert made.status_code == 303, made.content
    user = User.objects.get(email=ADDRESS)
    at = _lock_and_unlock(browser, at)
    at = _forget_and_reset(browser, at)
    administrator = _ask_and_be_let_in(user, agent, at)
    with time_machine.travel(at, tick=False):
        assert log_in(browser, ADDRESS, PASSWORDS[1]).status_code == 303
        make_access(user=user, platform=platform)
        validate(Client(), ask_ticket(browser))
        _be_proxied(user, at)
        deliver(at)
        log_in(Client(), ADDRESS, "Encore-Faux-2026")
        log_in(browser, ADDRESS, "Encore-Faux-2026")
    _verify_accesses(user, administrator, at)
    _invite_and_be_invited(user, administrator, at)
    _change_roles_move_and_leave(user, at)
    _serve_as_agent(user, at)
    _exercise_rights(user, agent, at)
    _leave(user, superuser, at)
    user.refresh_from_db()
    return Rich(user, agent, administrator, at)


def _verify_accesses(user: User, administrator: User, at: datetime) -> None:
    """Somebody answered for him in a review of accesses, and he for somebody."""
    for by, about in ((administrator, user), (user, administrator)):
        review = AccessReview.objects.create(
            establishment=make_establishment(), opened_at=at, due_at=at
        )
        ReviewAnswer.objects.create(
            review=review, user=about, choice="keep", answered_at=at, answered_by=by.public_id
        )


def _invite_and_be_invited(user: User, administrator: User, at: datetime) -> None:
    """Invited to the establishment of the administrator, and administrator of another one."""
    own = make_access(user=user, administrator=True).establishment
    for by, place, address in (
        (administrator, Access.objects.get(user=administrator).establishment, ADDRESS),
        (user, own, "autre.fictive@exemple.example.org"),
    ):
        make_invitation(by, place, email=address, now=at)
    deliver(at)
    Bounce.objects.bulk_create(  # mails of nobody's account
        Bounce(mail=mail, outcome="hard", read_at=at)
        for mail in Mail.objects.filter(kind="registrations.invitation")
    )


def _change_roles_move_and_leave(user: User, at: datetime) -> None:
    """Administrator of a colleague, under another administrator, moved elsewhere, gone: each act
    was told to somebody else by name.
    """
    campus = Platform.objects.get(code="m-campus-entreprise")
    AdmissionRule.objects.filter(platform=campus).exclude(role="administrateur").update(
        administrator_changes=True
    )
    facts: dict[str, Any] = {"platform": campus, "dashboard": ""}
    above = make_access(user=user, administrator=True, **facts)
    below = make_access(establishment=above.establishment, **facts)
    other = make_access(administrator=True, **facts)
    make_access(administrator=True, establishment=other.establishment, **facts)
    mine = make_access(user=user, establishment=other.establishment, **facts)
    for chief, held in ((user, below), (other.user, mine)):
        role_flows.change_colleague_role(
            chief,
            held.establishment.key,
            held.user.public_id,
            access_id=held.pk,
            role="adherent",
            now=at,
        )
    make_access(user=below.user)  # elsewhere: only the accesses here end
    colleague_flows.deactivate_colleague(
        user,
        above.establishment.key,
        below.user.public_id,
        reason="left",
        now=at,
    )
    deliver(at)
    moved = moving_flows.move_access(
        mine.pk, to=make_establishment(), reason="SIRET", actor=Actor.system("tests"), now=at
    )
    again = make_access(user=user, establishment=other.establishment, **facts)
    leave_flows.leave_platform(user, again.public_id, now=at)
    leave_flows.leave_platform(user, moved.public_id, now=at)
    deliver(at)


def deliver(now: datetime) -> None:
    deliver_due_mails(lambda: now, uuid.uuid4())


def _allow(superuser: User) -> None:
    """Let through on the administration's page, taken off, let through again: all is journaled."""
    client = client_of(superuser)
    session = client.session
    session["started_at"] = session["seen_at"] = int(NOW.timestamp())
    session.save()
    table = "/admin/accounts/allowedaddress"
    said = {"pattern": ADDRESS, "reason": "Nom composé"}
    assert client.post(f"{table}/add/", said).status_code == 302
    row = AllowedAddress.objects.get()
    LogEntry.objects.create(  # as versions of before wrote it
        user=superuser,
        content_type=ContentType.objects.get_for_model(AllowedAddress),
        object_id=str(row.pk),
        object_repr=row.pattern,
        action_flag=ADDITION,
    )
    assert client.post(f"{table}/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert client.post(f"{table}/add/", said).status_code == 302


def _lock_and_unlock(browser: Client, at: datetime) -> datetime:
    for _ in range(10):
        with time_machine.travel(at, tick=False):
            log_in(browser, ADDRESS, "Tramway-Rouge-2026")
        at += timedelta(minutes=16)
    with time_machine.travel(at, tick=False):
        log_in(Client(), ADDRESS, "Encore-Faux-2026")  # a counter for strangers too
        settle(at)
        (message,) = letters("entry.unlock", now=at)
        deliver(at)
        assert browser.post(path_in(message, "/deverrouillage/")).status_code in (200, 303)
        log_in(browser, ADDRESS, "Encore-Faux-2026")
    return at


def _forget_and_reset(browser: Client, at: datetime) -> datetime:
    with time_machine.travel(at, tick=False):
        browser.post("/mot-de-passe/oublie/", {"email": ADDRESS.upper()})
        settle(at)
        (message,) = letters("entry.reset", now=at)
        deliver(at)
        answer: Any = browser.post(
            path_in(message, "/mot-de-passe/"),
            {"password1": PASSWORDS[1], "password2": PASSWORDS[1]},
        )
        assert answer.status_code == 303, answer.content
    at += timedelta(hours=1)
    with time_machine.travel(at, tick=False):
        sign_up(Client(), at)  # an account that exists already
        settle(at)
        deliver(at)
    return at


def _ask_and_be_let_in(user: User, agent: User, at: datetime) -> User:
    """Refused, corrected, approved beside an administrator; one request open, one withdrawn."""
    said: dict[str, Any] = {
        "last_name": LAST_NAME,
        "first_name": FIRST_NAME,
        "phone": PHONE,
        "siret": make_siret(),
        "company_name": f"Carrosserie {LAST_NAME}",
    }
    establishment = make_establishment(siret=said["siret"])
    administrator = make_access(administrator=True, establishment=establishment).user
    first = make_request(user, now=at, **said)
    assign.take_request(first.pk, actor_user=agent, now=at)
    deliver(at)
    first.refresh_from_db()
    decide.refuse_request(
        first.pk,
        version=first.version,
        reason=RefusalReason.objects.get(code="siret-identite"),
        text=f"Madame {LAST_NAME}, recopiez le SIRET.",
        internal_note=f"Appelée au {PHONE}.",
        actor_user=agent,
        now=at,
    )
    first.refresh_from_db()
    again = submit_flows.submit_request(
        user=user,
        answers=make_answers(**said),
        form_token=uuid.uuid4(),
        resubmission_of=first,
        now=at,
    )
    amend_flows.amend_request(again.pk, user, make_answers(**{**said, "phone": "+33199001378"}), at)
    again.refresh_from_db()
    decide.approve_request(
        again.pk,
        version=again.version,
        role=Role.GESTIONNAIRE,
        reason="",
        actor_user=agent,
        now=at,
    )
    deliver(at)
    make_request(user, now=at, **{**said, "siret": make_siret()})  # stays open
    withdrawn = make_request(user, now=at, **{**said, "siret": make_siret()})
    amend_flows.cancel_request(withdrawn.pk, user, at)
    return administrator


def _be_proxied(user: User, at: datetime) -> None:
    """The platform may ask in this person's name, and did once."""
    entered = Ticket.objects.filter(user=user).latest("pk")
    granting = GrantingTicket.objects.create(
        digest="a" * 64,
        platform=entered.platform,
        session=entered.session,
        url="https://contributions.example.org/rappel",
        issued_at=at,
    )
    Ticket.objects.filter(pk=entered.pk).update(granting=granting)


def _serve_as_agent(user: User, at: datetime) -> None:
    """The same person is an agent: decides for somebody else, and holds his request."""
    make_staff("reviewer", delegations=("IDF",), dgas=("DGA-AUTO",), user=user)
    group = Group.objects.create(name="Groupe fictif")
    user.groups.add(group)
    user.user_permissions.add(Permission.objects.order_by("pk").first())  # type: ignore[arg-type]
    other = make_request(now=at)
    decide.refuse_request(
        other.pk,
        version=other.version,
        reason=RefusalReason.objects.get(code="siret-identite"),
        text="Recopiez le SIRET.",
        actor_user=user,
        now=at,
    )
    held = make_request(now=at)
    assign.take_request(held.pk, actor_user=user, now=at)
    deliver(at)


def _exercise_rights(user: User, agent: User, at: datetime) -> None:
    """A copy, a right, an old version of the terms; and as an agent, somebody else's."""
    staff, own = Actor.staff(agent), Actor.staff(user)
    export_flows.ask_for_export(user, now=at)
    export_flows.build_due_exports(at)
    asked = rights_flows.ask_for_right(
        user, right=Right.ACCESS, said=f"Tout sur {LAST_NAME}", now=at
    )
    rights_flows.annotate_rights_request(asked.pk, notes=f"Madame {LAST_NAME}", actor=staff, now=at)
    rights_flows.extend_rights_request(asked.pk, reason=f"Dossier {LAST_NAME}", actor=staff, now=at)
    rights_flows.answer_rights_request(asked.pk, text=f"Voici, {FIRST_NAME}.", actor=staff, now=at)
    rights_flows.ask_for_right(user, right=Right.OBJECTION, said=f"Non, {FIRST_NAME}", now=at)
    letter = {"right": Right.ACCESS, "channel": Channel.POST, "said": "Tout", "name": "Autre"}
    rights_flows.enter_rights_request(
        None, contact="Rue fictive", received_on=at.date(), actor=own, now=at, **letter
    )
    for address, answering in ((ADDRESS, staff), ("autre@exemple.example.org", own)):
        row = request_flows.ask_for_old_version(email=address, asked=f"2024, dit {address}", now=at)
        request_flows.answer_terms_request(
            row.pk, version=None, text="Voici.", actor=answering, now=at
        )
    deliver(at)


def _leave(user: User, superuser: User, at: datetime) -> None:
    """Deactivated with a note, brought back, held, closed; rows that no flow of today writes."""
    staff = Actor.staff(superuser)
    note = f"{FIRST_NAME} {LAST_NAME} l’a demandé par téléphone"
    account_departures.deactivate_account(user, actor=staff, reason="person", note=note, now=at)
    settle_cases(RunReport(now=at))
    deliver(at)
    account_departures.reactivate_account(user, actor=staff, note=note, now=at)
    settle_cases(RunReport(now=at))
    later = at + timedelta(hours=1)
    account_departures.close_account(user, actor=Actor.person(user), now=later)
    settle_cases(RunReport(now=later))
    deliver(later)
    for held, by in ((user, superuser), (superuser, user)):
        Hold.objects.create(
            user=held, reason=HoldReason.LEGAL, placed_at=at, placed_by=by.public_id
        )
        StaffProposal.objects.create(
            user=held,
            act=ProposedAct.ADDRESS,
            reason=ProposalReason.ASKED,
            address=f"nouvelle.{held.email}",
            note=note if held == user else "",
            proposed_at=at,
            proposed_by=by.public_id,
            decided_at=at,
            decided_by=by.public_id,
            outcome=ProposalOutcome.WITHDRAWN,
        )
        Review.objects.create(kind=ReviewKind.AGENT, user=held, at=at, by=by.public_id)
        MailText.objects.create(
            kind="entry.reset", number=held.pk, written_by=by.public_id, written_at=at
        )
    Reminder.objects.create(user=user, queued_at=at)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "clef"})
    SetAsideFactor.objects.create(
        user=user,
        type="webauthn",
        data={"name": "Bureau", "credential": "clef"},
        created_at=NOW,
        set_aside_at=NOW,
    )
    request = Request.objects.filter(user=user).order_by("pk")[0]
    for asked in (request, Request.objects.exclude(user=user)[0]):
        Presence.objects.create(request=asked, user=user, seen_at=at)
        about, by = (superuser, superuser) if asked == request else (user, superuser)
        Opinion.objects.create(
            request=asked,
            person=about.public_id,
            question=note if asked == request else "Est-ce la bonne branche ?",
            asked_at=at,
            asked_by=by.public_id,
        )
    key = User.objects.values_list("email_key", flat=True).get(pk=user.pk)
    for address, by in ((key, superuser), ("quelqu.un@example.org", user)):
        KnownContact.objects.create(
            address=address,
            address_key=address,
            name=f"{FIRST_NAME} {LAST_NAME}" if by == superuser else "",
            imported_at=at,
            imported_by=by.public_id,
        )
    SavedView.objects.create(owner=user, name=f"File de {LAST_NAME}", saved_at=at)
    asking = Asking.objects.create(
        request=request,
        asked_at=at,
        message=note,
        answer=f"Réponse de {LAST_NAME}",
        deadline_at=at,
        remind_at=at,
    )
    for agent in (None, superuser.public_id):
        RequestMessage.objects.create(
            request=request, sent_at=at, written_by=agent, text=note, post_key=uuid.uuid4()
        )
    UndeliveredMail.objects.create(
        request=request, mail=uuid.uuid4(), kind="registrations.refused", found_at=at
    )
    Bounce.objects.create(
        mail=Mail.objects.filter(person=user.public_id)[0], outcome="hard", read_at=at
    )
    CompanyCheck.objects.create(
        request=request,
        siret=request.siret,
        state="found",
        name=f"{LAST_NAME} {FIRST_NAME}",
        checked_at=at,
    )
    first = Access.objects.filter(user=user).order_by("pk")[0]
    Access.objects.filter(pk=first.pk).update(
        ended_at=at, suspended_at=at, suspended_by=superuser.public_id, suspension_reason=note
    )
    with NamedTemporaryFile() as file:
        file.write(f"Kbis de {LAST_NAME}".encode())
        stored = store_file(File(file))
    Upload.objects.create(
        request=request,
        asking=asking,
        stored=stored.token,
        name=f"kbis-{LAST_NAME}.pdf",
        kind="pdf",
        size=stored.size,
        digest=stored.digest,
        scan="off",
        received_at=at,
    )
    address = EmailAddress.objects.create(user=user, email=ADDRESS.lower())
    EmailConfirmation.objects.create(email_address=address, key="clef")
    AccessChange.objects.create(
        platform=Platform.objects.get(code="m-tutorat"),
        number=1,
        kind="granted",
        person=user.public_id,
        at=at,
    )
