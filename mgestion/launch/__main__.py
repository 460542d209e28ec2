"""Prepares the data folder, starts the servers, prints the addresses."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from mgestion.launch import ports, prepare
from mgestion.launch.children import Children
from mgestion.launch.older_database import set_aside_older_database
from mgestion.launch.trouble import LaunchError

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS = 60.0


class Stopped(Exception):
    """SIGINT or SIGTERM was received."""


def print_line(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def build_web_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "mgestion.wsgi:application"),
        *("--bind", f"{ports.HOST}:{port}", "--workers", "2"),
        *("--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5"),
        *("--logger-class", "mgestion.launch.access_log.MaskingLogger"),
        *("--forwarder-headers", ""),  # no request header may change the script name
        "--no-control-socket",
    ]


def build_worker_commands(data: Path) -> dict[str, list[str]]:
    """The commands of the workers, by name: one for each queue, as in production. Beat runs in the
    first one (`-B`); production runs it apart.
    """
    beat = ["-B", "--schedule", str(data / "run" / "beat")]
    return {
        "worker": [*_build_worker_command("celery", threads=2), *beat],
        "worker-mail": _build_worker_command("mail", threads=1),
        "worker-platforms": _build_worker_command("platforms", threads=1),
    }


def _build_worker_command(queue: str, *, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "-A", "mgestion", "worker", "-Q", queue),
        *("--pool", "threads", "--concurrency", str(threads), "--loglevel", "INFO"),
        *("--hostname", f"{queue}@%h"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def build_platform_command(port: int, address: str, data: Path) -> list[str]:
    """The demo's second platform: another site, which knows the portal by its interfaces."""
    return [
        *(sys.executable, "-m", "mgestion.launch.demo_platform", "--port", str(port)),
        *("--portal", address, "--token-file", str(data / "run" / "demo-platform-token")),
    ]


def wait_until_up(children: Children, address: str) -> None:
    """Raises LaunchError when a process dies or the web server does not answer in time."""
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline:
        check_alive(children)
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer,  # noqa: S310 - of this machine
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise LaunchError(f"The web server did not answer at {address} within {UP_SECONDS:g} s.")


def check_alive(children: Children) -> None:
    dead = children.first_dead()
    if dead is not None:
        raise LaunchError(
            f"The {dead.name} process ended by itself (status {dead.process.returncode}), so "
            f"everything stops. Its last words, from {dead.log}:\n{dead.last_words()}"
        )


def format_banner(address: str, platform: str, data: Path, accounts: str) -> str:
    return f"""
  The portal runs:    {address}/
  A second platform:  {platform}/
  Mails are read at:  {address}/courriels/
  Agents’ codes:      {address}/codes/
  Administration:     {address}/admin/

{accounts.rstrip()}

  Data (kept between starts): {data}
  Logs: {data / "logs"}      Stop: Ctrl-C
"""


def run_portal(port: int) -> None:
    """Prepares, starts, and waits. Raises LaunchError or Stopped."""
    ports.check_free(port)
    platform_port = ports.choose_platform_port(port)
    if platform_port != port + 1:
        print_line(f"Port {port + 1} is in use: the second platform takes {platform_port}.")
    data = Path(os.environ.get("DATA_DIR") or ROOT / "data").resolve()
    prepare.make_folders(data)
    environment: Mapping[str, str] = {
        **os.environ,
        "PORT": str(port),
        "DEMO_PLATFORM_PORT": str(platform_port),
        "DJANGO_SETTINGS_MODULE": "mgestion.settings",
        "PYTHONUNBUFFERED": "1",
    }
    address = f"http://{ports.HOST}:{port}"
    with prepare.lock_folder(data):
        prepare.empty_broker(data)
        set_aside_older_database(ROOT, data, print_line)
        prepare.prepare_data(ROOT, data, environment, print_line)
        print_line("Starting the web server and the workers…")
        with Children(environment, ROOT, data / "logs") as children:
            children.start("web", build_web_command(port))
            for name, command in build_worker_commands(data).items():
                children.start(name, command)
            children.start("platform", build_platform_command(platform_port, address, data))
            accounts = prepare.run_manage_command(ROOT, environment, "load_demo", "--print")
            if accounts.returncode != 0:
                raise LaunchError(f"load_demo --print failed:\n{accounts.stderr[-2000:]}")
            wait_until_up(children, address)
            platform = f"http://{ports.HOST}:{platform_port}"
            print_line(format_banner(address, platform, data, accounts.stdout))
            try:
                while True:
                    check_alive(children)
                    time.sleep(0.5)
            finally:
                print_line("Stopping…")


def stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # A second Ctrl-C must not interrupt the stopping of the children.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", default="8000")
    chosen = parser.parse_args(arguments)
    stop_on_signals()
    try:
        run_portal(ports.parse_port(chosen.port))
    except LaunchError as trouble:
        sys.stderr.write(f"\n{trouble}\n")
        return 1
    except Stopped:
        print_line("Stopped. The data is kept; start again with the same command.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
