"""`manage.py lifecycle`, as ops and scripts use it."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.leaving import erasure_list
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine.brakes import holds
from lifecycle.enums import Step
from lifecycle.ledger import entries
from lifecycle.models import Hold, LedgerEntry, LifecycleCase, LifecycleRun
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_user
from tests.lifecycle.people import announced, dead_notice, notified, sleeper
from tests.lifecycle.world import Server, at, log_in, status_of, tick, ticks

pytestmark = pytest.mark.django_db
NOW = at("2026-03-11 10:00")  # a Wednesday


def lifecycle(*args: str) -> tuple[str, str, int]:
    """What it printed, what it said, and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("lifecycle", *args, stdout=out, stderr=err)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), int(end.code or 0)
    except CommandError as trouble:
        return out.getvalue(), str(trouble), trouble.returncode
    return out.getvalue(), err.getvalue(), 0


def rows() -> dict[str, int]:
    tables = (LifecycleCase, LifecycleRun, LedgerEntry, Mail, Hold)
    return {table.__name__: table.objects.count() for table in tables}


@time_machine.travel(NOW, tick=False)
def test_the_plan_is_the_default_masks_people_and_writes_nothing() -> None:
    user = sleeper(email="jeanne.martin@garage-exemple.example.org", first_name="Jeanne")
    before = rows()
    out, err, code = lifecycle()
    assert code == 0
    assert str(user.public_id) in out
    assert "avertir" in out
    assert "inactif depuis 24 mois" in out
    assert "2026-03-27" in out  # the step after
    assert "jeanne.martin" not in out
    assert "Jeanne" not in out
    assert "avertir\u00a0: 1" in err
    assert rows() == before


@time_machine.travel(NOW, tick=False)
def test_the_plan_in_json_and_csv_for_another_day() -> None:
    user = sleeper(email="=cmd@garage-exemple.example.org")
    out, _, _ = lifecycle("plan", "--at", "2026-03-10", "--format", "json")
    assert out == ""
    out, _, _ = lifecycle("plan", "--at", "2026-03-12", "--format", "json", "--unmask")
    assert json.loads(out)["email"] == user.email
    out, _, _ = lifecycle("plan", "--format", "csv", "--unmask")
    header, line = list(csv.reader(io.StringIO(out)))
    assert line[header.index("email")] == f"'{user.email}"  # no formula in a spreadsheet


@time_machine.travel(at("2026-03-14 10:00"), tick=False)  # a Saturday
def test_explain_plan_and_simulate_give_the_same_days() -> None:
    """A mail waits for an office day, and so does what follows it."""
    moment = at("2024-03-13")
    user = sleeper(clock_from=moment, created_at=moment, last_activity_at=moment)
    out, _, _ = lifecycle("simulate", "--to", "2026-05-01", "--format", "json")
    simulated = [
        (line["day"], next(step.value for step in Step if line[step.value]))
        for line in map(json.loads, out.splitlines())
    ]
    assert simulated == [
        ("2026-03-16", "notice"),
        ("2026-04-01", "deactivate"),
        ("2026-04-17", "delete"),
    ]
    out, _, _ = lifecycle("explain", str(user.public_id))
    explained = [line.split(",")[0].strip() for line in out.splitlines() if "si personne" in line]
    assert explained == [f"{day} {Step(step).label}" for day, step in simulated]
    out, _, _ = lifecycle("explain", str(user.public_id), "--format", "json")
    assert [(one["day"], one["step"]) for one in json.loads(out)["then"]] == simulated
    out, _, _ = lifecycle("upcoming", "--days", "60", "--format", "json")
    coming = [json.loads(line) for line in out.splitlines()]
    assert [(one["day"], one["step"]) for one in coming] == simulated
    out, _, _ = lifecycle("plan", "--format", "json")
    line = json.loads(out)
    assert (line["next_day"], line["next_step"]) == simulated[1]
    assert (line["step"], line["due"]) == ("notice", False)
    with time_machine.travel(at("2026-03-13 10:00"), tick=False):
        out, _, _ = lifecycle("explain", str(user.public_id))
    assert "avertir, au plus tôt le lundi 16 mars 2026" in out


