"""What `manage.py lifecycle` shows of long work, on a terminal and into a file."""

import io
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import OutputWrapper
from pytest_django import Settings

from accounts.leaving import erasure_list
from lifecycle.shell.printing import ProgressBar
from tests.factories.habilitations import make_user
from tests.lifecycle.people import notified, sleeper
from tests.lifecycle.world import at

NOW = at("2026-03-12 10:00")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(progress: ProgressBar, *steps: int) -> list[str]:
    """What stood on the line, one after the other."""
    with progress:
        for step in steps:
            progress.advance(step)
    text: str = progress.out.getvalue()
    return text.rstrip().split("\r")[1:]


def test_a_bar_with_a_total_says_how_much_is_done() -> None:
    drawn = shown(ProgressBar(OutputWrapper(Terminal()), total=4), 1, 3)
    assert drawn == [
        "█" * 10 + "░" * 30 + " 1 sur 4 comptes (25\u00a0%)",
        "█" * 40 + " 4 sur 4 comptes (100\u00a0%)",
    ]


def test_nothing_is_drawn_into_a_file() -> None:
    assert shown(ProgressBar(OutputWrapper(io.StringIO()), total=2), 1, 1) == []


@pytest.mark.django_db
def test_long_verbs_say_how_far_they_are_on_a_terminal_only(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ERASURE_LIST = str(tmp_path / "erasures.jsonl")
    notified(), sleeper()
    erasure_list.write_erasures(erasure_list.DONE, [make_user().public_id], NOW)
    for words, unit in (
        ("plan", "compte"),
        ("simulate --to 2026-06-01", "dates"),
        ("extend --days 2 --reason T-1 --apply --again", "compte"),
        ("run --apply --any-hour", "compte"),
        ("reconcile --apply", "compte"),
    ):
        told, kept = Terminal(), io.StringIO()
        with time_machine.travel(NOW, tick=False):
            call_command("lifecycle", *words.split(), stdout=io.StringIO(), stderr=told)
            call_command("lifecycle", *words.split(), stdout=io.StringIO(), stderr=kept)
        assert f" {unit} (100\u00a0%)" in told.getvalue(), words
        assert " sur " in told.getvalue(), words
        assert "\r" not in kept.getvalue(), words
