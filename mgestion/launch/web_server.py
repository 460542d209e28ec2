"""gunicorn's configuration in production: `gunicorn -c python:mgestion.launch.web_server …`."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

# Before prometheus_client is imported: it then counts in files of this folder, which all processes
# of this server share. In memory: it maps the files, and where a disk has no room for one more page
# of them the system kills the process that writes to it (SIGBUS). An upload may fill /tmp.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
    prefix="mgestion-metrics-",
    dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - mkdtemp names it
)

from mgestion.launch.ended_processes import merge_counts
from mgestion.settings import LOGGING
from mgestion.settings.serving import WEB_PROCESSES, WEB_THREADS

bind = "0.0.0.0:8000"
workers = WEB_PROCESSES
worker_class = "gthread"
threads = WEB_THREADS
# A process whose main loop does not turn is killed; its threads are bounded by the limits of what
# they wait for (mgestion/settings/serving.py).
timeout = 60
graceful_timeout = 30  # to finish what runs, before a stop
keepalive = 125  # seconds: longer than the proxy keeps an idle connection (2 minutes)
worker_tmp_dir = "/dev/shm"  # noqa: S108  # the heartbeat of processes, never on a disk
control_socket_disable = True
forwarder_headers = ""  # no header of a request may change the script name
accesslog = None  # mgestion.web.logging.access says more: the id, who, how long
logconfig_dict = {
    **LOGGING,
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
}
logger_class = "mgestion.launch.access_log.MaskingLogger"


def child_exit(server: Any, worker: Any) -> None:
    """The counts of a process that ended stay, its live gauges and its files go."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # untyped there
    merge_counts(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]), worker.pid)


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
