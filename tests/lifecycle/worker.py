"""`python -m tests.lifecycle.worker NOW [kill|cut|wait N]`: a run in a process of its own.

Says « ready », waits for a line, runs, and prints how many accounts it touched. `kill N`: dies by
SIGKILL before its Nth statement. `cut N`: the database ends its connection there. `wait N`: says
« there » and waits for a line.

`python -m tests.lifecycle.worker NOW serve`: Django is loaded once, and each line « [kill|cut N] »
is a run in a child of its own. What the child prints is followed by a line with its exit status.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any


def main(now: str, how: str = "", at: str = "0") -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "mgestion.settings"
    import django

    django.setup()
    _say("ready")
    if how == "serve":
        _serve(now)
    else:
        sys.stdin.readline()
        _run(now, how, at)


def _serve(now: str) -> None:
    for line in sys.stdin:
        child = os.fork()  # before any connection to the database
        if child == 0:
            _run(now, *line.split())
            return
        _, status = os.waitpid(child, 0)
        _say(str(os.waitstatus_to_exitcode(status)))


def _run(now: str, how: str = "", at: str = "0") -> None:
    from django.db import connection, connections

    from lifecycle.engine.run import execute_run

    seen = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if how and seen == int(at):
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if how == "wait":
                _say("there")
                sys.stdin.readline()
                return execute(sql, params, many, context)
            other = connections.create_connection("default")
            pid = connection.connection.info.backend_pid
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        done = execute_run(
            datetime.fromisoformat(now), trigger="worker", any_hour=True, over_breaker=True
        )
    touched = sum(done.counts.values()) if done else 0
    _say(f"{touched} {seen}")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
