"""Whether the data folder takes files: without it, no document is kept and no erasure is done."""

import os
from datetime import datetime

from django.conf import settings


def writable(now: datetime) -> tuple[bool, str]:
    """For /readyz. Asks the system and writes nothing; a read-only mount is told too."""
    folder = settings.DATA_DIR
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return True, "writable"
    return False, "DATA_DIR is no folder that this process can write to"
