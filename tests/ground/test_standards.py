"""Lines of the standards that belong to no single room: what is asked first, who reads which log,
what is never spelled out.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import models
from django.test import Client

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.staff.permissions import PERMISSIONS
from lifecycle.models import LedgerEntry
from mgestion.journal.models import Entry
from tests.factories.people import log_in, person

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ("accounts", "lifecycle", "mgestion", "registrations", "templates", "static")
SPELLED_OUT = re.compile(r"directions?\s+g[ée]n[ée]rales?\s+(?:adj|des|de\s+l)", re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.req("S9", "R18")
def test_sign_up_asks_for_the_address_and_nothing_else(client: Client) -> None:
    text = client.get("/inscription/").content.decode()
    form = re.search(r'<form[^>]*action="/inscription/".*?</form>', text, re.DOTALL) or re.search(
        r"<main.*</main>", text, re.DOTALL
    )
    assert form is not None
    fields = set(re.findall(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"', form[0]))
    assert {"email", "email2"} <= fields
    assert fields <= {"email", "email2", "csrfmiddlewaretoken", "service", "next"}


@pytest.mark.django_db
@pytest.mark.req("S5", "S16")
def test_a_password_of_many_years_still_opens_and_nobody_is_made_to_change_it(
    client: Client,
) -> None:
    person(created_at=datetime(2016, 1, 4, tzinfo=UTC))
    answer = log_in(client)
    assert answer.status_code == 303
    assert "mot-de-passe" not in answer["Location"]


def _leads_to_people(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.get_fields() if field.is_relation]


@pytest.mark.req("S28")
def test_what_is_archived_is_a_table_apart_that_fewer_people_read() -> None:
    """The ledger outlives accounts: it joins none of the live tables, and a délégation's agent,
    who reads requests all day, has no way to it.
    """
    assert _leads_to_people(LedgerEntry) == []
    readers = {role for role, may in PERMISSIONS.items() if "lifecycle.view_ledgerentry" in may}
    assert StaffRole.REVIEWER not in readers
    assert StaffRole.AUDITOR in readers


@pytest.mark.req("S31")
def test_the_journal_serves_those_who_watch_and_not_the_desk() -> None:
    readers = {role for role, may in PERMISSIONS.items() if "journal.view_entry" in may}
    assert StaffRole.REVIEWER not in readers
    writers = {
        role
        for role, may in PERMISSIONS.items()
        if may & {"journal.add_entry", "journal.change_entry", "journal.delete_entry"}
    }
    assert writers == set()
    # No column that could hold what somebody typed: codes, opaque ids and moments.
    free = {f.name for f in Entry._meta.local_fields if isinstance(f, models.TextField)}
    assert free == set()


@pytest.mark.req("D7")
def test_dga_stays_three_letters_wherever_people_read() -> None:
    found = [
        str(path.relative_to(ROOT))
        for room in SHOWN
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in {".py", ".html", ".txt", ".js", ".json"} and path.name != "dga.json"
        if SPELLED_OUT.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