@time_machine.travel(NOW, tick=False)
@pytest.mark.req("R85")
def test_run_does_what_the_plan_said_and_a_second_run_nothing() -> None:
    user = sleeper()
    out, _, code = lifecycle("run", "--apply")
    assert (code, status_of(user.pk)) == (0, "queued")
    assert "avertir\u00a0: 1" in out
    before = rows()
    out, _, code = lifecycle("run", "--apply")
    assert (code, rows()) == (0, before)
    assert "Rien à faire" in out


@time_machine.travel(NOW, tick=False)
def test_the_breaker_stops_a_run_and_can_be_overruled(settings: Settings) -> None:
    settings.LIFECYCLE_BREAKER_FLOOR, settings.LIFECYCLE_BREAKER_SHARE = 2, 0.5
    people = [sleeper() for _ in range(3)]
    out, _, code = lifecycle("run", "--apply")
    assert code == 3
    assert "disjoncteur" in out
    assert {status_of(user.pk) for user in people} == {Status.ACTIVE}
    _, _, code = lifecycle("run", "--apply", "--over-breaker")
    assert code == 0
    assert {status_of(user.pk) for user in people} == {"queued"}


@time_machine.travel(NOW, tick=False)
def test_both_kill_switches(settings: Settings) -> None:
    user = sleeper()
    settings.LIFECYCLE_ENABLED = False
    assert lifecycle("run", "--apply")[2] == 3
    settings.LIFECYCLE_ENABLED = True
    assert lifecycle("hold", "--all", "--reason", "outage", "--apply")[2] == 0
    assert lifecycle("run", "--apply")[2] == 3
    assert status_of(user.pk) == Status.ACTIVE
    assert lifecycle("release", "--all", "--apply")[2] == 0
    assert lifecycle("run", "--apply")[2] == 0
    assert status_of(user.pk) == "queued"


def test_nobody_types_the_reason_that_the_portal_lifts_by_itself() -> None:
    assert "invalid choice" in lifecycle("hold", "--all", "--reason", "undeliverable")[1]


@pytest.mark.req("D27")
def test_the_hold_of_an_undeliverable_mail_ends_with_its_case_and_that_of_staff_does_not() -> None:
    kept, user = dead_notice(), dead_notice()
    Hold.objects.filter(user=kept).delete()
    holds.place_hold(
        kept, reason="undeliverable", actor=Actor.staff(make_user()), now=at("2026-03-14")
    )
    Server.mode = "up"
    for person in (kept, user):
        assert log_in(person.pk, at("2026-04-20"))
    tick(at("2026-04-20 13:00"))
    assert Hold.objects.get(released_at=None).user == kept
    tick(at("2026-04-20 14:00"))
    story = [(line.line, line.reason) for line in entries.list_account_entries(user.public_id)]
    assert story[-2:] == [("ended", "activity"), ("released", "undeliverable")]
    tick(at("2028-04-21"))  # the clock runs for him as for everybody
    assert LifecycleCase.objects.get(user=user, closed_at=None).mail is not None
    assert not LifecycleCase.objects.filter(user=kept, closed_at=None).exists()


@time_machine.travel(at("2026-03-20"), tick=False)
@pytest.mark.req("D20")
def test_extend_moves_every_bound_deadline_and_says_so_in_the_ledger() -> None:
    user = notified()
    assert lifecycle("extend", "--days", "0", "--reason", "T-1", "--apply")[2] == 2
    assert lifecycle("extend", "--days", "4", "--reason", "T-1", "--apply")[2] == 0
    assert str(LifecycleCase.objects.get(user=user).notice_last_day) == "2026-03-30"
    line = LedgerEntry.objects.get(line="extended")
    assert (str(line.last_day), line.reason) == ("2026-03-30", "T-1")
    tick(at("2026-03-30 23:59"))
    assert status_of(user.pk) == "notified"


