"""A week of traffic, then the time that everything is kept: what grows has an end."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from pytest_django import Settings

from registrations.requests.document_models import Upload
from tests.cas.platform_server import platform_server
from tests.effort import examples
from tests.growth import bounds
from tests.growth.bounds import TABLES, Edited, Expired, OneFor, Purged
from tests.growth.test_bounds import get_period
from tests.growth.week import MONDAY, SECRET, Portal, count_rows, pass_time

pytestmark = [
    pytest.mark.usefixtures("reference", "terms"),
    pytest.mark.django_db(transaction=True),
]
DAYS = examples(2, 7)
STEP = timedelta(days=examples(365, 15))
# After the last account has left, what tells of it is kept on.
LONGEST = bounds.ACCOUNT_LIFE + timedelta(days=1095) + 4 * STEP
# Tables that nothing of these days writes: their purges and erasures have tests of their own.
QUIET = {
    *("account.emailaddress", "account.emailconfirmation", "mfa.authenticator"),
    *("accounts.allowedaddress", "accounts.blockedperson", "entry.setasidefactor"),
    *("accounts.user_groups", "accounts.user_user_permissions", "auth.group"),
    *("auth.group_permissions", "admin.logentry", "habilitations.staffmember_dgas"),
    *("cas.grantingticket", "cas.logoutlane", "legal.termsnotice", "legal.termswithdrawal"),
    *("lifecycle.hold", "lifecycle.reminder", "lifecycle.review", "lifecycle.staffproposal"),
    *("outbox.mailtext", "registrations.companycheck", "registrations.directorycircuit"),
    "registrations.reviewanswer",
}
# Rows that stay by their line: agents with their views, the latest review of an establishment.
STAYS = {"accounts.user", "registrations.accessreview", "registrations.savedview"}
LOCKED = {"entry.failurecounter"}  # for a year, though nobody's
# What is left when nobody comes: what jobs write of themselves, and to agents.
OF_JOBS = {
    "jobs.jobrun",
    "journal.entry",
    "journal.detail",
    "outbox.mail",
    "lifecycle.lifecyclerun",
}


@pytest.fixture
def data(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    for each in (folder, tmp_path / "tmp"):
        each.mkdir()
    settings.DATA_DIR = folder
    settings.ERASURE_LIST = folder / "erasures.jsonl"
    settings.BOUNCE_WEBHOOK_SECRET = SECRET
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return folder


@pytest.fixture
def portal() -> Iterator[Portal]:
    with (
        platform_server() as server,
        time_machine.travel(MONDAY, tick=False) as clock,
    ):
        found = Portal(clock, server)
        found.open()
        yield found


def list_overdue(now: datetime, late: timedelta) -> dict[str, int]:
    """Rows that a purge should have taken `late` before `now`: table → how many."""
    found = {}
    for label, bound in TABLES.items():
        if isinstance(bound, Purged):
            kept = timedelta(0) if isinstance(bound, Expired) else get_period(bound.setting)
            old = {f"{bound.column}__lt": now - kept - late}
            if count := apps.get_model(label)._default_manager.filter(**old).count():
                found[label] = count
    return found


def list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_week_of_traffic_leaves_nothing_that_grows(portal: Portal, data: Path) -> None:
    """Two days of it in the gate, seven in `make week`. What is left once nobody comes any more is
    the agents, what the jobs write about themselves, and one row for each thing.
    """
    monday = count_rows()
    for number in range(DAYS):
        portal.live_day(number)
        assert list_overdue(portal.now, late=timedelta(days=1)) == {}
    assert len(list_files(data / "documents")) == Upload.objects.count() > 0
    assert list_files(Path(tempfile.gettempdir())) == []

    for now in pass_time(portal.clock, MONDAY + LONGEST, STEP):
        assert set(list_overdue(now, late=2 * STEP)) <= STAYS | LOCKED
        portal.note_tables()
    assert set(list_overdue(portal.now, late=2 * STEP)) <= STAYS
    assert set(TABLES) - portal.seen <= QUIET
    assert list_files(data / "documents") == list_files(Path(tempfile.gettempdir())) == []
    end = count_rows()
    assert {label for label in TABLES if end[label] > monday[label]} <= OF_JOBS | STAYS | {
        label for label, bound in TABLES.items() if isinstance(bound, OneFor)
    }
    assert {label for label, bound in TABLES.items() if isinstance(bound, Edited)} <= {
        label for label in TABLES if end[label] == monday[label]
    }
