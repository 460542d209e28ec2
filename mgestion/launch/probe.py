"""Health checks of the containers: `python -m mgestion.launch.probe web|worker|beat`.

Exit code 0 when the process beside works. Light: nothing of Django is imported.
"""

import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

# Seconds without a sign of life. Beat saves its schedule every 3 minutes.
_WORKER_SILENCE = 120
_BEAT_SILENCE = 400
_TMP = Path("/tmp")  # noqa: S108  # of the container


def is_web_alive(port: int = 8000) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def is_fresh(pattern: str, seconds: float, folder: Path = _TMP) -> bool:
    """Whether a file was touched in the last `seconds`."""
    now = time.time()
    return any(now - file.stat().st_mtime < seconds for file in folder.glob(pattern))


PROBES: dict[str, Callable[[], bool]] = {
    "web": is_web_alive,
    "worker": lambda: is_fresh("*.alive", _WORKER_SILENCE),
    "beat": lambda: is_fresh("beat*", _BEAT_SILENCE),
}

if __name__ == "__main__":
    sys.exit(not PROBES[sys.argv[1]]())