@time_machine.travel(NOW, tick=False)
def test_simulate_counts_each_step_on_its_day() -> None:
    sleeper()
    sleeper(clock_from=at("2024-03-12"))  # ends on Thursday 12 March 2026: Friday
    make_user(Status.PENDING, created_at=at("2026-03-10"), clock_from=at("2026-03-10"))
    out, err, code = lifecycle("simulate", "--to", "2026-05-01", "--format", "csv")
    table = {line["day"]: line for line in csv.DictReader(io.StringIO(out))}
    assert code == 0
    assert table["2026-03-11"]["notice"] == "1"
    assert table["2026-03-13"]["notice"] == "1"
    assert table["2026-03-27"]["deactivate"] == "1"
    assert table["2026-03-30"]["deactivate"] == "1"  # the 29th is a Sunday
    assert table["2026-04-12"]["delete"] == "1"
    assert table["2026-04-10"]["purge"] == "1"
    assert "supprimer\u00a0: 2" in err


@pytest.mark.req("D29")
def test_explain_tells_the_story_even_when_the_account_is_gone() -> None:
    user = notified(email="jeanne.martin@garage-exemple.example.org")
    with time_machine.travel(at("2026-03-12"), tick=False):
        out, _, code = lifecycle("explain", user.email)
    assert code == 0
    assert "au plus tôt le vendredi 27 mars 2026" in out
    assert "dernier jour 2026-03-26" in out
    assert "jeanne" not in out
    ticks("2026-03-27", "2026-03-28", "2026-04-12")
    out, _, code = lifecycle("explain", str(user.public_id))
    assert code == 0
    assert "Ce compte n’existe plus" in out
    assert "compte supprimé" in out
    assert lifecycle("explain", "personne@garage-exemple.example.org")[2] == 1


@pytest.mark.req("D62")
def test_reconcile_erases_again_whom_a_backup_brought_back(
    settings: Settings,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.ERASURE_LIST = tmp_path / "erasures.jsonl"
    user, kept = announced(), announced()
    User.objects.filter(pk=kept.pk).update(status=Status.ACTIVE, clock_from=at("2026-04-01"))
    public_id = user.public_id
    fields: dict[str, Any] = {"email": user.email, "public_id": public_id}
    with django_capture_on_commit_callbacks(execute=True):
        tick(at("2026-04-12"))
    assert set(erasure_list.read_erased()) == {public_id}
    assert str(public_id) in settings.ERASURE_LIST.read_text()
    make_user(**fields)  # the backup of the day before
    out, _, code = lifecycle("reconcile")
    assert (code, User.objects.filter(public_id=public_id).count()) == (0, 1)
    out, _, code = lifecycle("reconcile", "--apply")
    assert code == 0
    assert out.endswith("1\u00a0compte effacé à nouveau.\n")
    assert set(User.objects.values_list("pk", flat=True)) == {kept.pk}
    assert lifecycle("reconcile", "--apply", "--accept-list")[0].endswith(
        "0\u00a0compte effacé à nouveau.\n"
    )


def test_an_erasure_of_which_nothing_more_is_known_is_shown_not_done(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ERASURE_LIST = tmp_path / "erasures.jsonl"
    user = sleeper()
    erasure_list.write_erasures(erasure_list.MEANT, [user.public_id], NOW)
    out, _, code = lifecycle("reconcile", "--apply")
    assert code == 4
    assert str(user.public_id) in out
    assert User.objects.filter(pk=user.pk).exists()
    erasure_list.settle_undecided(NOW + timedelta(days=2))
    assert erasure_list.read_undecided() == {}
    assert erasure_list.read_erased() == {}
