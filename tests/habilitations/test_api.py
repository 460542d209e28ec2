"""The platforms' API: who may ask, what is answered, and that nobody sees another's people."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.habilitations.accesses import change_feed, flows
from accounts.habilitations.accesses.models import Access, AccessChange, PlatformActivity
from accounts.habilitations.api import people_feed, tokens
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import ChangeKind, Scope
from accounts.habilitations.platforms.models import Platform
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Detail, Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import (
    NOW,
    grant,
    make_access,
    make_establishment,
    make_token,
    make_user,
)
from tests.factories.people import letters
from tests.rolled_back import rolled_back
from tests.together import run_together

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")
AT = "2026-03-16T08:00:00+01:00"


@pytest.fixture
def contributions() -> Platform:
    Platform.objects.filter(code="m-contributions").update(api_enabled=True)
    return Platform.objects.get(code="m-contributions")


@pytest.fixture
def token(contributions: Platform) -> str:
    return make_token(contributions)


def call(token: str, path: str, body: Any = None, **headers: str) -> Any:
    given = {"Authorization": f"Bearer {token}", **headers} if token else headers
    if body is None:
        return Client().get(f"/api/v1/{path}", headers=given)
    return Client(enforce_csrf_checks=True).post(
        f"/api/v1/{path}",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers=given,
    )


def push(token: str, *items: Any) -> Any:
    return call(token, "activity", {"items": list(items)})


def outcomes(response: Any) -> list[tuple[int, str]]:
    assert response.status_code == 200, response.content
    return [(item["status"], item["code"]) for item in response.json()["results"]]


# --- who may ask ---------------------------------------------------------------------------------


@pytest.mark.req("S22")
def test_whoever_has_no_live_token_gets_one_and_the_same_answer(
    contributions: Platform, token: str
) -> None:
    def is_refused(given: str, **headers: str) -> bool:
        response = call(given, "habilitations/changes", **headers)
        assert response["Content-Type"] == "application/problem+json"
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["code"] == "token_required"
        assert not response.cookies
        return bool(response.status_code == 401)

    assert is_refused("")
    assert is_refused(f"{token}x")
    assert is_refused("", Authorization=f"Basic {token}")
    row = ApiToken.objects.get()
    for end in (
        lambda: tokens.revoke_token(row.pk, actor=STAFF, now=NOW),
        lambda: ApiToken.objects.update(expires_at=NOW),
        lambda: Platform.objects.update(api_enabled=False),
        lambda: Platform.objects.update(enabled=False),
    ):
        with rolled_back():
            end()
            assert is_refused(token)
    assert call(token, "habilitations/changes").status_code == 200


def test_a_token_opens_what_its_scopes_say_and_no_more(contributions: Platform) -> None:
    paths: dict[str, tuple[str, Any]] = {
        "activity": ("activity", {"items": [{"email": "a@b.example.org", "at": AT}]}),
        "search": ("habilitations/search", {"email": "a@b.example.org"}),
        "changes": ("habilitations/changes", None),
    }
    for scope, (path, body) in paths.items():
        others = [other for other in Scope.values if other != scope]
        refused = call(make_token(contributions, *others), path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
        assert call(make_token(contributions, scope), path, body).status_code in (200, 404)


@pytest.mark.both
def test_a_token_is_kept_as_a_hash_and_its_last_use_is_known(
    contributions: Platform, token: str
) -> None:
    row = ApiToken.objects.get()
    assert token.startswith("mgp_") and len(token) > 40
    assert token not in json.dumps([str(value) for value in vars(row).values()])
    assert row.tail == token[-6:]
    assert row.last_used_at is None
    call(token, "habilitations/changes")
    row.refresh_from_db()
    assert row.last_used_at == NOW
    assert token not in json.dumps(list(Detail.objects.values_list("data", flat=True)))


@pytest.mark.both
def test_too_many_calls_in_a_minute_wait_for_the_next_one(token: str, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    for _ in range(2):
        assert call(token, "habilitations/changes").status_code == 200
    refused = call(token, "habilitations/changes")
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert call(token, "habilitations/changes").status_code == 200


def test_a_token_needs_a_scope_and_an_end_within_a_year(contributions: Platform) -> None:
    with pytest.raises(Refused):
        end = NOW + timedelta(days=1)
        tokens.create_token(
            contributions, label="x", scopes=[], expires_at=end, actor=STAFF, now=NOW
        )
    for days in (0, 366):
        with pytest.raises(Refused):
            make_token(contributions, days=days)


def test_a_revoked_token_is_revoked_once_and_journaled(token: str) -> None:
    row = ApiToken.objects.get()
    tokens.revoke_token(row.pk, actor=STAFF, now=NOW)
    with pytest.raises(Refused):
        tokens.revoke_token(row.pk, actor=STAFF, now=NOW)
    acts = Entry.objects.filter(object_type="token").order_by("id").values_list("act", flat=True)
    assert list(acts) == ["token.created", "token.revoked"]


def test_the_end_of_a_token_is_announced_at_thirty_seven_and_one_days(
    contributions: Platform, token: str
) -> None:
    Platform.objects.update(contact_email="technique@plateforme.example.org")
    ApiToken.objects.update(expires_at=NOW + timedelta(days=40))
    sent = {
        day: tokens.warn_of_token_expiry(NOW + timedelta(days=day))["warnings"]
        for day in (0, 9, 10, 11, 32, 33, 34, 38, 39, 40)
    }
    assert [day for day, count in sent.items() if count] == [10, 33, 39]
    assert Mail.objects.filter(kind=tokens.EXPIRING_MAIL).count() == 3
    letter = letters(tokens.EXPIRING_MAIL)[0]
    assert letter.to == "technique@plateforme.example.org"
    assert token not in letter.text


# --- what is wrong is said in one shape ----------------------------------------------------------


WRONG_ITEMS: list[dict[str, Any]] = [
    {"email": "a@b.example.org", "at": "2026-03-16T08:00:00"},
    {"at": AT},
    {"email": "a@b.example.org", "subject": str(uuid4()), "at": AT},
    {"email": "a\x00@b.example.org", "at": AT},
    {"email": "a@b.example.org", "at": AT, "x": 1},
]
BAD: list[tuple[Any, int, str]] = [
    ("{", 400, "unreadable"),
    ("[]", 422, "invalid"),
    ({}, 422, "invalid"),
    ({"items": []}, 422, "invalid"),
    ({"items": [{"email": "a@b.example.org", "at": AT}] * 501}, 422, "invalid"),
    *(({"items": [item]}, 422, "invalid") for item in WRONG_ITEMS),
    ({"items": [{"email": "a@b.example.org", "at": "x" * 1_000_001}]}, 413, "too_large"),
]


def test_a_bad_request_is_a_problem_document_and_changes_nothing(token: str) -> None:
    for body, status, code in BAD:
        response = call(token, "activity", body)
        problem, told = response.json(), (response.status_code, response["Content-Type"])
        assert told == (status, "application/problem+json"), str(body)[:200]
        assert (problem["status"], problem["code"]) == (status, code), str(body)[:200]
        assert problem["request_id"] == response["X-Request-ID"]
    assert not PlatformActivity.objects.exists()


def test_a_wrong_method_and_a_wrong_address_are_problem_documents(token: str) -> None:
    given = {"Authorization": f"Bearer {token}"}
    for method in ("get", "put", "delete", "options"):
        for path, *told in (
            ("activity", 405, "wrong_method", "POST"),
            ("activity/x", 404, "not_found", ""),
        ):
            response: Any = getattr(Client(), method)(f"/api/v1/{path}", headers=given)
            said = [response.status_code, response.json()["code"], response.get("Allow", "")]
            assert said == told, method
            assert response["Content-Type"] == "application/problem+json"


def test_a_fault_is_a_problem_document_without_a_trace(
    token: str, monkeypatch: Any, caplog: Any
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(people_feed, "find_person", fail)
    response = call(token, "habilitations/search", {"email": "a@b.example.org"})
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert "secret" not in response.text
    assert "the secret of the house" in caplog.text


# --- activity (D22, D53) -------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.req("D22", "D53", "R83")
@pytest.mark.parametrize("counts", [True, False])
def test_pushed_activity_moves_the_clock_on_platforms_that_count_only(
    contributions: Platform, token: str, counts: bool
) -> None:
    """Of somebody who has an access to a listed one as well (D65)."""
    Platform.objects.filter(pk=contributions.pk).update(counts_for_inactivity=counts)
    user = make_user(clock_from=NOW - timedelta(days=400))
    make_access(user=user, platform=contributions)
    make_access(user=user)
    response = push(token, {"subject": str(user.public_id), "at": AT})
    assert outcomes(response) == [(200, "recorded")]
    user.refresh_from_db()
    at = datetime.fromisoformat(AT).astimezone(UTC)
    assert user.last_activity_at == (at if counts else None)
    assert user.clock_from == (at if counts else NOW - timedelta(days=400))
    assert PlatformActivity.objects.get().last_at == at


@pytest.mark.both
@pytest.mark.req("D22")
def test_the_same_call_again_changes_nothing_and_dates_only_move_forward(
    contributions: Platform, token: str
) -> None:
    user = make_user(clock_from=NOW - timedelta(days=400))
    make_access(user=user, platform=contributions)
    item = {"email": user.email.upper(), "at": AT}
    assert outcomes(push(token, item)) == [(200, "recorded")]
    before = User.objects.values().get(pk=user.pk)
    assert outcomes(push(token, item)) == [(200, "unchanged")]
    assert outcomes(push(token, {**item, "at": "2020-01-01T00:00:00Z"})) == [(200, "unchanged")]
    assert User.objects.values().get(pk=user.pk) == before


@pytest.mark.req("D53", "S22")
def test_each_item_has_its_own_outcome_and_the_good_ones_are_kept(
    contributions: Platform, token: str
) -> None:
    mine, foreign, ended = make_user(), make_user(), make_user()
    suspended = make_user(Status.SUSPENDED)
    for user in (mine, suspended):
        make_access(user=user, platform=contributions)
    make_access(user=foreign)
    make_access(user=ended, platform=contributions, ended_at=NOW)
    response = push(
        token,
        {"email": "nobody@garage.example.org", "at": AT},
        {"email": foreign.email, "at": AT},
        {"subject": str(ended.public_id), "at": AT},
        {"subject": str(mine.public_id), "at": "2026-03-18T00:00:00Z"},
        {"subject": str(suspended.public_id), "at": AT},
        {"subject": str(mine.public_id), "at": AT},
    )
    assert outcomes(response) == [
        (404, "unknown_person"),
        (404, "unknown_person"),
        (404, "unknown_person"),
        (422, "future_date"),
        (409, "account_not_active"),
        (200, "recorded"),
    ]
    assert (response.json()["recorded"], response.json()["failed"]) == (1, 5)


@pytest.mark.req("D53")
def test_activity_before_the_deactivation_undoes_it_and_a_later_one_changes_nothing(
    contributions: Platform, token: str
) -> None:
    since = NOW - timedelta(days=5)
    for days_before, expected in (
        (1, (200, "revived")),
        (-1, (409, "account_not_active")),
        (800, (409, "account_not_active")),
    ):
        user = make_user(
            Status.DEACTIVATED_INACTIVE, status_since=since, clock_from=NOW - timedelta(days=740)
        )
        make_access(user=user, platform=contributions)
        at = since - timedelta(days=days_before)
        item = {"subject": str(user.public_id), "at": at.isoformat()}
        assert outcomes(push(token, item)) == [expected], days_before
        user.refresh_from_db()
        if expected[0] == 200:
            assert (user.status, user.clock_from) == (Status.ACTIVE, at)
            assert Entry.objects.get(act="account.revived").actor == "m-contributions"
        else:
            assert user.status == Status.DEACTIVATED_INACTIVE, days_before


@pytest.mark.req("D53", "D72")
def test_activity_told_after_the_last_day_undoes_the_deactivation_of_whom_is_still_there(
    contributions: Platform, token: str
) -> None:
    """The deletion waited for this platform, which was silent: the person was never idle."""
    user = make_user(
        Status.DEACTIVATED_INACTIVE,
        status_since=NOW - timedelta(days=20),
        clock_from=NOW - timedelta(days=760),
        revivable_until=NOW,
    )
    make_access(user=user, platform=contributions)
    item = {"subject": str(user.public_id), "at": (NOW - timedelta(days=30)).isoformat()}
    assert outcomes(push(token, item)) == [(200, "revived")]
    user.refresh_from_db()
    assert (user.status, user.revivable_until) == (Status.ACTIVE, None)


def test_a_date_that_no_account_can_have_is_that_items_error(
    contributions: Platform, token: str
) -> None:
    """Year 1 is what some programs write for « never », and has no date in Paris."""
    active, idle = make_user(), make_user(Status.DEACTIVATED_INACTIVE)
    for user in (active, idle):
        make_access(user=user, platform=contributions)
    ancient = ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z")
    items = [
        {"subject": str(user.public_id), "at": at} for at in ancient for user in (active, idle)
    ]
    told = outcomes(push(token, *items, {"subject": str(active.public_id), "at": AT}))
    assert told == [(422, "ancient_date")] * 6 + [(200, "recorded")]


@pytest.mark.both
def test_five_hundred_items_find_their_people_in_a_few_statements(
    contributions: Platform, token: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        response = push(
            token, *[{"email": f"x{n}@garage.example.org", "at": AT} for n in range(500)]
        )
    assert response.json()["failed"] == 500


# --- search --------------------------------------------------------------------------------------


@pytest.mark.req("R59", "S22", "S25")
def test_a_platform_finds_its_people_and_their_roles_there_only(
    contributions: Platform, token: str
) -> None:
    user = make_user()
    access = make_access(user=user, platform=contributions, role="cabinet_comptable")
    make_access(user=user, role="administrateur")
    make_access(user=user, platform=contributions, ended_at=NOW)
    for asked in ({"email": user.email}, {"subject": str(user.public_id)}):
        found = call(token, "habilitations/search", asked).json()
        assert found["subject"] == str(user.public_id)
        assert (found["active"], found["email"]) == (True, None)
        assert [(item["role"], item["siret"]) for item in found["habilitations"]] == [
            ("cabinet_comptable", access.establishment.siret)
        ]


@pytest.mark.req("S22")
def test_unknown_and_not_mine_are_one_answer(contributions: Platform, token: str) -> None:
    foreign = make_user()
    make_access(user=foreign)
    answers = [
        call(token, "habilitations/search", asked)
        for asked in (
            {"email": foreign.email},
            {"email": "nobody@garage.example.org"},
            {"subject": str(foreign.public_id)},
            {"subject": str(uuid4())},
        )
    ]
    assert {response.status_code for response in answers} == {404}
    bodies = [{**response.json(), "request_id": ""} for response in answers]
    assert all(body == bodies[0] for body in bodies)


def test_the_address_is_told_to_a_platform_that_it_is_released_to(
    contributions: Platform, token: str
) -> None:
    user = make_user()
    make_access(user=user, platform=contributions)
    Platform.objects.update(attributes=["mail"])
    assert call(token, "habilitations/search", {"email": user.email}).json()["email"] == user.email


# --- changes -------------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.req("R59", "D28")
def test_the_feed_tells_grants_changes_ends_and_deletions_in_order(
    contributions: Platform, token: str
) -> None:
    user, establishment = make_user(), make_establishment()
    access = grant(user, establishment, platform_code="m-contributions")
    grant(user, establishment, "administrateur", platform_code="m-contributions")
    grant(user, establishment, "administrateur", platform_code="m-tutorat")
    first = call(token, "habilitations/changes?limit=1").json()
    assert (first["next"], first["more"]) == (1, True)
    assert first["changes"][0]["kind"] == "granted"
    assert first["changes"][0]["habilitation"]["role"] == "administrateur"  # as it is now
    flows.end_access(access.pk, actor=STAFF, reason="left", now=NOW)
    change_feed.record_erased_people({user.pk: user.public_id}, now=NOW)
    Access.objects.all().delete()
    User.objects.filter(pk=user.pk).delete()
    rest = call(token, "habilitations/changes?since=1").json()
    assert [(line["number"], line["kind"]) for line in rest["changes"]] == [
        (2, "changed"),
        (3, "ended"),
        (4, "erased"),
    ]
    assert {line["subject"] for line in rest["changes"]} == {str(user.public_id)}
    assert all(line["habilitation"] is None for line in rest["changes"])
    assert (rest["next"], rest["more"]) == (4, False)
    assert call(token, "habilitations/changes?since=4").json() == {
        "changes": [],
        "next": 4,
        "more": False,
    }


@pytest.mark.req("S22")
def test_a_token_of_one_platform_never_sees_anothers_people(
    contributions: Platform, token: str
) -> None:
    other = Platform.objects.get(code="m-tutorat")
    Platform.objects.filter(pk=other.pk).update(api_enabled=True)
    theirs = make_token(other)
    user = make_user()
    access = make_access(user=user, platform=contributions)
    change_feed.record_access_change(access, ChangeKind.GRANTED, now=NOW)
    assert call(theirs, "habilitations/changes").json()["changes"] == []
    assert call(theirs, "habilitations/search", {"email": user.email}).status_code == 404
    assert outcomes(push(theirs, {"email": user.email, "at": AT})) == [(404, "unknown_person")]
    assert len(call(token, "habilitations/changes").json()["changes"]) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_numbers_become_visible_in_their_order_though_commits_cross() -> None:
    platform = Platform.objects.get(code="m-contributions")
    accesses = [make_access(platform=platform) for _ in range(8)]

    def grant(access: Access) -> list[int]:
        with transaction.atomic():
            change_feed.record_access_change(access, ChangeKind.GRANTED, now=NOW)
        return list(AccessChange.objects.order_by("number").values_list("number", flat=True))

    seen = run_together(*(partial(grant, access) for access in accesses))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen)  # never a gap
    assert max(len(numbers) for numbers in seen) == 8


# --- the description -----------------------------------------------------------------------------


def test_the_description_is_public_and_names_what_is_really_sent() -> None:
    schema = Client().get("/api/v1/openapi.json").json()
    assert set(schema["paths"]) == {
        "/api/v1/activity",
        "/api/v1/habilitations",
        "/api/v1/habilitations/search",
        "/api/v1/habilitations/changes",
    }
    refused = schema["paths"]["/api/v1/activity"]["post"]["responses"]["422"]["content"]
    assert set(refused) == {"application/problem+json"}
    assert Client().get("/api/v1/docs").status_code == 404
