"""Acts that start at the same moment, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Barrier, Thread
from typing import Any

from django.db import connection, connections

from mgestion.errors import Refused

SECONDS = 120


def run_together(*acts: Callable[[], Any], pool: Executor | None = None) -> list[Any]:
    """What each act returned; a `Refused` that it raised stands for its result, in any other case
    the error is raised here. The threads of a `pool`, as many as acts, keep their connections.
    """
    barrier = Barrier(len(acts), timeout=SECONDS)
    results: list[Future[Any]] = [Future() for _ in acts]

    def run(act: Callable[[], Any], result: Future[Any]) -> None:
        try:
            connection.ensure_connection()  # connected before the start
            barrier.wait()
            result.set_result(act())
        except Refused as refusal:
            result.set_result(refusal)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            result.set_exception(error)
        finally:
            if pool is None:
                connections.close_all()

    for act, result in zip(acts, results, strict=True):
        if pool is None:
            Thread(target=run, args=(act, result), daemon=True).start()
        else:
            pool.submit(run, act, result)
    return [result.result(timeout=SECONDS) for result in results]


def a_connection_waits() -> bool:
    """Whether PostgreSQL holds a connection back until another one's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])
