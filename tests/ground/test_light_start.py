"""What a process does without: a command starts in its second, a web worker stays in its memory."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("celery", "kombu", "cryptography", "fido2", "ninja", "pydantic", "phonenumbers", "stdnum")
COMMAND = "import django; django.setup()"
WEB = "from mgestion.wsgi import application; from django.urls import get_resolver\n"
WEB += "assert get_resolver().url_patterns"


@pytest.mark.parametrize(
    ("start", "absent"),
    [(COMMAND, HEAVY), (WEB, ("celery", "kombu", "billiard", "amqp"))],
    ids=["command", "web"],
)
def test_nothing_is_imported_that_the_process_does_not_need(
    project_root: Path, start: str, absent: tuple[str, ...]
) -> None:
    said = f"import sys\nprint(*(name for name in {absent!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{start}\n{said}"],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
