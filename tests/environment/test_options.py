"""Settings that operators may change: units, bounds, and the sentence for what cannot work."""

import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from mgestion.management.commands.show_settings import format_table
from mgestion.settings.consistency import check_consistency
from mgestion.settings.options import Options, option

# What no setting takes, then what is wrong for each kind, by one setting of it.
NOWHERE = ("", " ", "oui", "-1", "72 heures", "1e3", "٣", "9" * 30)
WRONG = {
    "SIGN_UP_LINK_LIFE": ("72", "72m", "1h", "15d", "90min", "3h30", "72H", "1.5h"),
    "SESSION_IDLE": ("2", "14min", "13h"),
    "RETENTION_JOURNAL": ("365", "365h", "12months", "89d", "3651d"),
    "LIFECYCLE_LETTER_DAYS": ("5", "31d", "5h"),
    "LOGIN_MAX_FAILURES": ("ten", "2", "101", "10d", "+10", "1_0"),
    "LOGINS_PER_IP": ("30", "30/min", "0/1min", "30/8d", "30/0s", "30/1min,5/1h"),
    "MAILS_PER_MAILBOX": ("5/1h;20/1d", "5/1h,", "5"),
    "LIFECYCLE_BREAKER_SHARE": ("2", "0.02", "0%", "51%", "2 %"),
    "UPLOAD_MAX_SIZE": ("10", "10Mo", "10GB", "100kB", "51MB"),
    "LIFECYCLE_ENABLED": ("non", "yes", "enabled", "2", "peut-etre"),
    "REVIEW_MONTHS": ("0,7", "13", "jan", "1;7", "1,"),
    "LIFECYCLE_OFFICE_DAYS": ("lun,mar", "mon-fri", "mon,"),
    "LIFECYCLE_OFFICE_HOURS": ("8", "19-8", "8-8", "8h-19h", "8-25"),
    "CONTACT_EMAIL": ("contact", "a@b", "a@b.fr, c@d.fr", "Contact <a@b.fr>"),
    "CONTACT_URL": ("www.example.org", "http://example.org", "https://", "https://a b.org"),
    "UPLOAD_SCANNER": ("clamdscan", "clamd://clamav", "clamd://:3310", "/no/such/command"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_work_is_refused_by_a_sentence_that_names_the_variable(name: str) -> None:
    declared = option.declared[name]
    nonsense = [text for text in NOWHERE if text.strip() or name != "UPLOAD_SCANNER"]
    for text in (*nonsense, *WRONG[name]):
        with pytest.raises(ImproperlyConfigured) as refusal:
            declared.read({name: text})
        said = str(refusal.value)
        assert said.startswith(f"{name}={text!r}: ")
        assert declared.allowed in said
        assert repr(declared.default) in said


@pytest.mark.req("D16", "D53", "D62", "D71")
@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("SIGN_UP_LINK_LIFE", "96h", timedelta(hours=96)),
        ("RESET_LINK_LIFE", "30min", timedelta(minutes=30)),
        ("RETENTION_JOURNAL", "730d", 730),
        ("LIFECYCLE_SILENCE", "14d", timedelta(days=14)),
        ("LIFECYCLE_LETTER_DAYS", "7d", 7),
        ("MAILS_PER_MAILBOX", "3/30min", ((3, timedelta(minutes=30)),)),
        ("LINK_CAP", "4/10min", (4, timedelta(minutes=10))),
        ("LIFECYCLE_BREAKER_SHARE", "0.5%", 0.005),
        ("UPLOAD_MAX_SIZE", "20MB", 20 * 1024 * 1024),
        ("LIFECYCLE_ENABLED", "OFF", False),
        ("REVIEW_MONTHS", "3,9", (3, 9)),
        ("LIFECYCLE_OFFICE_DAYS", "tue,mon", (0, 1)),
        ("LIFECYCLE_OFFICE_HOURS", "9-24", (9, 24)),
        ("UPLOAD_SCANNER", "clamd://clamav:3310", "clamd://clamav:3310"),
        ("UPLOAD_SCANNER", f"{sys.executable} --quiet", [sys.executable, "--quiet"]),
    ],
)
def test_a_value_is_read_with_its_unit(name: str, text: str, value: object) -> None:
    assert option.declared[name].read({name: text}) == value


def test_the_defaults_hold_within_the_bounds_and_are_what_the_tests_run_with() -> None:
    for name, each in option.declared.items():
        assert each.read({}) == each.parse(each.default), name
    assert settings.SIGN_UP_LINK_LIFE == timedelta(hours=72)
    assert settings.LIFECYCLE_ENABLED is True


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SESSION_IDLE": timedelta(hours=11)}, "SESSION_IDLE"),
        ({"LOGIN_FREE_FAILURES": 10}, "LOGIN_FREE_FAILURES"),
        ({"LOGIN_FIRST_DELAY": timedelta(hours=1)}, "LOGIN_FIRST_DELAY"),
        ({"LINK_COOLDOWN": timedelta(hours=1)}, "LINK_COOLDOWN"),
        ({"PENDING_PURGE": timedelta(days=2)}, "PENDING_PURGE"),
        ({"LIFECYCLE_RULES": {"remind_days": 9, "pending_days": 9}}, "LIFECYCLE_REMIND_DAYS"),
        ({"ACCESS_REVIEW_REMINDER_DAYS": 30}, "ACCESS_REVIEW_REMINDER_DAYS"),
        ({"ACCESS_REVIEW_MONTHS": 1}, "ACCESS_REVIEW_MONTHS"),
        ({"UPLOADS_PER_REQUEST": 4}, "UPLOADS_PER_REQUEST"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    changes: dict[str, Any], named: str
) -> None:
    now = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    check_consistency(now)
    with pytest.raises(ImproperlyConfigured, match=named):
        check_consistency({**now, **changes})


def test_a_wrong_value_stops_the_start(project_root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=project_root,
        env={**os.environ, "MGESTION_TESTING": "1", "LIFECYCLE_ENABLED": "oui"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "LIFECYCLE_ENABLED='oui': on or off" in done.stderr


def test_the_page_of_settings_is_the_one_that_the_code_writes(project_root: Path) -> None:
    """Mend it with `manage.py show_settings --markdown`."""
    page = (project_root / "docs/settings.md").read_text(encoding="utf-8")
    assert page.endswith(f"{format_table()}\n")


def test_the_command_shows_what_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(option, "variables", {"SESSION_IDLE": "1h", "SESSION_ABSOLUTE": "10h"})
    out = StringIO()
    call_command("show_settings", changed=True, stdout=out)
    assert out.getvalue() == "SESSION_IDLE=1h  (default: 2h)\n"


def test_a_name_that_is_declared_is_read_from_the_variables_given() -> None:
    mine = Options({"PATIENCE": "5s"})
    assert mine.duration("PATIENCE", "1s", "1s", "9s", "a wait") == timedelta(seconds=5)
    assert list(mine.declared) == ["PATIENCE"]
