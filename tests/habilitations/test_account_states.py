"""What each platform is told of an account that changes its state or its identity: one table."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.recovery import address_flows
from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.api import activity_push, people_feed
from accounts.habilitations.platforms.models import Platform
from accounts.leaving import account_departures, account_erasure
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile.account.flows import rectify_identity
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from tests.factories.habilitations import NOW, make_access, make_user
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
STAFF = Actor("staff", "00000000-0000-4000-8000-000000000001")
LATER = NOW + timedelta(days=1)


def _deactivate(user: User) -> None:
    account_departures.deactivate_account(user, actor=STAFF, reason="left", now=NOW)


def _idle(user: User) -> None:
    account_departures.deactivate_idle_accounts([user.pk], actor=STAFF, now=NOW)


def _suspend(user: User) -> None:
    account_departures.suspend_account(user, actor=STAFF, reason="breach", now=NOW)


def _close(user: User) -> None:
    account_departures.close_account(user, actor=Actor.person(user), now=NOW)


def _reactivate(user: User) -> None:
    account_departures.reactivate_account(user, actor=STAFF, now=LATER)


def _late_activity(user: User) -> None:
    before = NOW - timedelta(days=1)
    User.objects.filter(pk=user.pk).update(clock_from=NOW - timedelta(days=9))
    assert account_states.revive_by_activity(user, at=before, actor=STAFF, now=LATER)


def rename(user: User, **said: str) -> None:
    names = {name: getattr(user, name) for name in ("last_name", "first_name", "phone")}
    rectify_identity(user, said=names | said, actor=STAFF, now=NOW)


# acts → the lines of the feed, and what the API says of the account afterwards: `active`, and the
# answer to an activity told then.
TABLE: dict[str, tuple[list[Callable[[User], Any]], list[str], bool | None, int]] = {
    "active": ([], [], True, 200),
    "deactivated by an administrator": ([_deactivate], ["disabled"], False, 409),
    "… and reactivated": ([_deactivate, _reactivate], ["disabled", "enabled"], True, 200),
    "deactivated for inactivity": ([_idle], ["disabled"], False, 409),
    "… and back by a login": (
        [_idle, lambda user: account_states.revive_by_login(user, actor=STAFF, now=LATER)],
        ["disabled", "enabled"],
        True,
        200,
    ),
    "… and back by activity told late": (
        [_idle, _late_activity],
        ["disabled", "enabled"],
        True,
        200,
    ),
    "suspended": ([_suspend], ["disabled"], False, 409),
    "… and lifted": (
        [_suspend, lambda user: account_departures.lift_suspension(user, actor=STAFF, now=LATER)],
        ["disabled", "enabled"],
        True,
        200,
    ),
    "closing": ([_close], ["disabled"], False, 409),
    "… and cancelled": (
        [_close, lambda user: account_departures.cancel_closure(user, actor=STAFF, now=LATER)],
        ["disabled", "enabled"],
        True,
        200,
    ),
    "suspended while deactivated": ([_deactivate, _suspend], ["disabled"], False, 409),
    "deleted": (
        [_close, lambda user: account_erasure.erase_accounts([user.pk], cause="test", now=LATER)],
        ["disabled", "erased"],
        None,
        404,
    ),
}


@pytest.mark.req("R89", "R97", "R100", "D30", "D50")
def test_each_state_of_an_account_is_told_to_the_platforms_that_it_is_open_on() -> None:
    codes = ("m-contributions", "m-campus-of")
    platform, other = (Platform.objects.get(code=code) for code in codes)
    make_access(platform=platform, dashboard="")  # somebody else
    reached = set()
    for state, (acts, lines, active, answer) in TABLE.items():
        with rolled_back():
            user = make_user()
            make_access(user=user, platform=platform, dashboard="")
            before = NOW - timedelta(days=2)
            make_access(user=user, platform=other, dashboard="", ended_at=before)
            pk, subject = user.pk, user.public_id
            for act in acts:
                act(user)
            reached |= set(User.objects.filter(pk=pk).values_list("status", flat=True))
            platform.refresh_from_db()
            told = people_feed.list_changes(platform, since=0, limit=50)["changes"]
            assert [(line["kind"], line["subject"], line["number"]) for line in told] == [
                (kind, subject, number) for number, kind in enumerate(lines, start=1)
            ], state
            # Where the access is over, only the deletion concerns the platform.
            there = people_feed.list_changes(other, since=0, limit=50)["changes"]
            over = [kind for kind in lines if kind == "erased"]
            assert [line["kind"] for line in there] == over, state
            found = people_feed.find_person(platform, subject=subject, email="")
            assert (found and found["active"]) == active, state
            (outcome,) = activity_push.record_pushed_activities(
                platform,
                [activity_push.PushedActivity(at=LATER, subject=subject)],
                now=LATER + timedelta(hours=1),
            )
            assert outcome.status == answer, state
    assert reached == set(Status) - {Status.PENDING}  # who has no password yet has no access


def test_a_refused_act_tells_nothing() -> None:
    user = make_access(platform=Platform.objects.get(code="m-contributions"), dashboard="").user
    for act in (
        _reactivate,
        lambda user: account_departures.lift_suspension(user, actor=STAFF, now=NOW),
    ):
        with pytest.raises(WrongState):
            act(user)
    assert not AccessChange.objects.exists()


def test_a_platform_is_told_of_the_account_while_its_access_is_suspended() -> None:
    """Else « disabled » would be its last word on an account that has its access again."""
    platform = Platform.objects.get(code="m-contributions")
    access: Access = make_access(platform=platform, dashboard="")
    account_departures.suspend_account(access.user, actor=STAFF, reason="other", now=NOW)
    flows.suspend_access(access.pk, reason="Justificatif", actor=STAFF, now=NOW)
    account_departures.lift_suspension(access.user, actor=STAFF, now=NOW)
    flows.restore_access(access.pk, actor=STAFF, now=NOW)
    lines = people_feed.list_changes(platform, since=0, limit=50)["changes"]
    assert [line["kind"] for line in lines] == ["disabled", "ended", "enabled", "granted"]


# released attributes, principal, what changes → what the platform is told
CHANGED: list[tuple[list[str], str, str, dict[str, str] | None]] = [
    ([], "id", "last_name", None),
    (["sn"], "id", "last_name", {"sn": "Nouveau"}),
    (["displayName"], "id", "last_name", {"displayName": "Claude Nouveau"}),
    (["mail", "givenName"], "id", "last_name", None),
    (["telephoneNumber"], "id", "phone", {"telephoneNumber": "+33199000001"}),
    (["mail"], "id", "email", {"mail": "nouvelle@garage.example.org"}),
    ([], "email", "email", {"mail": "nouvelle@garage.example.org"}),
    (["sn"], "id", "email", None),
]


@pytest.mark.req("R124", "D60")
def test_a_changed_identity_is_told_to_the_platforms_that_are_released_it_and_no_other() -> None:
    elsewhere = Platform.objects.get(code="m-campus-of")
    Platform.objects.filter(pk=elsewhere.pk).update(attributes=["sn", "mail", "telephoneNumber"])
    platform = Platform.objects.get(code="m-contributions")
    for released, platform.principal, changed, told in CHANGED:
        with rolled_back():
            platform.attributes = released
            platform.save(update_fields=["attributes", "principal"])
            user = make_access(platform=platform, dashboard="").user
            if changed == "email":
                link = mailed_links.issue_link(
                    user, Purpose.ADDRESS, address="nouvelle@garage.example.org", now=NOW
                )
                address_flows.change_address(link, now=NOW)
            else:
                new = "Nouveau" if changed == "last_name" else "+33199000001"
                rename(user, **{changed: new})
            lines = people_feed.list_changes(platform, since=0, limit=50)["changes"]
            assert [(line["kind"], line["identity"]) for line in lines] == (
                [("identity", told)] if told is not None else []
            ), (released, changed)
            assert people_feed.list_changes(elsewhere, since=0, limit=50)["changes"] == []


def test_what_was_told_is_not_told_again_to_a_platform_that_the_person_has_left() -> None:
    Platform.objects.filter(code="m-contributions").update(attributes=["sn"])
    platform = Platform.objects.get(code="m-contributions")
    access: Access = make_access(platform=platform, dashboard="")
    rename(access.user, last_name="Nouveau")
    flows.end_access(access.pk, actor=STAFF, reason="left", now=NOW)
    first = people_feed.list_changes(platform, since=0, limit=50)["changes"][0]
    assert (first["kind"], first["identity"]) == ("identity", None)
