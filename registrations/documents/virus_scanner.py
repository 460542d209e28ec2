"""The antivirus, if the portal is given one (UPLOAD_SCANNER). Without it, that is said."""

import logging
import subprocess
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from registrations.requests.enums import Scan

_log = logging.getLogger(__name__)


def scan(path: Path) -> Scan:
    """What the antivirus says of the file at `path`: `none` without one, `pending` when it does not
    answer — then agents cannot open the file until a later try does."""
    how: str | list[str] = settings.UPLOAD_SCANNER
    if not how:
        return Scan.NONE
    try:
        if isinstance(how, str):
            check: Callable[[Path], Scan] = import_string(how)
            return Scan(check(path))
        return _command(how, path)
    except Exception as trouble:  # noqa: BLE001  # whatever goes wrong, the document is not lost
        _log.warning("The antivirus did not answer: %s", type(trouble).__name__)
        return Scan.PENDING


def _command(how: list[str], path: Path) -> Scan:
    done = subprocess.run(  # noqa: S603  # the operator's own command, and a path of ours
        [*how, str(path)],
        capture_output=True,
        timeout=settings.UPLOAD_SCANNER_TIMEOUT,
        check=False,
    )
    found = {0: Scan.CLEAN, 1: Scan.INFECTED}.get(done.returncode)
    if found is None:
        _log.warning("The antivirus failed with status %s", done.returncode)
        return Scan.PENDING
    return found
