"""What is typed at the door is not kept for good (R120)."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from accounts.acts import AccountAct
from accounts.entry.limits import rate_limits
from accounts.entry.models import (
    EntryLink,
    FailureCounter,
    PostedRequest,
    RateCounter,
    SessionRecord,
)
from accounts.entry.upkeep.purge import purge_entry_rows
from accounts.people.models import AllowedAddress, User
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.journal.models import Detail
from tests.factories.people import NOW, person

pytestmark = [pytest.mark.django_db, pytest.mark.both]
ADDRESS = "jamais.inscrit@garage.example.org"


def fill(at: datetime, *, settled: bool = True, tag: str = "") -> None:
    """A row of each kind, of the moment `at`."""
    done = at if settled else None
    for kind in PostedRequest.Kind:
        PostedRequest.objects.create(kind=kind, email_key=ADDRESS, created_at=at, settled_at=done)
    key = rate_limits.get_counter_key(ADDRESS, f"device{tag}")
    FailureCounter.objects.create(key=key, failures=3, last_failure_at=at)
    RateCounter.objects.create(key="login:192.0.2.0", window=at, count=1)


def counts() -> list[int]:
    return [model.objects.count() for model in (PostedRequest, FailureCounter, RateCounter)]


@pytest.mark.req("R120", "D40")
def test_an_address_that_never_became_an_account_is_forgotten_after_30_days() -> None:
    limit = settings.RETENTION["pending_accounts"]
    fill(NOW - limit - timedelta(seconds=1), tag="1")
    fill(NOW - limit + timedelta(seconds=1), tag="2")
    assert counts() == [8, 2, 2]
    assert sum(purge_entry_rows(NOW).values()) == 6
    assert counts() == [4, 1, 1]
    assert sum(purge_entry_rows(NOW).values()) == 0


def test_a_post_that_nobody_has_settled_waits_however_old() -> None:
    fill(NOW - timedelta(days=400), settled=False)
    purge_entry_rows(NOW)
    assert counts() == [4, 0, 0]


@pytest.mark.req("D57")
def test_a_locked_counter_stays_locked_as_long_as_somebody_may_open_it() -> None:
    """Of an account: until a mail opens it. Of an address that is nobody's: a year."""
    user = person("Léa.Martin@Garage.example.org")
    for address, days in ((user.email, 400), (ADDRESS, 400), ("autre@garage.example.org", 300)):
        FailureCounter.objects.create(
            key=rate_limits.get_counter_key(address, ""),
            failures=settings.LOGIN_MAX_FAILURES,
            last_failure_at=NOW - timedelta(days=days),
        )
    done = purge_entry_rows(NOW)
    assert (done["failures"], done["locked"]) == (0, 1)
    gone = rate_limits.get_counter_key(ADDRESS, "")
    assert FailureCounter.objects.count() == 2
    assert not FailureCounter.objects.filter(pk=gone).exists()


@pytest.mark.req("S29", "R120")
def test_devices_and_networks_of_past_sessions_are_kept_as_long_as_the_journal(user: User) -> None:
    limit = settings.RETENTION["journal"]
    for seconds in (-1, 1):
        at = NOW - limit + timedelta(seconds=seconds)
        SessionRecord.objects.create(
            user=user, session_key=f"k{seconds}", epoch=0, started_at=at, seen_at=at
        )
        EntryLink.objects.create(user=user, purpose="reset", created_at=at, expires_at=at)
        Session.objects.create(
            session_key=f"s{seconds}",
            session_data="",
            expire_date=NOW + timedelta(seconds=seconds),
        )
    done = purge_entry_rows(NOW)
    assert (done["records"], done["links"], done["sessions"]) == (1, 1, 1)
    assert SessionRecord.objects.count() == EntryLink.objects.count() == 1
    assert list(Session.objects.values_list("session_key", flat=True)) == ["s1"]


@pytest.mark.req("R120", "D13")
def test_an_address_let_through_that_nobody_used_is_forgotten_after_a_year() -> None:
    limit = settings.RETENTION["allowed_addresses"]
    user = person("contact@compte.example.org")
    old, young = NOW - limit - timedelta(seconds=1), NOW - limit + timedelta(seconds=1)
    for pattern, added_at in (
        (ADDRESS, old),
        (user.email_key, old),
        ("@garage.example.org", old),
        ("contact@jeune.example.org", young),
    ):
        AllowedAddress.objects.create(pattern=pattern, reason="seule", added_at=added_at)
        write_journal_entry(
            AccountAct.ALLOWED_ADDRESS_ADDED,
            actor=Actor.system("test"),
            object_type="allowed_address",
            detail={"pattern": pattern},
            now=NOW,
        )
    assert purge_entry_rows(NOW)["allowed"] == 1
    left = sorted(AllowedAddress.objects.values_list("pattern", flat=True))
    assert left == sorted(["@garage.example.org", user.email_key, "contact@jeune.example.org"])
    assert ADDRESS not in [detail.data["pattern"] for detail in Detail.objects.all()]
    assert Detail.objects.count() == 3
    assert purge_entry_rows(NOW)["allowed"] == 0
