"""What web processes and workers leave behind when they end does not grow."""

import os
import subprocess
import sys
from pathlib import Path

from mgestion.launch import ended_processes, prepare

_COUNT = """
import os, sys
from prometheus_client import Counter, Histogram
Counter("pages", "Pages", ["view"]).labels("home").inc(int(sys.argv[1]))
Histogram("seconds", "Seconds").observe(0.3)
print(os.getpid())
"""
_READ = """
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(registry.get_sample_value("pages_total", {"view": "home"}),
      registry.get_sample_value("seconds_count"))
"""


def run(folder: Path, code: str, *words: str) -> str:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_counts_of_processes_that_ended_stay_in_one_file_of_each_kind(tmp_path: Path) -> None:
    for count in ("2", "3", "5"):
        ended_processes.merge_counts(tmp_path, int(run(tmp_path, _COUNT, count)))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "counter_ended.db",
        "histogram_ended.db",
    ]
    run(tmp_path, _COUNT, "7")  # one that lives
    assert run(tmp_path, _READ) == "17.0 4.0"


def test_messages_of_the_last_start_are_not_kept(tmp_path: Path) -> None:
    prepare.make_folders(tmp_path)
    (tmp_path / "broker" / "queue" / "1_a.celery.msg.part").write_text("{")
    (tmp_path / "broker" / "control" / "celery.pidbox.exchange").write_text("[]")
    prepare.empty_broker(tmp_path)
    assert not [path for path in (tmp_path / "broker").rglob("*") if path.is_file()]
