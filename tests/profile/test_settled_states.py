"""Requests that older code closed over their answer or their refusal say again which it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.apps import apps

from accounts.profile.acts import ProfileAct
from accounts.profile.models import RightsRequest
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
tell_truth = import_module("accounts.profile.migrations.0003_settled_states").tell_truth


def closed(*acts: str, settled: bool = True) -> RightsRequest:
    row = RightsRequest.objects.create(
        right="access",
        channel="post",
        received_on=date(2026, 1, 5),
        due_on=date(2026, 2, 5),
        state="closed",
        settled_at=NOW if settled else None,
        closed_at=NOW,
        created_at=NOW,
    )
    for act in acts:
        actor = Actor.system("tests")
        write_journal_entry(
            ProfileAct(act), actor=actor, object_type="rights", object_id=str(row.pk), now=NOW
        )
    return row


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        (("rights.received", "rights.refused", "rights.closed"), "refused"),
        (("rights.received", "rights.answered", "rights.closed"), "answered"),
        (("rights.closed",), "closed"),  # the journal of then is purged: nothing is guessed
    ],
)
def test_the_journal_says_which_end_it_was(acts: tuple[str, ...], state: str) -> None:
    row = closed(*acts)
    tell_truth(apps, None)
    row.refresh_from_db()
    assert row.state == state
    assert (row.closed_at is None) == (state != "closed")


def test_one_that_was_closed_without_an_answer_stays_closed() -> None:
    row = closed("rights.closed", settled=False)
    tell_truth(apps, None)
    row.refresh_from_db()
    assert row.state == "closed"
