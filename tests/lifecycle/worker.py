"""`python -m tests.lifecycle.worker NOW [kill|cut|wait N]`: a run in a process of its own.

Says « ready », waits for a line, runs, and prints how many accounts it touched. `kill N`: dies by
SIGKILL before its Nth statement. `cut N`: the database ends its connection there. `wait N`: says
« there » and waits for a line.
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
    from django.db import connection, connections

    from lifecycle.flows.run import run

    seen = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if how and seen == int(at):
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if how == "wait":
                sys.stdout.write("there\n")
                sys.stdout.flush()
                sys.stdin.readline()
                return execute(sql, params, many, context)
            other = connections.create_connection("default")
            pid = connection.connection.info.backend_pid
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()
        return execute(sql, params, many, context)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with connection.execute_wrapper(count):
        done = run(datetime.fromisoformat(now), trigger="worker", any_hour=True, over_breaker=True)
    touched = sum(done.counts.values()) if done else 0
    sys.stdout.write(f"{touched} {seen}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
