"""Readiness of the data folder, which documents and erasures need."""

import os
from datetime import datetime

from django.conf import settings


def check_data_folder(now: datetime) -> tuple[bool, str]:
    """For /readyz: whether the folder is writable, without writing; detects read-only mounts."""
    folder = settings.DATA_DIR
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return True, "writable"
    return False, "DATA_DIR is no folder that this process can write to"
