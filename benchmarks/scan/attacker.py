"""wapiti: attacks the forms and addresses that it finds, in the session of each role."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from benchmarks.scan.crawl import name_kind
from benchmarks.scan.findings import Finding
from benchmarks.scan.outcomes import Outcome
from benchmarks.scan.portal import Role, ScannedPortal
from benchmarks.scan.source_scanners import run_tool
from tests.servers.visitor import Visitor

# Seconds: of the crawl, and of each module. Some two minutes a role.
CRAWL, ATTACK = 20, int(os.environ.get("SCAN_SECONDS") or 8)
# Left out: what asks a server of wapiti's author (ssrf, xxe, log4shell), lists of other products'
# files and holes (nikto, buster, cms, wp_enum …), TLS, which is Caddy's, and guessing passwords.
MODULES: Final = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers"),
    *("methods", "permanentxss", "redirect", "sql", "timesql", "upload", "xss"),
)
# What ends the session that the scan needs.
ENDS_SESSION: Final = (
    *("/cas/logout*", "/admin/logout*", "/compte/fermeture*", "/compte/sessions*"),
    *("/compte/second-facteur*", "/compte/adresse*", "/admin/habilitations/staffmember*"),
    *("*/deconnecter*", "/static/*"),
)


def attack(programs: Path, portal: ScannedPortal, role: Role) -> Outcome:
    url, visitor = portal.stack.url, portal.open_session(role)
    more = ["-m", ",".join(MODULES), "--max-scan-time", str(CRAWL)]
    more += ["--max-attack-time", str(ATTACK), "--max-files-per-dir", "30"]
    more += [word for path in ENDS_SESSION for word in ("-x", f"{url}{path}")]
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.session.cookies)
    if cookies:
        more += ["-C", cookies]
    if role.agent:
        more += ["-s", f"{url}/admin/"]
    told = _run_wapiti(programs, url, more)
    findings = [
        Finding(
            "wapiti",
            category,
            f"{role.name} {one['method']} {name_kind(one['path'])}",
            message=f"{one['parameter'] or '-'}: {one['info']}"[:300],
        )
        for category, one in _list_findings(told)
    ]
    if role.address and not _is_signed_in(visitor, role):
        findings.append(Finding("wapiti", "session-lost", role.name, message="the session ended"))
    version = told["infos"]["version"].removeprefix("Wapiti ")
    looked = f"{role.name}: {told['infos']['crawled_pages_nbr']} addresses and forms"
    return Outcome("wapiti", version, looked, sorted(set(findings)), part=role.name)


def prove_attacker(programs: Path) -> None:
    """SystemExit when wapiti finds nothing on a page that has everything wrong."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _OpenPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        more = ["-m", "csp,http_headers,redirect,xss", "--max-attack-time", "20"]
        told = _run_wapiti(programs, f"http://127.0.0.1:{server.server_port}", more)
        server.shutdown()
    found = {category for category, _ in _list_findings(told)}
    wanted = {"Reflected Cross Site Scripting", "Open Redirect"}
    if not wanted <= found:
        raise SystemExit(f"wapiti is blind: {sorted(found)} on a page that has {sorted(wanted)}")


class _OpenPage(BaseHTTPRequestHandler):
    """Shows `q` as it came and goes where `to` says."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        target = asked.get("to", [""])[0]
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", "".join(target.splitlines()))
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        links = "<a href='/?q=x'>q</a> <a href='/?to=here'>to</a>"
        self.wfile.write(f"<html><p>{asked.get('q', [''])[0]}</p>{links}</html>".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _run_wapiti(programs: Path, url: str, more: list[str]) -> dict[str, Any]:
    # In memory: on a busy disk its SQLite says that it is locked, and it gives up.
    memory = next((path for path in ("/dev/shm",) if os.access(path, os.W_OK)), None)  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="mgscan-", dir=memory) as place:
        report = Path(place) / "report.json"
        words = [str(programs / "wapiti"), "-u", f"{url}/", "--scope", "folder", "-v", "0"]
        words += ["--no-bugreport", "-f", "json", "-o", str(report), "--tasks", "4"]
        words += ["--store-session", place, "--store-config", place]
        # Of no use to the modules that run; what stands there otherwise is a server of its author.
        words += ["--endpoint", "http://127.0.0.1:9/", "--dns-endpoint", "localhost"]
        done = run_tool(*words, *more)
        if not report.exists():
            raise SystemExit(f"wapiti failed:\n{(done.stdout + done.stderr)[-3000:]}")
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return told


def _list_findings(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in ("vulnerabilities", "anomalies"):
        for category, found in told[part].items():
            for one in found:
                yield category, one


def _is_signed_in(visitor: Visitor, role: Role) -> bool:
    page = visitor.get("/admin/" if role.agent else "/compte/")
    return page.status == 200 and "/cas/login" not in page.url
