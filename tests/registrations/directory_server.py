"""A company directory on this machine: it answers as the test wants, and counts who asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Directory:
    url: str
    status: int = 200
    body: bytes = b'{"results": []}'
    drip: bool = False  # one byte at a time, for as long as one listens
    hang: bool = False
    asked: list[str] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"{self.url}/search?q={{siret}}&per_page=1"

    def answers(self, *units: dict[str, Any]) -> None:
        self.body = json.dumps({"results": units}).encode()


@contextmanager
def directory_server() -> Iterator[Directory]:
    known: list[Directory] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            directory = known[0]
            directory.asked.append(parse_qs(urlsplit(self.path).query)["q"][0])
            directory.callers.append(self.headers.get("User-Agent", ""))
            if directory.hang:
                directory.release.wait(90)
            self.send_response(directory.status)
            self.send_header("Content-Type", "application/json")
            if not directory.drip:
                self.send_header("Content-Length", str(len(directory.body)))
            self.end_headers()
            try:
                if directory.drip:
                    while not directory.release.wait(0.05):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                self.wfile.write(directory.body)
            except OSError:
                pass  # nobody listens any more

        def log_message(self, *arguments: object) -> None:
            """Not in the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    directory = Directory(url=f"http://127.0.0.1:{server.server_port}")
    known.append(directory)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield directory
    finally:
        directory.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


def unit(siret: str, **place: Any) -> dict[str, Any]:
    """An invented unit in the form of the public search, its seat elsewhere."""
    return {
        "siren": siret[:9],
        "nom_complet": "garage fictif (enseigne)",
        "nom_raison_sociale": "GARAGE FICTIF",
        "etat_administratif": "A",
        "activite_principale": "45.20A",
        "statut_diffusion": "O",
        "siege": {"siret": f"{siret[:9]}99999", "etat_administratif": "A", "departement": "69"},
        "matching_etablissements": [
            {
                "siret": siret,
                "activite_principale": "45.20A",
                "etat_administratif": "A",
                "adresse": "1 RUE INVENTEE 75012 PARIS 12",
                "commune": "75112",
                "date_fermeture": None,
                "statut_diffusion_etablissement": "O",
                **place,
            }
        ],
    }
