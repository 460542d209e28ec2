"""A real SMTP server that keeps what it accepts, and answers as the test says."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.servers.processes import ChildProcess, free_port, wait_until


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_RCPT(  # aiosmtpd looks this name up
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.sink.recipients.get(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.sink.sessions.add(session.peer)
        self.sink.at_once += 1
        self.sink.most_at_once = max(self.sink.most_at_once, self.sink.at_once)
        if self.sink.seconds:
            await asyncio.sleep(self.sink.seconds)
        self.sink.at_once -= 1
        for address in envelope.rcpt_tos:
            answer = self.sink.bodies.get(address)
            if answer is not None:
                return answer
        self.sink.keep(envelope.content)
        return "250 accepted"


class Sink:
    """`with Sink() as sink:`; stop() and start() keep the port, as a server's restart does."""

    def __init__(self) -> None:
        self.port = free_port()
        self.recipients: dict[str, str] = {}  # address → answer to RCPT
        self.bodies: dict[str, str] = {}  # address → answer to DATA
        self.seconds = 0.0
        self.sessions: set[object] = set()  # connections that brought a mail
        self.at_once = self.most_at_once = 0  # mails that wait for the answer that accepts them
        self._raw: list[bytes] = []
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        # A busy machine takes long to answer on a port that it listens on.
        self._controller = Controller(
            _Handler(self), hostname="127.0.0.1", port=self.port, ready_timeout=90.0
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def keep(self, content: bytes) -> None:
        with self._lock:
            self._raw.append(content)

    @property
    def count(self) -> int:
        return len(self._raw)

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self._raw]

    @property
    def ids(self) -> Counter[str]:
        """Message-ID → copies."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    def wait_for(self, count: int, *senders: ChildProcess) -> None:
        wait_until(lambda: self.count >= count, *senders)
