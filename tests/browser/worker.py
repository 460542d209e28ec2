"""`python -m tests.browser.worker`: the portal's frequent jobs, without Celery and its beats.

A job runs as soon as somebody wrote to the database, and not when the next beat comes: nobody waits
for a mail. On a line of standard input, a JSON string, it runs that program and answers with a
line: in a process of its own, it would start Django once more.
"""

import json
import select
import sys
import time
import traceback
from datetime import timedelta
from importlib import import_module

import django

LOOK_EVERY = 0.2  # seconds: a page writes several times
# What is due later is nobody's write.
TICK = 5.0
FREQUENT = timedelta(seconds=10)
AT_ONCE = timedelta(seconds=3)  # the others, which cost most, wait for the next tick


def run_program(line: str) -> str:
    """An empty answer when it succeeded."""
    try:
        exec(json.loads(line), {})  # noqa: S102 - the tests' own
    except Exception:  # noqa: BLE001 - told to the test
        return traceback.format_exc()
    return ""


def main() -> None:
    django.setup()
    from django.db import connection

    from mgestion import slots

    tasks = []
    for job in slots.jobs.values():
        if job.every and job.every <= FREQUENT:
            module, _, name = job.task.rpartition(".")
            tasks.append((getattr(import_module(module), name), job.every <= AT_ONCE))
    seen, ran = None, 0.0
    while True:
        with connection.cursor() as cursor:
            version = cursor.execute("PRAGMA data_version").fetchone()
        tick = time.monotonic() > ran + TICK
        if tick or version != seen:
            for task, at_once in tasks:
                if tick or at_once:
                    task()
            seen = version
        if tick:
            ran = time.monotonic()
        if select.select([sys.stdin], [], [], LOOK_EVERY)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            sys.stdout.write(f"{json.dumps(run_program(line))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
