"""Parses UPLOAD_SCANNER."""

import os
import shlex
from urllib.parse import urlsplit


def parse_scanner(text: str) -> str | list[str]:
    """ "" for none, « clamd://host:port », or a command as a list. ValueError for anything else."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme == "clamd":
        if not parts.hostname or not parts.port or parts.path.strip("/") or parts.username:
            raise ValueError(text)
        return text
    command = shlex.split(text)
    if not os.path.isabs(command[0]) or not os.access(command[0], os.X_OK):
        raise ValueError(text)
    return command
