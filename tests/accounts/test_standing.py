"""Who may log in, by status; and the verbs that change it."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.leaving import account_departures
from accounts.leaving.block_list import hash_address_forms, is_blocked
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import AllowedAddress, BlockedPerson, User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Detail, Entry
from mgestion.text.dates import start_of_paris_day
from tests.factories.people import NOW, pending, person

pytestmark = pytest.mark.both

ROBOT = Actor.system("test")


def gate(status: str, revivable_until: datetime | None = None) -> account_states.SignInCheck:
    return account_states.check_sign_in(
        SimpleNamespace(status=status, revivable_until=revivable_until), NOW
    )


@pytest.mark.req("D21", "D42", "R19")
def test_every_status_has_an_answer() -> None:
    assert set(account_states.TRANSITIONS) == set(Status)
    allowed = {status: gate(status).allowed for status in Status}
    assert [status for status, yes in allowed.items() if yes] == [
        Status.ACTIVE,
        Status.DEACTIVATED_INACTIVE,
    ]
    assert gate(Status.PENDING).message == ""
    for status in (Status.SUSPENDED, Status.DEACTIVATED_BY_ADMIN, Status.CLOSING):
        assert gate(status).message


@pytest.mark.req("D21")
def test_the_delay_to_revive_is_decided_at_the_login() -> None:
    second = timedelta(seconds=1)
    assert gate(Status.DEACTIVATED_INACTIVE, NOW + second).revives
    assert not gate(Status.DEACTIVATED_INACTIVE, NOW).allowed
    assert not gate(Status.DEACTIVATED_INACTIVE, NOW - second).allowed


@pytest.mark.django_db
def test_an_account_is_activated_once() -> None:
    user = pending()
    account_states.activate_account(user, password_hash="x", actor=ROBOT, now=NOW)
    assert (user.status, user.status_since) == (Status.ACTIVE, NOW)
    with pytest.raises(WrongState):
        account_states.activate_account(user, password_hash="y", actor=ROBOT, now=NOW)
    assert Entry.objects.get().act == "account.activated"


@pytest.mark.django_db
def test_only_an_inactive_account_revives() -> None:
    user = person()
    for status in set(Status) - {Status.DEACTIVATED_INACTIVE}:
        User.objects.update(status=status)
        user.refresh_from_db()
        with pytest.raises(WrongState):
            account_states.revive_by_login(user, actor=ROBOT, now=NOW)
        user.refresh_from_db()
        assert user.status == status


@pytest.mark.req("D22", "D34", "D52")
@pytest.mark.django_db
def test_activity_moves_forward_once_per_paris_day() -> None:
    user = person()
    evening = start_of_paris_day(NOW.date()) + timedelta(hours=23, minutes=59)
    assert account_states.note_activity(user.pk, now=NOW)
    assert not account_states.note_activity(user.pk, now=evening)
    assert account_states.note_activity(user.pk, now=evening + timedelta(minutes=1))
    assert not account_states.note_activity(user.pk, now=NOW)
    user.refresh_from_db()
    assert user.last_activity_at == user.clock_from == evening + timedelta(minutes=1)


@pytest.mark.req("D52")
@pytest.mark.django_db
def test_the_clock_never_runs_backwards_and_ignores_closed_accounts() -> None:
    later = NOW + timedelta(days=2)
    user = person(clock_from=later)
    account_states.note_activity(user.pk, now=NOW)
    user.refresh_from_db()
    assert (user.last_activity_at, user.clock_from) == (NOW, later)
    User.objects.update(status=Status.SUSPENDED)
    assert not account_states.note_activity(user.pk, now=later)


@pytest.mark.req("D29", "D30")
@pytest.mark.django_db
def test_the_block_list_holds_keyed_hashes_and_survives_a_rotation(settings: object) -> None:
    BlockedPerson.objects.create(
        digest=hash_address_forms("X@garage.example.org")[0], reason="x", blocked_at=NOW
    )
    settings.HASH_KEYS = ["another", *settings.HASH_KEYS]  # type: ignore[attr-defined]
    assert is_blocked("x@Garage.example.org")
    settings.HASH_KEYS = ["another"]  # type: ignore[attr-defined]
    assert not is_blocked("x@garage.example.org")


@pytest.mark.req("D13", "D15")
@pytest.mark.django_db
def test_the_allow_list_is_edited_in_the_admin_and_journaled(admin_client: object) -> None:
    page = reverse("admin:accounts_allowedaddress_add")
    admin_client.post(page, {"pattern": "Contact@Garage.example.org", "reason": "seul"})  # type: ignore[attr-defined]
    row = AllowedAddress.objects.get()
    assert row.pattern == "contact@garage.example.org"
    assert row.added_by == User.objects.get().public_id
    entry = Entry.objects.get(act="allowed_address.added")
    assert Detail.objects.get(entry=entry).data == {"pattern": row.pattern}
    assert not LogEntry.objects.exists()  # no second place that names the address
    again = AllowedAddress(pattern=" CONTACT@Garage.example.org", reason="bis", added_at=NOW)
    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    assert "pattern" in refused.value.message_dict


@pytest.mark.req("S19")
@pytest.mark.django_db
def test_staff_find_people_and_can_change_nothing(admin_client: object) -> None:
    user = person(last_name="Martin")
    listing = reverse("admin:accounts_user_changelist")
    for term in ("JEANNE.mar", "mart"):
        assert user.email in admin_client.get(listing, {"q": term}).text  # type: ignore[attr-defined]
    page = reverse("admin:accounts_user_change", args=[user.pk])
    text = admin_client.get(page).text  # type: ignore[attr-defined]
    assert str(user.public_id) in text
    assert user.password not in text
    assert admin_client.post(page, {"email": "x@example.org"}).status_code == 403  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.req("D52", "L5")
@pytest.mark.parametrize("way", ["login", "agent", "lift"])
def test_a_clock_that_goes_back_moves_no_date_back(way: str) -> None:
    """Our machine was a day ahead, and has been put right."""
    ahead = NOW + timedelta(days=1)
    status = Status.SUSPENDED if way == "lift" else Status.DEACTIVATED_INACTIVE
    user = person(status=status, clock_from=ahead, last_activity_at=ahead)
    if way == "login":
        account_states.revive_by_login(user, actor=Actor.person(user), now=NOW)
    elif way == "agent":
        account_departures.reactivate_account(user, actor=ROBOT, now=NOW)
    else:
        account_departures.lift_suspension(user, actor=ROBOT, now=NOW)
    assert (user.status, user.clock_from, user.last_activity_at) == (Status.ACTIVE, ahead, ahead)


@pytest.mark.django_db
def test_a_first_login_that_revives_is_the_first_activity() -> None:
    user = person(status=Status.DEACTIVATED_INACTIVE, last_activity_at=None)
    account_states.revive_by_login(user, actor=Actor.person(user), now=NOW)
    assert user.last_activity_at == NOW
