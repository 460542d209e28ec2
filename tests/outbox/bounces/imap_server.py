"""A small IMAP server over TLS, for what the reader of returned mails asks. One folder is read;
`moves` says whether it knows MOVE. It can stop answering after some commands.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mgestion.settings.bounces import MailboxSettings

PASSWORD = 'mot "de" passe'


class ImapServer:
    """`with ImapServer(folder) as server:`; `folders` maps a name to uid → message."""

    def __init__(self, place: Path, *, moves: bool = True) -> None:
        self.folders: dict[str, dict[int, bytes]] = {"INBOX": {}}
        self.deleted: set[int] = set()
        self.old: set[int] = set()  # of the folder of what was read
        self._selected = "INBOX"
        self.moves = moves
        self.commands: list[str] = []
        self.dies_at = ""  # a command that is never answered: the connection is cut
        self._authority = place / "authority.pem"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_write_certificate(self._authority, place / "key.pem"))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> ImapServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def settings(self, *, password: str = PASSWORD, trusted: bool = True) -> MailboxSettings:
        return MailboxSettings(
            host="127.0.0.1",
            port=self._socket.getsockname()[1],
            username="retours",
            password=password,
            folder="INBOX",
            authority=str(self._authority) if trusted else "",
        )

    def put(self, *messages: bytes) -> None:
        inbox = self.folders["INBOX"]
        for message in messages:
            inbox[max(inbox, default=0) + 1] = message

    def count(self, folder: str) -> int:
        return len(self.folders.get(folder, {}))

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(plain, server_side=True) as link:
                    self._talk(link)
            except (OSError, ConnectionError):
                continue

    def _talk(self, link: ssl.SSLSocket) -> None:
        lines = link.makefile("rb")
        known = f"IMAP4rev1 UIDPLUS NAMESPACE {'MOVE' if self.moves else ''}".strip()
        link.sendall(f"* OK [CAPABILITY {known}] ready\r\n".encode())
        while line := lines.readline().decode().strip():
            tag, command = line.split(" ", 1)
            self.commands.append(command)
            if self.dies_at and command.startswith(self.dies_at):
                return
            untagged, answer = self._answer(command, known)
            link.sendall(untagged + f"{tag} {answer}\r\n".encode())
            if command == "LOGOUT":
                return

    def _answer(self, command: str, known: str) -> tuple[bytes, str]:
        if command.startswith("SELECT"):
            self._selected = re.findall(r'"([^"]+)"', command)[0]
            self.deleted.clear()
        inbox = self.folders[self._selected]
        if command == "CAPABILITY":
            return f"* CAPABILITY {known}\r\n".encode(), "OK done"
        if command.startswith("LOGIN"):
            escaped = PASSWORD.replace('"', '\\"')
            fits = command == f'LOGIN "retours" "{escaped}"'
            return b"", "OK in" if fits else "NO wrong"
        if command == "NAMESPACE":
            return b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\n', "OK done"
        if command.startswith("LIST"):
            name = re.findall(r'"([^"]+)"$', command)[0]
            found = f'* LIST () "." "{name}"\r\n' if name in self.folders else ""
            return found.encode(), "OK done"
        if command.startswith("CREATE"):
            self.folders[re.findall(r'"([^"]+)"', command)[0]] = {}
        elif command == "UID SEARCH UNDELETED":
            numbers = " ".join(str(uid) for uid in inbox if uid not in self.deleted)
            return f"* SEARCH {numbers}\r\n".encode(), "OK done"
        elif command.startswith("UID SEARCH BEFORE"):
            numbers = " ".join(str(uid) for uid in inbox if uid in self.old)
            return f"* SEARCH {numbers}\r\n".encode(), "OK done"
        elif fetch := re.fullmatch(r"UID FETCH (\d+) \(BODY.PEEK\[\]<0\.(\d+)>\)", command):
            part = inbox[int(fetch[1])][: int(fetch[2])]
            head = f"* 1 FETCH (UID {fetch[1]} BODY[]<0> {{{len(part)}}}\r\n".encode()
            return head + part + b")\r\n", "OK done"
        elif move := re.fullmatch(r'UID (MOVE|COPY) (\d+) "([^"]+)"', command):
            self.folders[move[3]][len(self.folders[move[3]]) + 1] = inbox[int(move[2])]
            if move[1] == "MOVE":
                del inbox[int(move[2])]
        elif command.startswith("UID STORE"):
            self.deleted.update(int(uid) for uid in command.split()[2].split(","))
        elif command.startswith("UID EXPUNGE"):
            for uid in command.split()[2].split(","):
                del inbox[int(uid)]
        return b"", "OK done"


def _write_certificate(authority: Path, key_file: Path) -> Path:
    """A self-signed certificate for 127.0.0.1; the file that holds it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    authority.write_bytes(pem)
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + pem
    )
    return key_file
