"""A platform's web server: it keeps what it is told, and answers as the test wants."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Received:
    path: str
    content_type: str
    fields: dict[str, list[str]]
    """Of a form, or of the query."""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class PlatformServer:
    url: str
    status: int = 200
    location: str = ""
    body: bytes = b""
    release: threading.Event = field(default_factory=threading.Event)
    hang: bool = False
    trickle: bytes = b""  # sent first, byte by byte
    received: list[Received] = field(default_factory=list)

    @property
    def requests(self) -> list[str]:
        return [item.fields["logoutRequest"][0] for item in self.received]


@contextmanager
def platform_server(context: ssl.SSLContext | None = None) -> Iterator[PlatformServer]:
    """On a free port of this machine, in a thread of its own; in https with `context`."""
    known: list[PlatformServer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._take(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def do_GET(self) -> None:
            self._take(urlsplit(self.path).query)

        def _take(self, raw: str) -> None:
            platform = known[0]
            fields = parse_qs(raw, keep_blank_values=True, strict_parsing=bool(raw))
            content_type = self.headers.get("Content-Type", "")
            headers = dict(self.headers.items())
            platform.received.append(Received(self.path, content_type, fields, headers))
            for byte in platform.trickle:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if platform.release.wait(0.05):
                    return
            if platform.hang:
                platform.release.wait(90)
            self.send_response(platform.status)
            if platform.location:
                self.send_header("Location", platform.location)
            self.send_header("Content-Length", str(len(platform.body)))
            self.end_headers()
            self.wfile.write(platform.body)

        def log_message(self, *arguments: object) -> None:
            """Not in the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if context else "http"
    platform = PlatformServer(url=f"{scheme}://127.0.0.1:{server.server_port}")
    known.append(platform)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield platform
    finally:
        platform.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
