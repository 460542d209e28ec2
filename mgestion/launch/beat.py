"""The scheduler of beat in production."""

import dbm
import logging
from typing import Final

from celery.beat import PersistentScheduler

_log = logging.getLogger(__name__)
_TROUBLE: Final = (OSError, *dbm.error)


class BeatScheduler(PersistentScheduler):
    """Celery's, which ends when its file cannot be written: this one goes on ticking. What the file
    holds is worth little: due work is found in the database. `launch.probe` sees the file's age.
    """

    def sync(self) -> None:
        try:
            super().sync()
        except _TROUBLE as trouble:
            _log.error("The schedule of beat cannot be saved: %s", trouble)
