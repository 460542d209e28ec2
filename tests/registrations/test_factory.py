"""What the factories insert is what `submit_request` leaves, row by row in every table."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers

from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import User
from registrations.enrolment.submit_flows import submit_request
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.search.models import RequestWord
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_user
from tests.factories.registrations import make_answers, make_request, make_siret
from tests.registrations.desk import staff_pages
from tests.rolled_back import rolled_back

# Random, or of a sequence, which is not set back.
_OF_RUN = {"message_id", "form_token", "entry", "password"}


def _describe_rows(request: Request) -> list[str]:
    """Every row of the database, with the same words for the request and its author."""
    user = User.objects.get(pk=request.user_id)
    number = user.email.partition("@")[0].removeprefix("claude.fictif")
    names = {
        f"fictif{number}": "fictif",
        str(request.pk): "request",
        request.reference: "reference",
        **{f"'{half.lower()}'": "half" for half in request.reference.split("-")[1:]},
        str(user.public_id): "person",
    }
    found = []
    for model in apps.get_models():
        for row in serializers.serialize("python", model._base_manager.all()):  # noqa: SLF001
            values = {name: row["fields"][name] for name in row["fields"] if name not in _OF_RUN}
            if values.get("user") == user.pk:
                values["user"] = "person"
            text = f"{row['model']} {values}"
            for value, name in names.items():
                text = text.replace(value, name)
            found.append(text)
    return sorted(found)


def _make_known() -> User:
    return make_user(last_name="Connue")


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize(
    ("make", "more"),
    [
        (None, {}),
        (make_newcomer, {}),
        (_make_known, {"platform": "m-campus-entreprise", "profile": "ENT-ADH"}),  # keeps the name
        (None, {"kind": "cfa", "department": "69"}),
    ],
)
def test_a_made_request_is_the_one_of_the_verb(make: Any, more: dict[str, Any]) -> None:
    load_shipped_terms(NOW)
    said = {"siret": make_siret(), **more}
    with rolled_back():
        user, answers = (make or make_newcomer)(), make_answers(**said)
        request = submit_request(user=user, answers=answers, form_token=uuid.uuid4(), now=NOW)
        wanted = _describe_rows(request)
    assert _describe_rows(make_request(make() if make else None, **said)) == wanted


def _describe_row(request: Request) -> list[object]:
    """Its columns, but for what is drawn, its words and its history."""
    drawn = {"id", "reference", "form_token"}
    row = Request.objects.filter(pk=request.pk).values().get()
    words = RequestWord.objects.filter(request=request).values_list("word", flat=True)
    events = RequestEvent.objects.filter(request=request).values("at", "act", "actor", "text")
    halves = request.reference.lower().split("-")
    return [
        {name: value for name, value in row.items() if name not in drawn},
        sorted(set(words) - set(halves)),
        list(events),
    ]


@pytest.mark.usefixtures("reference")
def test_a_row_of_the_desks_tests_is_the_one_of_the_verb() -> None:
    row = staff_pages.make_request()
    found, said = _describe_row(row), ("last_name", "first_name", "phone", "company_name", "siret")
    answers = make_answers(**{name: getattr(row, name) for name in said})
    Request.objects.filter(pk=row.pk).update(status=RequestStatus.CANCELLED)
    made = submit_request(
        user=row.user, answers=answers, form_token=uuid.uuid4(), now=row.submitted_at
    )
    assert found == _describe_row(made)
