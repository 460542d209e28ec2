"""Runs the antivirus that UPLOAD_SCANNER configures, if any."""

import logging
import subprocess
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from registrations.requests.enums import ScanResult

_log = logging.getLogger(__name__)


def scan_file(path: Path) -> ScanResult:
    """Scan the file: `none` without an antivirus, `pending` when it does not answer. Agents cannot
    open a pending file; a job scans it again."""
    how: str | list[str] = settings.UPLOAD_SCANNER
    if not how:
        return ScanResult.NONE
    try:
        if isinstance(how, str):
            check: Callable[[Path], ScanResult] = import_string(how)
            return ScanResult(check(path))
        return _run_scanner_command(how, path)
    except Exception as trouble:  # noqa: BLE001  # whatever goes wrong, the document is not lost
        _log.warning("The antivirus did not answer: %s", type(trouble).__name__)
        return ScanResult.PENDING


def _run_scanner_command(how: list[str], path: Path) -> ScanResult:
    done = subprocess.run(  # noqa: S603  # the operator's own command, and a path of ours
        [*how, str(path)],
        capture_output=True,
        timeout=settings.UPLOAD_SCANNER_TIMEOUT,
        check=False,
    )
    found = {0: ScanResult.CLEAN, 1: ScanResult.INFECTED}.get(done.returncode)
    if found is None:
        _log.warning("The antivirus failed with status %s", done.returncode)
        return ScanResult.PENDING
    return found
