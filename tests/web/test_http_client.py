"""Calls to platforms: where they may go, how long they may take, whom they believe (P1, O13)."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mgestion import http_client
from tests.cas.platform_server import PlatformServer, platform_server


@pytest.mark.cas("P1")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - a literal to refuse
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_an_address_of_the_house_is_not_public_in_any_disguise(address: str) -> None:
    assert not http_client.is_public(address)


def test_an_address_of_the_internet_is_public() -> None:
    assert http_client.is_public("9.9.9.9")
    assert http_client.is_public("2620:fe::fe")


def _answers(*addresses: str) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]


@pytest.mark.cas("P1")
def test_a_name_with_one_private_address_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *args, **more: _answers("9.9.9.9", "127.0.0.1")
    )
    with pytest.raises(OSError, match="not a public one"):
        http_client.send_request("https://deux.example.org/", timeout=1, public_only=True)


@pytest.mark.cas("P1")
def test_the_address_that_was_judged_is_the_one_that_is_called(monkeypatch: Any) -> None:
    """A name that answers otherwise the second time is not asked a second time."""
    replies = [_answers("9.9.9.9"), _answers("127.0.0.1")]
    called: list[Any] = []

    def connect(address: Any, timeout: float) -> Any:
        called.append(address)
        raise ConnectionRefusedError("stop here")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: replies.pop(0))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        http_client.send_request("https://deux.example.org/", timeout=1, public_only=True)
    assert called == [("9.9.9.9", 443)]
    assert len(replies) == 1


@pytest.mark.cas("O13")
def test_an_answer_that_trickles_is_cut_at_the_deadline() -> None:
    with platform_server() as slow:
        slow.trickle = b"HTTP/1.1 200 OK\r\nX-Lent: " + b"x" * 400
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            http_client.send_request(f"{slow.url}/", timeout=0.5, public_only=False)
        assert time.monotonic() - began < 15


@pytest.mark.cas("O13")
def test_every_call_says_who_calls(settings: Any) -> None:
    """Firewalls refuse what has no name, or score it."""
    with platform_server() as server:
        for form in (None, "a=b"):
            http_client.send_request(f"{server.url}/", form=form, timeout=3, public_only=False)
    for told in server.received:
        assert told.headers["User-Agent"] == f"M-Gestion (+{settings.PUBLIC_URL})"
        assert told.headers["Accept"] == "*/*"


@pytest.mark.cas("O7")
def test_an_address_with_letters_beyond_ascii_is_called_as_a_browser_writes_it() -> None:
    with platform_server() as server:
        http_client.send_request(f"{server.url}/é?q=à|b", timeout=3, public_only=False)
    assert server.received[0].path == "/%C3%A9?q=%C3%A0%7Cb"


@pytest.mark.cas("O13")
def test_a_body_that_does_not_come_does_not_undo_the_status() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            link, _ = listening.accept()
            with link:
                link.recv(65536)
                link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
                done.wait(10)

        done = threading.Event()
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            url = f"http://127.0.0.1:{port}/"
            found = http_client.send_request(url, form="a=b", timeout=3, public_only=False)
        finally:
            done.set()
            thread.join()
    assert (found.status, found.beginning) == (200, "")


# --- certificates --------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 and its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "plateforme.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "plateforme.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[PlatformServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with platform_server(context) as server:
        yield server


@pytest.mark.cas("P1")
def test_a_certificate_of_nobody_is_not_believed(secure_server: PlatformServer) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        http_client.send_request(f"{secure_server.url}/rappel", timeout=3, public_only=False)
    assert not secure_server.received


@pytest.mark.cas("P1")
def test_a_certificate_is_for_the_name_that_was_asked(
    secure_server: PlatformServer, certificate: Path, monkeypatch: Any
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(http_client, "_context", lambda: trusting)
    url = f"{secure_server.url}/rappel?a=b"
    assert http_client.send_request(url, timeout=3, public_only=False).status == 200
    assert secure_server.received[0].path == "/rappel?a=b"
    with pytest.raises(ssl.SSLCertVerificationError):
        http_client.send_request(
            url.replace("127.0.0.1", "localhost"), timeout=3, public_only=False
        )
    assert len(secure_server.received) == 1
