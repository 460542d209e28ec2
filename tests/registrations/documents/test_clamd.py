"""The antivirus daemon of ClamAV, by a server that speaks as it does."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings as SettingsWrapper

from registrations.documents import virus_scanner
from registrations.requests.enums import ScanResult

SIGNATURE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 300_000  # StreamMaxLength


class _Clamd(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        body = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            body += self.rfile.read(size)
        if len(body) > LIMIT:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        elif SIGNATURE in body:
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0")
        else:
            self.wfile.write(b"stream: OK\0")


@pytest.fixture
def clamd() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"clamd://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", ScanResult.CLEAN),
        (b"%PDF-1.7" + bytes(200_000), ScanResult.CLEAN),
        (bytes(100_000) + SIGNATURE, ScanResult.INFECTED),
        (bytes(LIMIT + 1), ScanResult.PENDING),
    ],
)
def test_the_daemon_gets_the_whole_file_and_is_believed(
    clamd: str, settings: SettingsWrapper, tmp_path: Path, body: bytes, found: ScanResult
) -> None:
    settings.UPLOAD_SCANNER = clamd
    path = tmp_path / "file"
    path.write_bytes(body)
    assert virus_scanner.scan_file(path) == found


def test_a_daemon_that_is_away_is_no_answer(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.UPLOAD_SCANNER = "clamd://127.0.0.1:1"
    assert virus_scanner.scan_file(tmp_path) == ScanResult.PENDING
