"""At most one mail of this process is « accepted by the server, not yet recorded » at any time.

A process that is killed in that moment sends the mail again after the lease. With several
connections it would be one mail for each; they therefore take turns for the last step, from the
line that ends the message to the record of the server's answer. Everything before goes on side by
side.
"""

import threading


class DoubtLock:
    """A lock that its own thread may begin and end any number of times."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mine = threading.local()

    def begin(self) -> None:
        if not getattr(self._mine, "held", False):
            self._lock.acquire()
            self._mine.held = True

    def end(self) -> None:
        if getattr(self._mine, "held", False):
            self._mine.held = False
            self._lock.release()


in_doubt = DoubtLock()
