"""Readiness of the folders: documents and erasures need one, every page the collected files."""

import errno
import os
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def is_disk_full(trouble: BaseException | None) -> bool:
    """Whether `trouble` says that a disk of ours has no room: what was asked may succeed later."""
    return isinstance(trouble, OSError) and trouble.errno in _FULL


def check_data_folder(now: datetime) -> tuple[bool, str]:
    """For /readyz: whether the folder is writable, without writing; detects read-only mounts."""
    folder = settings.DATA_DIR
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return True, "writable"
    return False, "DATA_DIR is no folder that this process can write to"


def check_static_files(now: datetime) -> tuple[bool, str]:
    """For /readyz: without the list of collected files every page is a 500."""
    used: Any = staticfiles_storage
    if isinstance(used, ManifestFilesMixin) and not used.hashed_files:
        return False, "STATIC_DIR holds no collected files: run collectstatic"
    return True, "collected"
