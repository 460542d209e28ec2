"""Acts that start at the same moment, each on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Barrier, Thread
from typing import Any

from django.db import connection, connections

from mgestion.errors import Refused

SECONDS = 120


def run_together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned; a `Refused` that it raised stands for its result, in any other case
    the error is raised here.
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
            connections.close_all()

    for act, result in zip(acts, results, strict=True):
        Thread(target=run, args=(act, result), daemon=True).start()
    return [result.result(timeout=SECONDS) for result in results]


def a_connection_waits() -> bool:
    """Whether PostgreSQL holds a connection back until another one's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])
