"""No notice leaves while a platform that should push its activity is silent (D53)."""

from datetime import datetime, timedelta

import pytest

from accounts.habilitations.accesses.activity import note_platform_entry
from accounts.habilitations.api import activity_push, tokens
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from lifecycle.rules.silent_platforms import find_silent_platforms
from mgestion.journal.actors import Actor
from tests.factories.habilitations import make_access, make_user
from tests.lifecycle.people import announced, sleeper
from tests.lifecycle.world import at, status_of, sweep, tick

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.req("D53"),
    pytest.mark.both,
]
ACTOR = Actor.system("test")
MADE = at("2026-02-20")


@pytest.fixture
def platform() -> Platform:
    Platform.objects.filter(code="m-contributions").update(api_enabled=True)
    return Platform.objects.get(code="m-contributions")


def silent_platforms(now: datetime) -> list[str]:
    return find_silent_platforms(now).names


def give_token(platform: Platform, now: datetime = MADE, *scopes: str, days: int = 300) -> ApiToken:
    return tokens.create_token(
        platform,
        label="Tests",
        scopes=scopes or [Scope.ACTIVITY],
        expires_at=now + timedelta(days=days),
        actor=ACTOR,
        now=now,
    )[0]


def visitor(platform: Platform) -> User:
    return make_access(platform=platform, user=make_user()).user


def push(platform: Platform, now: datetime, *people: User) -> None:
    """A call of the platform, which reads its own row anew, as each request does."""
    items = [activity_push.PushedActivity(at=now, subject=user.public_id) for user in people]
    activity_push.record_pushed_activities(Platform.objects.get(pk=platform.pk), items, now=now)


def test_no_notice_leaves_while_a_platform_that_pushes_is_silent(platform: Platform) -> None:
    give_token(platform)
    user = sleeper()
    someone = visitor(platform)
    push(platform, at("2026-03-01"), someone)
    run = sweep(at("2026-03-11"))
    assert status_of(user.pk) == "active"
    assert run is not None
    assert platform.name in run.text
    push(platform, at("2026-03-11 12:30"), someone)
    sweep(at("2026-03-11 13:00"))
    assert status_of(user.pk) == "active"  # its first call may not tell everything
    sweep(at("2026-03-12 12:30"))
    assert status_of(user.pk) == "queued"


def test_a_push_is_heard_for_seven_days_and_an_entry_through_cas_is_none(
    platform: Platform,
) -> None:
    give_token(platform)
    someone = visitor(platform)
    push(platform, at("2026-03-01 12:00"), someone)
    note_platform_entry(someone, platform, noted_today=False, now=at("2026-03-07"))
    assert silent_platforms(at("2026-03-08 11:59")) == []
    assert silent_platforms(at("2026-03-08 12:00")) == [platform.name]


def test_a_platform_that_never_pushed_has_seven_days_from_its_token(platform: Platform) -> None:
    give_token(platform, at("2026-03-01"))
    give_token(platform, at("2026-03-06"))  # a second one gives no more time
    assert silent_platforms(at("2026-03-08 11:59")) == []
    assert silent_platforms(at("2026-03-08 12:00")) == [platform.name]


@pytest.mark.parametrize("spoil", ["scope", "closed", "revoked"])
def test_who_is_not_to_push_is_not_silent(platform: Platform, spoil: str) -> None:
    token = give_token(platform, MADE, *([Scope.SEARCH] if spoil == "scope" else []))
    if spoil == "closed":
        Platform.objects.filter(pk=platform.pk).update(enabled=False)
    if spoil == "revoked":
        tokens.revoke_token(token.pk, actor=ACTOR, now=at("2026-02-21"))
    assert silent_platforms(at("2026-03-11")) == []


def test_a_token_that_ends_unnoticed_does_not_end_the_waiting(platform: Platform) -> None:
    token = give_token(platform, days=10)
    push(platform, at("2026-03-01"), visitor(platform))
    now = at("2026-03-11")
    assert token.expires_at < now
    assert silent_platforms(now) == [platform.name]


