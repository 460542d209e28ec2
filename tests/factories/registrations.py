"""Requests for tests, as the verbs leave them."""

import itertools
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.habilitations.enums import EstablishmentKind, Role
from accounts.habilitations.platforms.admission import get_default_profile
from accounts.habilitations.platforms.mgestion_platforms import (
    MGESTION,
    get_mgestion_platform_code,
)
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile
from accounts.legal.terms.request_documents import (
    accept_request_documents,
    find_request_documents,
)
from accounts.people.models import AccountWord, User
from accounts.people.search.search_words import list_account_words
from mgestion.outbox.flows import NewMail, _build_mail_rows
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import approve_request, refuse_request
from registrations.enrolment import submit_flows
from registrations.enrolment.amend_flows import cancel_request
from registrations.enrolment.form_answers import RequestAnswers
from registrations.reference import shipped_texts
from registrations.requests.document_models import AskingTemplate
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, Request
from registrations.requests.request_history import write_request_event
from registrations.requests.review.review_rules import generate_reference
from registrations.search.models import RequestWord
from registrations.search.search_words import build_word_rows
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.kept_rows import KeptRows

_numbers = itertools.count(1)
_texts = KeptRows(lambda: shipped_texts.load_shipped_texts(NOW), RefusalReason, AskingTemplate)


def load_reasons() -> None:
    _texts.fill()


def luhn(digits: str) -> bool:
    """The checksum in one line of arithmetic, apart from the library that the portal uses."""
    doubled = [int(char) * (2 if place % 2 else 1) for place, char in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def make_siret(number: int | None = None) -> str:
    """A SIRET that passes the checksum and belongs to nobody (9999…)."""
    number = next(_numbers) if number is None else number
    siren = next(f"9999{number:04d}{key}" for key in range(10) if luhn(f"9999{number:04d}{key}"))
    return next(f"{siren}0001{key}" for key in range(10) if luhn(f"{siren}0001{key}"))


def make_answers(**said: Any) -> RequestAnswers:
    """A company of Paris in the automobile branch, for M-Gestion, unless `said` otherwise (codes
    for rows).
    """
    kind = said.pop("kind", EstablishmentKind.ENTREPRISE)
    company = kind == EstablishmentKind.ENTREPRISE
    department = Department.objects.select_related("delegation").get(
        code=said.pop("department", "75")
    )
    branch = said.pop("branch", "automobile")
    profile = said.pop("profile", "ENT-GEST")
    code = said.pop("platform", None) or get_mgestion_platform_code(kind)
    platform = Platform.objects.get(code=code)
    mgestion = code in MGESTION
    return RequestAnswers(
        **{
            "last_name": "Fictif",
            "first_name": "Camille",
            "phone": "+33199001234",
            "company_name": "Garage fictif",
            "siret": make_siret(),
            **said,
        },
        platform=platform,
        kind=kind,
        department=department,
        branch=Branch.objects.select_related("dga").get(code=branch)
        if company and mgestion
        else None,
        profile=Profile.objects.get(code=profile)
        if company or not mgestion
        else get_default_profile(platform, kind),
    )


def make_request(
    user: User | None = None,
    *,
    status: str = RequestStatus.SUBMITTED,
    agent: User | None = None,
    reason: str = "siret-identite",
    role: str = Role.GESTIONNAIRE,
    now: datetime = NOW,
    **said: Any,
) -> Request:
    """A request in `status`; a decided one needs the `agent` who decides, at the same moment."""
    request = _insert_submitted(user, make_answers(**said), now)
    if status == RequestStatus.CANCELLED:
        return cancel_request(request.pk, request.user, now)
    if status == RequestStatus.SUBMITTED:
        return request
    if agent is None:
        raise ValueError("somebody decides")
    if status == RequestStatus.APPROVED:
        return approve_request(
            request.pk,
            version=request.version,
            role=role,
            evidence="Extrait Kbis fictif" if role == Role.ADMINISTRATEUR else "",
            actor_user=agent,
            now=now,
        )
    load_reasons()
    return refuse_request(
        request.pk,
        version=request.version,
        reason=RefusalReason.objects.get(code=reason),
        text="Le SIRET ne correspond pas.",
        actor_user=agent,
        now=now,
    )


@transaction.atomic(savepoint=False)
def _insert_submitted(user: User | None, answers: RequestAnswers, now: datetime) -> Request:
    """The rows that `submit_request` writes (`tests/registrations/test_factory.py` compares them),
    without what it asks first: a test of what is refused calls the verb.
    """
    person = _make_applicant(answers, now) if user is None else user
    request = Request(
        reference=generate_reference(),
        user=person,
        declared_at=now,
        submitted_at=now,
        due_at=now + settings.REVIEW_DUE,
        form_token=uuid.uuid4(),
        email_key=person.email_key,
    )
    submit_flows.apply_answers(request, answers, submit_flows.route_answers(answers))
    request.save(force_insert=True)
    RequestWord.objects.bulk_create(build_word_rows(request))
    submit_flows.fill_account(person, answers, now)
    if find_request_documents([answers.platform.code], now).versions:
        accept_request_documents(person, answers.platform.code, now=now)
    write_request_event(request, RequestAct.SUBMITTED, by=person, now=now)
    told = NewMail(request.pk, person=person.public_id)
    first = _build_mail_rows("registrations.acknowledgment", [told], now)
    notice = _build_mail_rows("registrations.to_delegation", [replace(told, cycle="1")], now)
    Mail.objects.bulk_create(first + notice)
    return request


def _make_applicant(answers: RequestAnswers, now: datetime) -> User:
    """With the name and the phone that a first request gives to an account."""
    names = {"last_name": answers.last_name, "first_name": answers.first_name}
    user = make_newcomer(now=now, **names, phone=answers.phone)
    words = list_account_words(**names, email_key=user.email_key)
    AccountWord.objects.bulk_create(AccountWord(user=user, word=word) for word in words)
    return user


def posted(**said: Any) -> dict[str, Any]:
    """What a browser posts for a company; a value of None is a field that it does not send."""
    fields: dict[str, Any] = {
        "form_token": str(uuid.uuid4()),
        "last_name": "Fictif",
        "first_name": "Camille",
        "phone": "01 99 00 12 34",
        "company_name": "Garage fictif",
        "siret": make_siret(),
        "kind": EstablishmentKind.ENTREPRISE.value,
        "department": "75",
        "branch": "automobile",
        "profile": "ENT-GEST",
        "accept_terms": "on",
        "declaration": "on",
        **said,
    }
    return {name: value for name, value in fields.items() if value is not None}
