"""Requests for the desk's tests: ready in the table, as the flows leave them."""

import functools
import itertools
from datetime import datetime, timedelta
from html import unescape
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import site
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.mgestion_platforms import get_mgestion_platform_code
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Delegation, Dga, Profile
from accounts.people.models import User
from registrations.desk.decision.list_place import ListedRequestAdmin
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, Request, RequestEvent
from registrations.requests.review.review_hints import compute_answer_hints
from registrations.requests.review.review_rules import build_name_key, generate_reference
from registrations.search.models import RequestWord
from registrations.search.search_words import build_word_rows
from tests.factories.habilitations import NOW, make_user
from tests.factories.registrations import make_siret

QUEUE = "/admin/registrations/request/"
_numbers = itertools.count(1)


def address_of(row: Request, act: str = "change") -> str:
    return reverse(f"admin:registrations_request_{act}", args=[row.pk])


def text_of(client: Client, row: Request) -> str:
    """The decision page."""
    return unescape(client.get(address_of(row)).text)


def messages_of(response: Any) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def find_listed(agent: User, query: str = "") -> set[str]:
    """The references of the agent's list, without drawing it."""
    # To look the address up has the administration registered, if no page was drawn before.
    http = RequestFactory().get(reverse("admin:registrations_request_changelist"))
    http.user = agent
    listed = cast(ListedRequestAdmin, site.get_model_admin(Request)).select_listed(http, query)
    return {row.reference for row in listed}


@functools.cache
def find_key(table: type[Model], code: str) -> int:
    """Of a reference row, which keeps its key in every test of the process."""
    return int(table._default_manager.values_list("pk", flat=True).get(code=code))


def make_request(
    *,
    delegation: str | None = "IDF",
    dga: str | None = None,
    profile: str = "ENT-GEST",
    age: timedelta = timedelta(hours=1),
    user: User | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> Request:
    """A company's open request of Paris, `age` old at `now`; codes name its délégation and DGA."""
    number = next(_numbers)
    user = user or make_user()
    if "department" not in fields:
        fields["department_id"] = "75"
    if "platform" not in fields:
        code = get_mgestion_platform_code(fields.get("kind", "entreprise"))
        fields["platform_id"] = find_key(Platform, code)
    branch = Branch.objects.get(code="automobile")
    row = Request(
        user=user,
        reference=fields.pop("reference", None) or generate_reference(),
        last_name=fields.pop("last_name", user.last_name),
        first_name=fields.pop("first_name", user.first_name),
        email_key=user.email_key,
        name_key="",
        submitted_at=now - age,
        due_at=now - age + settings.REVIEW_DUE,
        declared_at=now - age,
        delegation_id=find_key(Delegation, delegation) if delegation else None,
        dga_id=find_key(Dga, dga) if dga else branch.dga_id,
        profile_id=find_key(Profile, profile),
        **{
            "phone": f"+3319900{number % 10000:04d}",
            "company_name": f"Garage fictif {number}",
            "siret": make_siret(),
            "kind": "entreprise",
            "asked_role": Role.GESTIONNAIRE,
            "branch": branch,
            "dashboard": branch.dashboard,
            **fields,
        },
    )
    row.name_key = build_name_key(row.last_name, row.first_name)
    row.signals = compute_answer_hints(
        email=row.email_key,
        last_name=row.last_name,
        first_name=row.first_name,
        company_name=row.company_name,
        kind=row.kind,
    )
    row.save()
    RequestWord.objects.bulk_create(build_word_rows(row))
    RequestEvent.objects.create(
        request=row, at=row.submitted_at, act=RequestAct.SUBMITTED, actor=user.public_id
    )
    return row


def closed(row: Request, status: str = RequestStatus.REFUSED, by: User | None = None) -> Request:
    row.status = status
    row.decided_at = row.submitted_at + timedelta(hours=3)
    row.decided_by = by.public_id if by else None
    row.save()
    return row


def make_reason(code: str = "motif-fictif", **fields: Any) -> RefusalReason:
    return RefusalReason.objects.get_or_create(
        code=code,
        defaults={
            "label": "Établissement non identifié",
            "text": "Nous n’avons pas pu relier cette demande à l’établissement.",
            **fields,
        },
    )[0]
