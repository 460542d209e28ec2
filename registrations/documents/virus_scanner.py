"""Runs the antivirus that UPLOAD_SCANNER configures, if any."""

import logging
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from registrations.requests.enums import ScanResult

_log = logging.getLogger(__name__)
_CHUNK = 64 * 1024  # bytes


def scan_file(path: Path) -> ScanResult:
    """Scan the file: `none` without an antivirus, `pending` when it does not answer. Agents cannot
    open a pending file; a job scans it again."""
    how: str | list[str] = settings.UPLOAD_SCANNER
    if not how:
        return ScanResult.NONE
    try:
        if isinstance(how, str) and how.startswith("clamd://"):
            return _ask_clamd(how, path)
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


def _ask_clamd(address: str, path: Path) -> ScanResult:
    """Sends the file to ClamAV's daemon (INSTREAM), which needs no access to our disk.

    It closes the connection on a file over its own limit (StreamMaxLength): that is no answer.
    """
    parts = urlsplit(address)
    patience = settings.UPLOAD_SCANNER_TIMEOUT
    with (
        path.open("rb") as file,
        socket.create_connection((parts.hostname, parts.port), patience) as link,
    ):
        link.sendall(b"zINSTREAM\0")
        while chunk := file.read(_CHUNK):
            link.sendall(len(chunk).to_bytes(4, "big") + chunk)
        link.sendall(bytes(4))
        answer = link.makefile("rb").read(4096).rstrip(b"\0\n")
    if answer.endswith(b" OK"):
        return ScanResult.CLEAN
    if answer.endswith(b" FOUND"):
        return ScanResult.INFECTED
    _log.warning("The antivirus answered: %s", answer.decode("ascii", "replace"))
    return ScanResult.PENDING
