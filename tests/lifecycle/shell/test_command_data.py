"""The command for scripts: nothing without --apply, codes and keys that stay, who typed it."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from accounts.leaving import account_departures, erasure_list
from accounts.people.models import User
from lifecycle.enums import Step, StepReason
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.journal.words import get_author_label
from tests.factories.habilitations import make_user
from tests.lifecycle.people import announced, notified, sleeper
from tests.lifecycle.shell.test_command import NOW, lifecycle, rows
from tests.lifecycle.world import at, status_of, tick

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@time_machine.travel(at("2026-03-20"), tick=False)
def test_nothing_is_written_without_apply() -> None:
    who = str(notified().public_id)
    before = rows()
    for words in (
        ("hold", "--all"),
        ("hold", who, "--reason", "legal"),
        ("extend", "--days", "3", "--reason", "T-1"),
        ("run",),
    ):
        _, said, code = lifecycle(*words)
        assert (code, rows()) == (0, before), words
        assert "--apply" in said, words


@time_machine.travel(at("2026-03-20"), tick=False)
def test_release_shows_what_it_would_do_first() -> None:
    user = notified()
    assert lifecycle("release", str(user.public_id))[2] == 1  # nothing to release
    assert lifecycle("hold", str(user.public_id), "--apply")[2] == 0
    assert lifecycle("hold", str(user.public_id))[2] == 1  # held already
    out, said, code = lifecycle("release", str(user.public_id))
    assert code == 0 and "1\u00a0échéance" in out and "--apply" in said
    assert Hold.objects.get().released_at is None


@time_machine.travel(at("2026-03-20"), tick=False)
def test_who_typed_it_is_in_the_journal_and_in_the_ledger() -> None:
    user = notified()
    words = ("extend", "--days", "3", "--reason", "T-1", "--apply", "--by", "j.essai")
    assert lifecycle(*words)[2] == 0
    assert Entry.objects.get(act="lifecycle.extended").actor == "command:j.essai"
    assert LedgerEntry.objects.get(line="extended").actor == "command:j.essai"
    assert get_author_label("command:j.essai") == "commande d’exploitation (j.essai)"
    assert lifecycle("hold", str(user.public_id), "--apply", "--by", "j.essai")[2] == 0
    assert Entry.objects.get(act="lifecycle.held").actor == "command:j.essai"
    assert "lettres" in lifecycle("hold", "--all", "--by", "deux mots")[1]


@time_machine.travel(at("2026-03-20"), tick=False)
def test_the_same_reason_gives_its_days_once() -> None:
    user = notified()
    words = ("extend", "--days", "4", "--reason", "T-1", "--apply")
    assert lifecycle(*words)[2] == 0
    _, said, code = lifecycle(*words)
    assert code == 1 and "4\u00a0jours" in said and "--again" in said
    assert str(LifecycleCase.objects.get(user=user).notice_last_day) == "2026-03-30"
    assert lifecycle(*words, "--again")[2] == 0
    assert str(LifecycleCase.objects.get(user=user).notice_last_day) == "2026-04-03"


@time_machine.travel(NOW, tick=False)
def test_every_verb_speaks_json_with_codes_and_an_as_of(settings: Settings, tmp_path: Path) -> None:
    settings.ERASURE_LIST = tmp_path / "erasures.jsonl"
    erasure_list.write_erasures(erasure_list.DONE, [make_user().public_id], NOW)
    user = sleeper()
    who = str(user.public_id)
    for words in (
        ("plan",),
        ("upcoming",),
        ("simulate", "--to", "2026-04-30"),
        ("explain", who),
        ("extend", "--days", "1", "--reason", "T-1"),
        ("hold", who),
        ("hold", who, "--apply"),
        ("release", who),
        ("release", who, "--apply"),
        ("reconcile",),
        ("run", "--apply"),
        ("run", "--apply"),
    ):
        out, _, code = lifecycle(*words, "--format", "json")
        assert code == 0, words
        for line in out.splitlines():
            data = json.loads(line)
            assert data["as_of"] == NOW.isoformat(timespec="seconds"), words
            assert all(key.isascii() and key == key.lower() for key in data), words
            assert data.get("step") in (None, *Step.values)
            assert data.get("reason") in (None, "staff", "T-1", *StepReason.values)


@time_machine.travel(NOW, tick=False)
def test_one_answer_in_csv_is_a_line_for_each_key() -> None:
    user = sleeper()
    out, _, code = lifecycle("explain", str(user.public_id), "--format", "csv")
    found = dict(csv.reader(io.StringIO(out)))
    assert (code, found["key"], found["status"]) == (0, "value", "active")
    assert json.loads(found["next"])["step"] == "notice"


@time_machine.travel(NOW, tick=False)
def test_a_plan_of_a_later_day_says_what_it_supposes() -> None:
    sleeper()
    assert "aucune exécution" in lifecycle("plan", "--at", "2026-05-01")[1]
    assert "n’est pas une date" in lifecycle("plan", "--at", "hier")[1]


@time_machine.travel(at("2026-07-01"), tick=False)
def test_the_story_of_a_closure_is_told_in_paris_and_in_its_own_words() -> None:
    user = make_user()
    account_departures.close_account(user, actor=Actor.person(user), now=at("2026-07-01 00:30"))
    tick(at("2026-07-01 00:40"))
    out, _, _ = lifecycle("explain", str(user.public_id))
    assert "2026-07-01 00:40 compte fermé à la demande de la personne" in out
    assert "UTC" not in out


@time_machine.travel(NOW, tick=False)
def test_upcoming_says_who_and_leaves_out_whom_something_keeps() -> None:
    first, held = sleeper(), sleeper()
    lifecycle("hold", str(held.public_id), "--apply")
    out, said, _ = lifecycle("upcoming", "--days", "30", "--format", "json")
    assert {json.loads(line)["account"] for line in out.splitlines()} == {str(first.public_id)}
    assert "2\u00a0étapes" in said  # the notice, and the deactivation on day 17
    assert lifecycle("upcoming", "--days", "0")[2] == 2


# --- the kill switch of the environment ----------------------------------------------------------


@pytest.mark.req("D72", "D51")
def test_the_switch_of_the_environment_gives_its_days_back_as_a_hold_does(
    settings: Settings,
) -> None:
    user = announced()
    settings.LIFECYCLE_ENABLED = False
    tick(at("2026-04-01"))
    with time_machine.travel(at("2026-04-20"), tick=False):
        assert "arrêtées depuis le mercredi 1er avril 2026" in lifecycle("plan")[1]
        assert lifecycle("release", "--all", "--apply")[2] == 1
    assert User.objects.get(pk=user.pk).revivable_until is None  # the way back is open
    settings.LIFECYCLE_ENABLED = True
    tick(at("2026-04-25"))
    assert User.objects.get(pk=user.pk).revivable_until == at("2026-05-06 00:00")
    tick(at("2026-05-05 23:59"))
    assert status_of(user.pk) == "deactivated_inactive"
    tick(at("2026-05-06 00:00"))
    assert status_of(user.pk) == "deleted"


@pytest.mark.req("D72")
def test_the_switch_leaves_the_hold_of_somebody_alone(settings: Settings) -> None:
    with time_machine.travel(at("2026-04-01"), tick=False):
        assert lifecycle("hold", "--all", "--reason", "legal", "--apply")[2] == 0
    settings.LIFECYCLE_ENABLED = False
    tick(at("2026-04-02"))
    settings.LIFECYCLE_ENABLED = True
    tick(at("2026-04-03"))
    assert [hold.reason for hold in Hold.objects.filter(released_at=None)] == ["legal"]


def test_a_reader_that_goes_away_leaves_no_trace() -> None:
    """« manage.py lifecycle simulate … | head -1 »."""
    script = (
        "import os, sys; from io import StringIO\n"
        "from lifecycle.management.commands.lifecycle import Command\n"
        "import lifecycle.management.commands.lifecycle as module\n"
        "def many(screen, options):\n"
        "    for number in range(100000): screen.out.write('x' * 80)\n"
        "    return 0\n"
        "module._VERBS['plan'] = many\n"
        "from django.core.management import call_command\n"
        "call_command('lifecycle', 'plan')\n"
    )
    code = f"import django; django.setup()\n{script}"
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -W ignore - | head -1; echo ${{PIPESTATUS[0]}}'],
        input=code,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "141", done.stderr
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr
