"""A real Caddy with the file of docs/deployment, on a port of the loopback."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.servers.debian import find_debian_program
from tests.servers.processes import ROOT, ChildProcess, stop, wait_until

# What differs from production: no certificate of a public authority, no redirect on port 80, where
# the web process and the static files are, and how long a test waits for a web that is away.
_CHANGES: Final = (
    (
        "\tadmin 127.0.0.1:2019\n",
        "\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n",
    ),
    ("lb_try_duration 15s", "lb_try_duration 1s"),
    ("reverse_proxy web:8000 {", "reverse_proxy 127.0.0.1:{$WEB_PORT} {"),
    ("root * /srv\n", "root * {$STATIC_PARENT}\n"),
)


def adapt_caddy_file() -> str:
    text = (ROOT / "docs/deployment/Caddyfile").read_text(encoding="utf-8")
    for theirs, ours in _CHANGES:
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


@contextlib.contextmanager
def caddy_server(
    folder: Path, *, url: str, web_port: int, body_max: str, static_parent: Path
) -> Iterator[Path]:
    """Listens at `url` (https://localhost:port) before the web process; yields the certificate of
    its authority. `static_parent` holds the folder `static`. Raises ServerMissing or ServerFailed.
    """
    program = find_debian_program("caddy")
    folder.mkdir()
    (folder / "Caddyfile").write_text(adapt_caddy_file(), encoding="utf-8")
    variables = {
        "PUBLIC_URL": url,
        "PROXY_BODY_MAX": body_max,
        "WEB_PORT": str(web_port),
        "STATIC_PARENT": str(static_parent),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(folder),
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(program.path), "run", "--config", "Caddyfile", "--adapter", "caddyfile"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **variables, **program.variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    authority = folder / "caddy/pki/authorities/local/root.crt"
    try:
        wait_until(
            lambda: authority.exists() and "serving initial configuration" in log.read_text(),
            ChildProcess(process, log),
        )
        yield authority
    finally:
        stop(process, signal.SIGTERM)
