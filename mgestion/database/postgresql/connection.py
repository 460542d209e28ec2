"""A connection that waits for no answer for ever, whatever keeps the server silent.

`statement_timeout` is the server's: a server that is frozen, or whose disk hangs, does not keep it.
"""

import threading
import time
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

_PAUSE: Final = 2.0  # seconds without a try after a failed one


class ServerSilent(psycopg.OperationalError):
    """The server did not answer in time, or did not a moment ago. The connection is closed."""


class Circuit:
    """After a failure others fail at once for a moment, and one tries again.

    Else every thread of a web process would wait for a silent server, and nothing, /healthz
    included, would be answered.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open_until = 0.0  # of the monotonic clock; 0: the server answers

    def may_try(self) -> bool:
        """Whether to connect now. While the server is away, one caller a pause may."""
        with self._lock:
            now = time.monotonic()
            if not self._open_until:
                return True
            if now < self._open_until:
                return False
            self._open_until = now + _PAUSE
            return True

    def record(self, *, answers: bool) -> None:
        with self._lock:
            self._open_until = 0.0 if answers else time.monotonic() + _PAUSE


circuit = Circuit()


class BoundedConnection(psycopg.Connection[Any]):
    """`patience`: seconds that one command may take, None for any time."""

    patience: float | None = None

    def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
        if self.patience is None:
            return super().wait(gen, *arguments, **options)
        try:
            return super().wait(gen, *arguments, **{"timeout": self.patience, **options})
        except psycopg.OperationalError:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            # psycopg gave up and the command still runs: the connection is of no use any more.
            self.pgconn.finish()
            circuit.record(answers=False)
            raise ServerSilent(f"no answer within {self.patience:g} s") from None


def is_unreachable(trouble: BaseException | None) -> bool:
    """Whether `trouble` (Django's or psycopg's) says that the server is down, full, silent or too
    slow: the same request may succeed in a moment. Not so for a deadlock or a constraint.
    """
    cause = trouble.__cause__ if trouble is not None and trouble.__cause__ else trouble
    if not isinstance(cause, psycopg.OperationalError):
        return False
    # No state: the connection itself failed. The server says classes 08 (connection), 53 (no
    # connections, memory or disk left), 57 (shutting down, starting, canceled by its timeout) and
    # 58 (its files cannot be read or written).
    return cause.sqlstate is None or cause.sqlstate[:2] in ("08", "53", "57", "58")