def test_revoking_the_latest_token_says_that_a_platform_pushes_no_more(platform: Platform) -> None:
    give_token(platform, days=10)  # replaced in time, and never revoked
    latest = give_token(platform, at("2026-02-25"))
    now = at("2026-03-11")
    assert silent_platforms(now) == [platform.name]
    tokens.revoke_token(latest.pk, actor=ACTOR, now=now)
    assert silent_platforms(now) == []


def test_a_call_that_names_nobody_known_brings_no_facts(platform: Platform) -> None:
    push(platform, at("2026-03-01"), make_user())  # no access there
    platform.refresh_from_db()
    assert platform.activity_pushed_at is None


def test_the_moment_of_a_push_moves_forward_at_most_once_a_minute(platform: Platform) -> None:
    someone, first = visitor(platform), at("2026-03-01 12:00")

    def heard(now: datetime) -> datetime | None:
        push(platform, now, someone)
        platform.refresh_from_db()
        return platform.activity_pushed_at

    assert heard(first) == first
    assert heard(first + timedelta(seconds=59)) == first
    assert heard(first - timedelta(days=1)) == first
    later = first + timedelta(seconds=60)
    assert heard(later) == later


@pytest.mark.req("D53", "L2", "L6")
@pytest.mark.parametrize(
    ("told", "status"),
    [("2024-03-10 23:59", "deactivated_inactive"), ("2024-03-11 00:00", "active")],
)
def test_activity_of_the_anchors_own_day_undoes_no_deactivation(
    platform: Platform, told: str, status: str
) -> None:
    """The 24 months end on the same day. Brought back, the account would be due for a notice that
    its period has had already, and never leave again.
    """
    user = announced(clock_from=at("2024-03-10 09:00"))
    make_access(platform=platform, user=user)
    activity = activity_push.PushedActivity(at=at(told), subject=user.public_id)
    (outcome,) = activity_push.record_pushed_activities(platform, [activity], now=at("2026-03-30"))
    assert outcome.status == (200 if status == "active" else 409)
    assert status_of(user.pk) == status
    if status == "active":  # a day later is another period, which has its own notice
        tick(at("2026-03-30 13:00"))
        assert status_of(user.pk) == "queued"
    else:
        tick(at("2026-04-12"))
        assert status_of(user.pk) == "deleted"


def test_as_many_statements_for_one_platform_as_for_all(
    platform: Platform, django_assert_num_queries: object
) -> None:
    for one in Platform.objects.all():
        give_token(one)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(silent_platforms(at("2026-03-11"))) > 1


@pytest.mark.req("D53", "D72")
def test_a_platform_heard_again_has_a_day_to_tell_the_rest(platform: Platform) -> None:
    """Its first call brings what one person did; meanwhile a login still finds the way back."""
    give_token(platform)
    someone = visitor(platform)
    push(platform, at("2026-03-01"), someone)
    push(platform, at("2026-03-20 12:00"), someone)
    push(platform, at("2026-03-21 11:00"), someone)  # gives no more time
    assert silent_platforms(at("2026-03-21 11:59")) == [platform.name]
    assert silent_platforms(at("2026-03-21 12:00")) == []


@pytest.mark.req("D72")
def test_a_deactivated_account_is_not_deleted_at_the_first_call(platform: Platform) -> None:
    give_token(platform)
    user, someone = announced(), visitor(platform)
    make_access(platform=platform, user=user)
    push(platform, at("2026-03-20"), someone)
    tick(at("2026-05-01"))
    assert status_of(user.pk) == "deactivated_inactive"
    push(platform, at("2026-05-01 12:05"), someone)
    tick(at("2026-05-01 12:07"))
    activity = activity_push.PushedActivity(at=at("2026-03-14"), subject=user.public_id)
    (outcome,) = activity_push.record_pushed_activities(
        Platform.objects.get(pk=platform.pk), [activity], now=at("2026-05-01 12:20")
    )
    assert outcome.code == "revived"
