"""`python -m tests.ground.light_portal --port PORT`: the launcher over children that only wait.

What the launcher does when a child dies or a signal comes is the same whatever the children are,
and the real ones take ten seconds of processor time to start.
"""

import sys
from pathlib import Path
from subprocess import CompletedProcess

from mgestion.launch import __main__ as launcher
from mgestion.launch import prepare

# Starts a process of its own, as gunicorn does, and is found by its last word.
_SCRIPT = """
import functools, http.server, subprocess, sys, threading
name, port, folder = sys.argv[1].removeprefix("light-"), int(sys.argv[2]), sys.argv[3]
subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
print(f"I am {name}.", flush=True)
if name != "web":
    threading.Event().wait()
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()
"""


def _build_command(name: str, port: int = 0, folder: str = "") -> list[str]:
    return [sys.executable, "-S", "-c", _SCRIPT, f"light-{name}", str(port), folder]


def _prepare_data(_root: Path, data: Path, *_rest: object) -> None:
    (data / "healthz").touch()
    folders.append(str(data))


def _say_nothing(*_arguments: object) -> CompletedProcess[str]:
    return CompletedProcess([], 0, "", "")


folders: list[str] = []

if __name__ == "__main__":
    vars(prepare).update(prepare_data=_prepare_data, run_manage_command=_say_nothing)
    vars(launcher).update(
        build_web_command=lambda port: _build_command("web", port, folders[0]),
        build_worker_commands=lambda data: {"worker": _build_command("worker")},
        build_platform_command=lambda *_: _build_command("platform"),
    )
    sys.exit(launcher.main(sys.argv[1:]))
