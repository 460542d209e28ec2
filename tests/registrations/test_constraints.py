"""The database itself forbids what must not be."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request
from registrations.requests.review.review_rules import (
    TRANSITIONS,
    generate_reference,
    is_act_allowed,
)
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.registrations import make_request

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.both]


def _copy(request: Request, **changes: Any) -> None:
    with transaction.atomic():
        fields = {
            field.attname: getattr(request, field.attname)
            for field in Request._meta.concrete_fields
            if not field.primary_key and field.attname != "email_domain"
        }
        fresh = {"reference": generate_reference(), "form_token": None}
        Request.objects.create(**{**fields, **fresh, **changes})


@pytest.mark.req("R48", "D55")
def test_one_open_request_per_person_and_siret() -> None:
    request = make_request()
    with pytest.raises(IntegrityError):
        _copy(request)
    _copy(request, status=RequestStatus.CANCELLED)
    _copy(request, user_id=make_newcomer().pk)


@pytest.mark.req("R48")
def test_one_request_per_form_of_a_person() -> None:
    request = make_request()
    with pytest.raises(IntegrityError):
        _copy(request, siret="73282932000074", form_token=request.form_token)


@pytest.mark.req("R41", "R39")
def test_a_row_that_says_two_things_is_refused(subtests: pytest.Subtests) -> None:
    request, other = make_request(), make_newcomer().pk
    changes: dict[str, Any]
    for changes in (
        {"kind": "cabinet_comptable", "branch_id": None},
        {"kind": "cfa"},
        {"branch_id": None},
        {"profile_id": None},
        {"status": "lost"},
        {"decided_at": NOW},
        {"status": "approved"},
        {"status": "refused"},
    ):
        with subtests.test(**changes), pytest.raises(IntegrityError, match="request_"):
            _copy(request, user_id=other, **changes)
    _copy(request, user_id=other)  # it was none of the other columns


def test_a_violated_constraint_has_french_words() -> None:
    request = make_request()
    again = Request(
        user=request.user,
        platform=request.platform,
        siret=request.siret,
        asked_role=request.asked_role,
        status=RequestStatus.SUBMITTED,
    )
    with pytest.raises(ValidationError, match="déjà une demande en cours"):
        again.validate_constraints()


@pytest.mark.req("R46")
def test_only_a_reopening_leaves_a_final_status() -> None:
    final = (RequestStatus.APPROVED, RequestStatus.REFUSED, RequestStatus.CANCELLED)
    moving = [act for act, move in TRANSITIONS.items() if move.to is not None]
    assert set(moving) == {
        RequestAct.CANCELLED,
        RequestAct.APPROVED,
        RequestAct.REFUSED,
        RequestAct.REOPENED,
    }
    leaving = {(act, status) for act in moving for status in final if is_act_allowed(act, status)}
    assert leaving == {
        (RequestAct.REOPENED, RequestStatus.APPROVED),
        (RequestAct.REOPENED, RequestStatus.REFUSED),
    }
