"""An executor that does the work where it is asked: a test's transaction is the caller's."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Here:
    def __init__(self, **more: Any) -> None:
        """As ThreadPoolExecutor; the number of workers means nothing here."""

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*given))
        except Exception as trouble:  # noqa: BLE001  # as an executor: for who asks the result
            done.set_exception(trouble)
        return done

    def shutdown(self, **more: Any) -> None:
        """Nothing is left to wait for."""
