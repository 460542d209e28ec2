"""The file broker of the embedded mode, with atomic messages.

With kombu's own, a worker may read a file that is still being written, and then stops for good.
Here the file gets its name once it is complete.
"""

import contextlib
import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

SCHEME = "wholefiles"


class Channel(filesystem.Channel):
    """Writes messages by renaming; skips a message that cannot be read."""

    def _put(  # type: ignore[override]  # named otherwise in the base of the base
        self, queue: str, payload: Any, **kwargs: Any
    ) -> None:
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f"{name}.part"
        part.write_bytes(dumps(payload).encode())
        os.replace(part, folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        # A lost message is harmless: the next sweep finds the rows.
        with contextlib.suppress(ValueError, OSError):
            return super()._get(queue)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel


def register_transport() -> None:
    """Registers the broker scheme `wholefiles://`."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
