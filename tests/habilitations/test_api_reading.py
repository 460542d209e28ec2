"""What a platform keeps its own list right with: which access, everybody, and cheap questions."""

from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.habilitations.accesses import change_feed, flows
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from mgestion.journal.actors import Actor
from tests.factories.habilitations import (
    NOW,
    grant,
    make_access,
    make_establishment,
    make_token,
    make_user,
)

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")
ROLE = Role.GESTIONNAIRE


@pytest.fixture
def platform() -> Platform:
    Platform.objects.filter(code="m-contributions").update(
        api_enabled=True, attributes=["sn", "mail"]
    )
    return Platform.objects.get(code="m-contributions")


@pytest.fixture
def token(platform: Platform) -> str:
    return make_token(platform)


def ask(token: str, path: str, method: str = "get", **headers: str) -> Any:
    given = {"Authorization": f"Bearer {token}", **headers}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=given)


def lines(token: str, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(token, f"habilitations/changes?since={since}").json()[
        "changes"
    ]
    return found


def told(access: Access, role: str = ROLE) -> dict[str, Any]:
    return {
        "id": str(access.public_id),
        "siret": access.establishment.siret,
        "kind": access.establishment.kind,
        "role": role,
    }


# --- which access --------------------------------------------------------------------------------


def test_a_person_with_three_establishments_loses_one_and_the_line_says_which(token: str) -> None:
    user = make_user()
    accesses = [
        grant(user, make_establishment(), platform_code="m-contributions") for _ in range(3)
    ]
    flows.end_access(accesses[1].pk, actor=STAFF, reason="left", now=NOW)
    found = lines(token)
    assert [line["kind"] for line in found] == ["granted"] * 3 + ["ended"]
    assert [line["access"] for line in found[:3]] == [told(access) for access in accesses]
    assert found[3]["access"] == told(accesses[1])
    assert found[3]["habilitation"] is None
    # What was granted and is over meanwhile is still named.
    assert found[1]["habilitation"] is None
    assert [found[place]["habilitation"]["id"] for place in (0, 2)] == [
        str(accesses[place].public_id) for place in (0, 2)
    ]


def test_each_line_tells_the_role_of_its_moment(token: str) -> None:
    access = grant(make_user(), make_establishment(), platform_code="m-contributions")
    flows.change_role(
        access.pk, role=Role.ADMINISTRATEUR, dashboard="", actor=STAFF, reason="Tests", now=NOW
    )
    first, second = lines(token)
    assert first["access"] == told(access)
    assert second["access"] == told(access, Role.ADMINISTRATEUR)


def test_an_access_given_back_keeps_its_name(token: str) -> None:
    access = grant(make_user(), make_establishment(), platform_code="m-contributions")
    flows.suspend_access(access.pk, reason="Justificatif absent", actor=STAFF, now=NOW)
    flows.restore_access(access.pk, actor=STAFF, now=NOW)
    assert {line["access"]["id"] for line in lines(token)} == {str(access.public_id)}


def test_a_new_person_is_told_with_the_released_identity(token: str) -> None:
    user = make_user()
    grant(user, make_establishment(), platform_code="m-contributions")
    (line,) = lines(token)
    assert line["identity"] == {"sn": user.last_name, "mail": user.email}


@pytest.mark.req("R103", "D29")
def test_an_erasure_leaves_opaque_identifiers_in_the_lines(token: str) -> None:
    user = make_user()
    access = grant(user, make_establishment(), platform_code="m-contributions")
    change_feed.record_erased_people({user.pk: user.public_id}, now=NOW)
    granted, erased = lines(token)
    nothing = {"siret": None, "kind": None, "role": None}
    assert granted["access"] == {"id": str(access.public_id), **nothing}
    assert erased["access"] is None


def test_a_platform_that_comes_back_after_the_purge_is_told_to_read_everybody(
    platform: Platform, token: str
) -> None:
    """And one that stands at the last line, or at the last that was purged, goes on."""
    limit = settings.RETENTION["access_changes"]
    assert lines(token) == []
    for years_ago in (2, 2, 1):
        at = NOW - years_ago * limit
        grant(make_user(), make_establishment(), platform_code="m-contributions", now=at)
    grant(make_user(), make_establishment(), platform_code="m-contributions")
    assert change_feed.purge_old_changes(NOW) == {"changes": 2}
    for since in (0, 1):
        answer = ask(token, f"habilitations/changes?since={since}")
        assert (answer.status_code, answer.json()["code"]) == (410, "changes_gone")
    assert [[line["number"] for line in lines(token, since)] for since in (2, 3, 4, 9)] == [
        [3, 4],
        [4],
        [],
        [],
    ]
    AccessChange.objects.all().delete()
    assert lines(token, since=4) == []
    assert ask(token, "habilitations/changes?since=3").status_code == 410


def test_a_jump_of_the_numbers_is_no_purge(token: str) -> None:
    """After a restored backup (`skip_change_numbers`)."""
    grant(make_user(), make_establishment(), platform_code="m-contributions")
    change_feed.skip_change_numbers()
    grant(make_user(), make_establishment(), platform_code="m-contributions")
    assert [line["number"] for line in lines(token, since=120)] == [1_000_002]


# --- everybody -----------------------------------------------------------------------------------


def everybody(token: str, limit: int) -> tuple[list[dict[str, Any]], int, int]:
    """All the people, the feed's number of the first page, and how many pages it took."""
    people: list[dict[str, Any]] = []
    after, number, pages = "", None, 0
    while True:
        page = ask(token, f"habilitations?limit={limit}{after}").json()
        people += page["people"]
        number = page["changes"] if number is None else number
        pages += 1
        if page["next"] is None:
            return people, number, pages
        after = f"&after={page['next']}"


def test_a_platform_reads_all_its_people_page_by_page_and_nobody_elses(
    platform: Platform, token: str
) -> None:
    mine = [make_access(platform=platform) for _ in range(7)]
    second = make_access(user=mine[0].user, platform=platform)
    make_access(platform=platform, ended_at=NOW)
    make_access()
    people, _, pages = everybody(token, limit=3)
    assert pages == 3
    assert [UUID(person["subject"]) for person in people] == sorted(
        access.user.public_id for access in mine
    )
    first = next(one for one in people if one["subject"] == str(mine[0].user.public_id))
    assert {held["id"] for held in first["habilitations"]} == {
        str(mine[0].public_id),
        str(second.public_id),
    }
    assert set(first["identity"]) == {"sn", "mail"}


def test_who_follows_the_feed_from_the_first_page_misses_nothing(
    platform: Platform, token: str
) -> None:
    grant(make_user(), make_establishment(), platform_code="m-contributions")
    page = ask(token, "habilitations?limit=1").json()
    late = grant(make_user(), make_establishment(), platform_code="m-contributions")
    (line,) = lines(token, since=page["changes"])
    assert line["access"]["id"] == str(late.public_id)


def test_a_page_costs_the_same_with_one_person_and_with_ten(
    platform: Platform, token: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make_access(platform=platform)
    with django_assert_max_num_queries(6):
        assert len(ask(token, "habilitations").json()["people"]) == 10


def test_a_page_that_is_none_is_a_problem_document(token: str) -> None:
    for query in ("after=x", "limit=0", "limit=201", "limit=a"):
        answer = ask(token, f"habilitations?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["where"] == f"query.{query.partition('=')[0]}"


# --- HEAD, fingerprints, limits, problems --------------------------------------------------------


def test_head_says_what_get_says_without_a_body(token: str) -> None:
    for path in ("habilitations", "habilitations/changes", "openapi.json"):
        got, head = ask(token, path), ask(token, path, "head")
        assert (head.status_code, head.content) == (200, b""), path
        assert head["Content-Length"] == str(len(got.content)), path
        assert (head["Content-Type"], head["ETag"]) == (got["Content-Type"], got["ETag"]), path


def test_a_wrong_method_names_head_beside_get(token: str) -> None:
    assert ask(token, "habilitations/changes", "delete")["Allow"] == "GET, HEAD"
    refused = ask(token, "habilitations/search", "head")
    assert (refused.status_code, refused["Allow"], refused.content) == (405, "POST", b"")


def test_an_answer_that_the_caller_holds_is_not_sent_again(token: str) -> None:
    grant(make_user(), make_establishment(), platform_code="m-contributions")
    first = ask(token, "habilitations/changes")
    again = ask(token, "habilitations/changes", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    grant(make_user(), make_establishment(), platform_code="m-contributions")
    fresh = ask(token, "habilitations/changes", **{"If-None-Match": first["ETag"]})
    assert fresh.status_code == 200
    assert fresh["ETag"] != first["ETag"]


def test_every_answer_to_a_token_says_how_many_calls_are_left(token: str, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    seconds = 60 - timezone.now().second
    for left in ("1", "0"):
        answer = ask(token, "habilitations/changes")
        assert answer["RateLimit-Limit"] == "2"
        assert answer["RateLimit-Remaining"] == left
        assert answer["RateLimit-Reset"] == str(seconds)
    refused = ask(token, "habilitations/changes")
    assert (refused.status_code, refused["RateLimit-Remaining"]) == (429, "0")
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert "RateLimit-Limit" not in ask("mgp_unknown", "habilitations/changes")
